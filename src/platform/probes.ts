/**
 * The door to what may hang: commands to devices, statfs of a mount, reads that wait for a queue.
 * Each runs in a child process with a limit, one at a time per object. A child that the kernel
 * does not let go even after SIGKILL is remembered and no second one is started for its object.
 */
import type { EpochMs, Ms } from '../domain/time.ts';
import type { Clock } from './clock.ts';
import type { Command, CommandResult } from './command.ts';

export type ProbeOutcome =
  | ({ readonly type: 'ended' } & CommandResult)
  /** It took longer than its limit and was ended. */
  | { readonly type: 'timeout' }
  /** The one before for the same object has not ended: a stuck device, or two askers. */
  | { readonly type: 'busy'; readonly since: EpochMs; readonly stuck: boolean }
  | { readonly type: 'missing'; readonly why: string };

export interface StuckProbe {
  readonly object: string;
  /** When its command was started. */
  readonly since: EpochMs;
  readonly argv: readonly string[];
}

export interface Probes {
  /** `object` names what must not be asked twice at once: `drive XYZ10`, `mount /srv`. */
  run(
    object: string,
    argv: readonly [string, ...string[]],
    options: {
      readonly timeout: Ms;
      readonly outputBytesMax?: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<ProbeOutcome>;
  /** Children that survived SIGKILL and are still there, oldest first. */
  stuck(): readonly StuckProbe[];
}

interface Running extends StuckProbe {
  stuck: boolean;
}

export function createProbes(command: Command, clock: Clock): Probes {
  const running = new Map<string, Running>();
  return {
    async run(object, argv, options) {
      const before = running.get(object);
      if (before) return { type: 'busy', since: before.since, stuck: before.stuck };
      const mine: Running = { object, argv, since: clock.now(), stuck: false };
      running.set(object, mine);
      const outcome = await command.run(argv, options);
      if (outcome.type === 'timeout' && outcome.gone !== undefined) {
        mine.stuck = true;
        void outcome.gone.then(() => running.delete(object));
        return { type: 'timeout' };
      }
      running.delete(object);
      return outcome;
    },
    stuck: () => [...running.values()].filter((one) => one.stuck),
  };
}
