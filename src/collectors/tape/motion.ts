/** What the counters of each device did so far: hangs, use by others, our own commands apart. */
import type { EpochMs, Ms } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import { nextStall, nextUse, type Still } from './activity.ts';
import type { Pulse } from './scsi.ts';

export interface Motion {
  observe(key: string, pulse: Pulse, now: EpochMs): void;
  stallOf(key: string): Still | null;
  /** A hang that is known from before a restart. */
  restore(key: string, stall: Still | null): void;
  /** Since others last used it; 0 before the first look. */
  quietFor(key: string): Ms;
  isAsked(key: string): boolean;
  /** From now on its counters are moved by us. */
  beginAsking(key: string): void;
  /** What we moved is no use by others. */
  endAsking(key: string, pulse: Pulse): void;
  forget(key: string): void;
}

/** Use is timed by the clock that does not jump: a step back must not make a drive look used. */
export function createMotion(clock: Pick<Clock, 'monotonic'>): Motion {
  const stalls = new Map<string, Still | null>();
  const uses = new Map<string, Still>();
  const asked = new Set<string>();
  return {
    observe: (key, pulse, now) => {
      stalls.set(key, nextStall(stalls.get(key) ?? null, pulse, now));
      if (!asked.has(key)) uses.set(key, nextUse(uses.get(key), pulse, clock.monotonic()));
    },
    stallOf: (key) => stalls.get(key) ?? null,
    restore: (key, stall) => void stalls.set(key, stall),
    quietFor: (key) => clock.monotonic() - (uses.get(key)?.since ?? clock.monotonic()),
    isAsked: (key) => asked.has(key),
    beginAsking: (key) => void asked.add(key),
    endAsking: (key, pulse) => {
      const before = uses.get(key);
      const after = nextUse(undefined, pulse, clock.monotonic());
      uses.set(key, { ...after, since: before?.since ?? after.since });
      asked.delete(key);
    },
    forget: (key) => {
      stalls.delete(key);
      uses.delete(key);
    },
  };
}
