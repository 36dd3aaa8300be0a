/** A disk that does not answer at all (a frozen file system) keeps nobody from being told. */
import { type Ms, seconds } from '../domain/time.ts';
import type { Clock, Timer } from '../platform/clock.ts';

/** A disk that does not answer for this long is treated like a full one. */
const silenceMax = seconds(5);
/** What comes meanwhile is told as soon. */
const againEvery = seconds(1);

/** Calls `tell` when the silence has lasted too long, and then again and again, until cancelled. */
export function whileSilent(clock: Clock, tell: () => void): Timer {
  const wait = (delay: Ms): Timer => {
    const due = clock.monotonic() + delay;
    return clock.after(delay, () => {
      // Late: it was we who stood still (SIGSTOP, a suspended machine), not the disk.
      const late = clock.monotonic() - due > againEvery;
      if (!late) tell();
      timer = wait(late ? silenceMax : againEvery);
    });
  };
  let timer = wait(silenceMax);
  return { cancel: () => timer.cancel() };
}
