/** The door to time. */
import type { EpochMs, Ms } from '../domain/time.ts';

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall time now. It can jump; `monotonic` cannot. */
  now(): EpochMs;
  /** Milliseconds on CLOCK_MONOTONIC, the clock of systemd's …Monotonic properties. */
  monotonic(): Ms;
  /** Calls once, not before `delay`. The process may end while a timer waits. */
  after(delay: Ms, call: () => void): Timer;
  /** Calls once when the events that are waiting now have been handled. */
  soon(call: () => void): void;
  /** Resolves after `delay`; at once when the signal aborts. */
  sleep(delay: Ms, signal?: AbortSignal): Promise<void>;
}

/** Longest delay of a Node timer; a longer one would fire at once (2^31 - 1 ms, 24.8 days). */
const timerDelayMsMax = 2_147_483_647;

/** Like setTimeout, for any delay; `held` keeps the process from ending meanwhile. */
function timer(delay: Ms, held: boolean, call: () => void): Timer {
  let timeout: NodeJS.Timeout;
  const wait = (rest: Ms): void => {
    const part = Math.min(Math.max(0, rest), timerDelayMsMax);
    timeout = setTimeout(() => (rest > part ? wait(rest - part) : call()), part);
    if (!held) timeout.unref();
  };
  wait(delay);
  return { cancel: () => clearTimeout(timeout) };
}

function sleep(delay: Ms, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal?.aborted === true) {
    resolve();
    return promise;
  }
  // Held: whoever awaits it wants to go on afterwards.
  const waiting = timer(delay, true, () => {
    signal?.removeEventListener('abort', wake);
    resolve();
  });
  function wake(): void {
    waiting.cancel();
    resolve();
  }
  signal?.addEventListener('abort', wake, { once: true });
  return promise;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  // libuv reads CLOCK_MONOTONIC for hrtime on Linux: the same clock as systemd, in nanoseconds.
  monotonic: () => Number(process.hrtime.bigint() / 1000n) / 1000,
  after: (delay, call) => timer(delay, false, call),
  soon: (call) => void setImmediate(call),
  sleep,
};
