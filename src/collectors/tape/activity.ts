/** What counters say: is a command in flight, has it hung, was the device used lately. Pure. */
import { type Fact, isKnown, isUnreadable } from '../../domain/reading.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import type { Pulse } from './scsi.ts';

/** A picture of counters and since when it is the same. */
export interface Still {
  readonly picture: string;
  readonly since: EpochMs;
}

/** The counters are 32 bits wide (iocounterbits) and start again at zero. */
const counterRange = 2 ** 32;

/** Commands that were sent and have not ended. */
export function outstandingOf({ requests, done }: Pulse): Fact<number> {
  if (!isKnown(requests)) return requests;
  if (!isKnown(done)) return done;
  return (requests - done + counterRange) % counterRange;
}

/** True when one source says so; unreadable when none does and one refused. */
export function busyOf(pulse: Pulse): Fact<boolean> {
  const counts = [pulse.inFlight, pulse.deviceBusy, outstandingOf(pulse)];
  if (counts.some((count) => isKnown(count) && count > 0)) return true;
  return counts.find((count) => isUnreadable(count)) ?? false;
}

/** Counters of what has ended; they stand still while a command hangs. */
const endedPicture = (pulse: Pulse): string =>
  JSON.stringify([pulse.done, pulse.readCommands, pulse.writeCommands, pulse.otherCommands]);

/** Counters of what was asked and moved, by whomever. */
const usePicture = (pulse: Pulse): string =>
  JSON.stringify([pulse.requests, pulse.readBytes, pulse.writeBytes, pulse.otherCommands]);

/** Since when a command is in flight and none has ended; null while none is. */
export function nextStall(before: Still | null, pulse: Pulse, now: EpochMs): Still | null {
  const busy = busyOf(pulse);
  // Doubt holds what was known.
  if (isUnreadable(busy)) return before;
  if (busy !== true) return null;
  const picture = endedPicture(pulse);
  return before?.picture === picture ? before : { picture, since: now };
}

// A write takes milliseconds, a load or a rewind minutes; below this it is not worth a word.
export const stallShownAfter: Ms = 10_000;

export const isStalled = (stall: Still | null, now: EpochMs): stall is Still =>
  stall !== null && now - stall.since >= stallShownAfter;

/** Since when nobody has been seen to use it, on whatever clock `now` is of. */
export function nextUse(before: Still | undefined, pulse: Pulse, now: Ms): Still {
  const picture = usePicture(pulse);
  return before?.picture === picture && busyOf(pulse) === false ? before : { picture, since: now };
}
