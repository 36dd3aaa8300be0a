/** Alerts and their changes, in the shape every interface shows them (CONTRACT: "The alert"). */
import type { Value } from './reading.ts';
import type { EpochMs } from './time.ts';

export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** The worse, the higher. */
export const rankOf = (severity: Severity): number => severities.indexOf(severity);

export const alertSources = ['system', 'storage', 'scst', 'tape', 'vtl', 'task'] as const;
export type AlertSource = (typeof alertSources)[number];

export type Phase = 'pending' | 'firing' | 'resolved';

export const alertOrigins = [
  'rule',
  'hand', // raised by a person or program over the API
  'pushed', // by an Alertmanager client, such as Prometheus
  'drill', // an exercise: real in everything but its cause
] as const;
export type AlertOrigin = (typeof alertOrigins)[number];

/** One frozen fact from the moment the alert fired. */
export interface Evidence {
  /**
   * `journal`: lines of the unit's run; `attributes`: what changed; `job`: a job's result; `note`:
   * why there is none.
   */
  readonly type: 'journal' | 'attributes' | 'job' | 'note';
  readonly title: string;
  readonly lines: readonly string[];
}

/**
 * Who or what ended an alert: `recovered`, `gone`, `absent`, `rule-removed`, `expired`, `pushed`
 * (its end was), or `operator:NAME`.
 */
export type ResolvedBy = string;

export interface Alert {
  /** ULID of this occurrence. */
  readonly id: string;
  /** Id of the rule; of a pushed alert its `alertname`; `raised-by-hand` where there is none. */
  readonly rule: string;
  readonly origin: AlertOrigin;
  readonly fingerprint: string;
  readonly severity: Severity;
  readonly source: AlertSource;
  readonly phase: Phase;
  readonly stale: boolean;
  readonly title: string;
  readonly message: string;
  readonly advice: string;
  readonly resource: { readonly kind: string; readonly id: string };
  readonly labels: Readonly<Record<string, string>>;
  /** When the condition became true at the source. */
  readonly startsAt: EpochMs;
  /** When tocsin saw it. */
  readonly detectedAt: EpochMs;
  /** It was found after the fact: tocsin was down or blind when it began. */
  readonly foundLate: boolean;
  /** When it began to fire (after `for`); null while pending. */
  readonly firingAt: EpochMs | null;
  readonly updatedAt: EpochMs;
  readonly resolvedAt: EpochMs | null;
  readonly resolvedBy: ResolvedBy | null;
  /**
   * Resolved by hand while its condition was true, and that still is: it fires again when the
   * condition was false once.
   */
  readonly stillTrue: boolean;
  readonly acknowledged: boolean;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: EpochMs | null;
  /** When the acknowledgement ends by itself; null: with the alert. */
  readonly acknowledgedUntil: EpochMs | null;
  /** It ends when the alert changes: another title or message, or a higher severity. */
  readonly acknowledgedUntilChange: boolean;
  readonly comment: string | null;
  /**
   * Ids of alerts (inhibition, cause, flapping), silences or maintenance windows that keep it from
   * being announced.
   */
  readonly mutedBy: readonly string[];
  /** Id of the alert that is to blame. */
  readonly cause: string | null;
  /** Ids of other alerts that may be to blame, the likelier first. */
  readonly alternatives: readonly string[];
  /** Ids of the alerts this one is to blame for. */
  readonly victims: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly value: Value | null;
  /** 1 for the first time this rule fires for this resource, and so on. */
  readonly occurrence: number;
  /** Number of its latest change. */
  readonly seq: number;
}

export const changeReasons = [
  'pending', // condition true, `for` not over yet
  'dropped', // was pending, condition false again
  'raised',
  'severity',
  'stale',
  'fresh',
  'updated', // title, message, value or evidence
  'cause', // blame, victims or inhibition changed
  'muted', // silences, maintenance windows or flapping that mute it changed
  'acknowledged',
  'unacknowledged',
  'commented',
  'resolved',
  'cleared', // resolved by hand before, and now its condition is false: no longer `stillTrue`
] as const;
export type ChangeReason = (typeof changeReasons)[number];

/** One step of one alert: the alert as it is after the step. `alert.seq` equals `seq`. */
export interface Change {
  /** Gapless from 1. */
  readonly seq: number;
  readonly at: EpochMs;
  readonly reason: ChangeReason;
  /** Who did it, where a person or program did: `uid:0`, `token:NAME`. */
  readonly by: string | null;
  /** Through which door they did it: `local`, `api`; null where nobody did, or it is not known. */
  readonly door: string | null;
  readonly comment: string | null;
  readonly alert: Alert;
}
