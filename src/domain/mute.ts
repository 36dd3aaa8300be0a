/**
 * Mutes: what keeps an alert from being announced. They decide who is told, never what is true.
 * Silences and maintenance windows are made by people; inhibition and blame by the engine.
 */
import type { EpochMs, Ms } from './time.ts';

export const matcherOperators = ['=', '!=', '=~', '!~'] as const;

/** One matcher as it is stored; `rules/matchers.ts` makes it ready to be asked. */
export interface MatcherText {
  readonly name: string;
  readonly operator: (typeof matcherOperators)[number];
  readonly value: string;
}

export interface Silence {
  /** UUID: amtool and Alertmanager's other clients accept nothing else. */
  readonly id: string;
  /** At least one; all must hold. */
  readonly matchers: readonly MatcherText[];
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  readonly comment: string;
  /** As told: a name that a client gave, else the caller. */
  readonly createdBy: string;
  /** The caller as the door knew them: `uid:0`. */
  readonly setBy: string;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  /** Who ended it before its time; null: nobody. */
  readonly endedBy: string | null;
}

/** When a maintenance window is open. */
export type Schedule =
  | { readonly type: 'once'; readonly startsAt: EpochMs; readonly endsAt: EpochMs }
  /** Opens at each moment of a systemd calendar expression, and stays open for `duration`. */
  | { readonly type: 'calendar'; readonly calendar: string; readonly duration: Ms };

export interface Maintenance {
  /** ULID. */
  readonly id: string;
  /** None: everything. */
  readonly matchers: readonly MatcherText[];
  readonly schedule: Schedule;
  readonly comment: string;
  readonly createdBy: string;
  readonly setBy: string;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  /** Who ended it for good, when; null: nobody. */
  readonly endedBy: string | null;
  readonly endedAt: EpochMs | null;
}

/** A mute that is in force now, as the engine takes it. */
export interface ActiveMute {
  /** Of the silence or of the maintenance window: what `mutedBy` of an alert names. */
  readonly id: string;
  readonly type: 'silence' | 'maintenance';
  readonly matchers: readonly MatcherText[];
}
