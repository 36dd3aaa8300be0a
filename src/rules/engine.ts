/**
 * The engine: rules and differences in, changes out. A closure with state (the alerts that are
 * pending or firing); the same inputs in the same order always give the same changes.
 */
import type { Alert, AlertOrigin, Change, Evidence } from '../domain/alert.ts';
import type { ActiveMute } from '../domain/mute.ts';
import type { Difference, Resource } from '../domain/resource.ts';
import type { RuleSummary } from '../domain/rule.ts';
import type { EpochMs, Ms } from '../domain/time.ts';
import type { CompiledRules } from './compiled.ts';

/** What a person or program does to one alert. */
export type Deed = DeedOf & {
  /** Through which door they came. */
  readonly door?: string | undefined;
};

type DeedOf =
  | {
      readonly type: 'acknowledge';
      readonly comment: string | null;
      /** When it ends by itself: at an instant, or when it changes; left out: with the alert. */
      readonly until?: EpochMs | 'change' | null;
    }
  | { readonly type: 'unacknowledge' | 'resolve'; readonly comment: string | null }
  | { readonly type: 'comment'; readonly comment: string }
  | { readonly type: 'evidence'; readonly evidence: readonly Evidence[] };

/** An alert raised by hand or by a program, without a rule of ours. */
export interface RaisedByHand {
  /** Through which door it came. */
  readonly door?: string | undefined;
  /** `hand` where left out. */
  readonly origin?: Exclude<AlertOrigin, 'rule'>;
  /** What stands in `alert.rule`; `raised-by-hand` where left out. */
  readonly rule?: string;
  /** When it began at its source; now where left out. */
  readonly startsAt?: EpochMs;
  readonly severity: Alert['severity'];
  readonly source: Alert['source'];
  readonly title: string;
  readonly message: string;
  readonly advice: string;
  readonly resource: { readonly kind: string; readonly id: string };
  readonly labels: Readonly<Record<string, string>>;
  /** What else was said of it, in place of what was said before. */
  readonly evidence?: readonly Evidence[];
  /** Raising again with the same key updates the alert instead of raising a second. */
  readonly key: string;
  readonly expiresAt: EpochMs | null;
}

/** From how many changes of state on an alert flaps, and until when (see engine/flaps.ts). */
export interface FlapSettings {
  readonly window: Ms;
  /** It flaps from so many changes in the window on. */
  readonly enter: number;
  /** And until there are fewer than so many; at most as many as `enter`. */
  readonly exit: number;
}

/** What survives a restart, beside the alerts themselves. */
export interface EngineMemory {
  /** pending and firing alerts, and those that were resolved by hand and are still true. */
  readonly alerts: readonly Alert[];
  /** Digest of each rule when its alerts were stored: another digest starts the rule anew. */
  readonly digests: Readonly<Record<string, string>>;
  /** How often each rule has fired for each resource so far: `RULE KIND ID` -> count. */
  readonly occurrences: Readonly<Record<string, number>>;
  /**
   * Instants kept beside the alerts, all replaced together: ends of alerts raised by hand under
   * their id; and under names of several words what else waits (see engine/memory.ts).
   */
  readonly expiries: Readonly<Record<string, EpochMs>>;
  readonly lastSeq: number;
  /**
   * When alerts have changed their state lately, oldest first: `RULE KIND ID` -> instants. Not
   * stored apart: the store finds it in the changes.
   */
  readonly turns?: Readonly<Record<string, readonly EpochMs[]>>;
  /** In force; not stored, for a recording that begins. */
  readonly flapping?: FlapSettings | null;
  /** How often the texts of each alert were updated; not stored, for a recording that begins. */
  readonly updates?: Readonly<Record<string, number>>;
}

export interface Engine {
  /** Evaluates the rules of the kinds concerned, in order. Phases never wait for a later call. */
  apply(differences: readonly Difference[], now: EpochMs): readonly Change[];
  /** Does what has become due (`for`, `keepFiringFor`, ages, windows, expiries). */
  advance(now: EpochMs): readonly Change[];
  /** The earliest instant at which `advance` has something to do; undefined when never. */
  nextDue(): EpochMs | undefined;
  act(alertId: string, deed: Deed, by: string, now: EpochMs): readonly Change[];
  /** No change when it is active and the same already, or when there are too many alerts. */
  raise(alert: RaisedByHand, by: string, now: EpochMs): readonly Change[];
  /** The active alert that was raised for this key and resource. */
  findRaised(alert: RaisedByHand): Alert | undefined;
  /** The silences and maintenance windows that are in force from now on: all of them. */
  setMutes(mutes: readonly ActiveMute[], now: EpochMs): readonly Change[];
  /** Other settings of flap detection; null: none. The same ones change nothing. */
  setFlapping(settings: FlapSettings | null, now: EpochMs): readonly Change[];
  /** Takes another rule set; unchanged rules (by digest) keep their state. */
  reload(rules: CompiledRules, resources: readonly Resource[], now: EpochMs): readonly Change[];
  /**
   * The first complete (or absent) reading of these kinds was applied: what the memory had and
   * that reading did not name is gone. Until then, restored alerts hold.
   */
  settle(kinds: readonly string[], now: EpochMs, resolvedBy?: 'gone' | 'absent'): readonly Change[];
  /** What must survive a restart, as of now. */
  memory(): EngineMemory;
  /** `memory().expiries`, cheaper: the same object as long as nothing in it has changed. */
  expiries(): Readonly<Record<string, EpochMs>>;
  /** Alerts that are put off because there are `alertsMax` already; tried again each minute. */
  putOff(): number;
  /** The wall clock jumped by `delta`: waiting times go on as if it had not. */
  clockStepped(delta: Ms): void;
  /** pending and firing alerts. */
  active(): readonly Alert[];
  rules(): readonly RuleSummary[];
}
