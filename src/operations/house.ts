/**
 * What operations need of the running daemon. The daemon builds one; every door (REST, stream,
 * CLI, later D-Bus) reaches it through operations only.
 */
import type { Alert, Change } from '../domain/alert.ts';
import type { BlindTime, ComponentHealth, Health } from '../domain/health.ts';
import type { Kind } from '../domain/kind.ts';
import type { Resource } from '../domain/resource.ts';
import type { Complaint, RuleSummary } from '../domain/rule.ts';
import type { TaskMemory, TaskRun } from '../domain/task.ts';
import type { TaskReport } from '../domain/task-report.ts';
import type { EpochMs } from '../domain/time.ts';
import type { HistoryAnswer, HistoryQuery } from '../history/history.ts';
import type { Deed, RaisedByHand } from '../rules/engine.ts';
import type { AlertQuery, EventQuery, StoredEvent, TaskQuery } from '../store/store.ts';
import type { Reply } from '../store/tables/replies.ts';
import type { Caller, Login, Role } from './caller.ts';
import type { Figures } from './figures.ts';
import type { Access } from './house-access.ts';
import type { Audit } from './house-audit.ts';
import type { DeliveryDesk } from './house-delivery.ts';
import type { FindRecentEdits } from './house-edits.ts';
import type { Mutes } from './house-mutes.ts';
import type { Records } from './house-records.ts';
import type { RuleDesk } from './house-rules.ts';

export type { Caller, Login, Role };

/** What a stream client sees beside changes. */
export interface Notice {
  /** `system`, `task`, … : the type of the message on the stream. */
  readonly type: 'task' | 'system' | 'storage' | 'scst' | 'tape' | 'vtl' | 'metrics';
  readonly at: EpochMs;
  readonly data: unknown;
}

/** The published log: what is durable, in order. Readers keep their own cursor. */
export interface Feed {
  lastSeq(): number;
  /** Oldest number that can still be read. */
  oldestSeq(): Promise<number>;
  /** Changes above `seq`, oldest first, from memory where possible. */
  after(seq: number, limit: number): Promise<readonly Change[]>;
  /** Rings, without data, when there is something new. Returns the way to unsubscribe. */
  onRing(ring: () => void): () => void;
  /** Notices have no number and are not repeated. */
  onNotice(take: (notice: Notice) => void): () => void;
}

/** An act on an alert that cannot be done. */
export type ActAnswer =
  | { readonly type: 'done'; readonly alert: Alert; readonly changed: boolean }
  | { readonly type: 'unknown' }
  | { readonly type: 'already-resolved'; readonly alert: Alert };

/** What became of a report of a run. */
export type TaskAnswer =
  /** The run as it is now, with what is known of its job. */
  | { readonly type: 'done'; readonly memory: TaskMemory; readonly isNew: boolean }
  | { readonly type: 'unknown' }
  | { readonly type: 'wrong'; readonly field: string; readonly why: string }
  | { readonly type: 'conflict'; readonly why: string }
  /** It could not be made durable. */
  | { readonly type: 'unstored'; readonly why: string };

/** Runs that programs report. Those of units are in the inventory alone. */
export interface Tasks {
  /** Resolves when it is durable. */
  report(report: TaskReport, by: string): Promise<TaskAnswer>;
  /** By the id of a run, or the name of a job: its latest run. */
  update(id: string, report: Omit<TaskReport, 'job' | 'key'>, by: string): Promise<TaskAnswer>;
  find(id: string): Promise<TaskRun | undefined>;
}

/** Answers to requests that had an Idempotency-Key. */
export interface Replies {
  /** Undefined where there is none, or none that still counts. */
  find(caller: string, key: string): Promise<Reply | undefined>;
  /** Resolves when it is durable, or when it cannot be made so. */
  keep(reply: Reply): Promise<void>;
}

export interface House {
  readonly version: string;
  readonly startedAt: EpochMs;
  readonly kinds: readonly Kind[];
  now(): EpochMs;
  readonly feed: Feed;
  /** pending and firing alerts, as published. */
  activeAlerts(): readonly Alert[];
  listResolved(query: AlertQuery): Promise<readonly Alert[]>;
  findAlert(id: string): Promise<Alert | undefined>;
  changesOf(alertId: string): Promise<readonly Change[]>;
  /** Resolves when it is durable and published. */
  act(alertId: string, deed: Deed, by: string): Promise<ActAnswer>;
  /** Undefined when so many are active that no more can be raised. */
  raise(alert: RaisedByHand, by: string): Promise<Alert | undefined>;
  /** When alerts that were raised end by themselves, by the id of the alert. */
  expiries(): Readonly<Record<string, EpochMs>>;
  readonly tasks: Tasks;
  readonly delivery: DeliveryDesk;
  readonly mutes: Mutes;
  readonly records: Records;
  readonly recentEdits: FindRecentEdits;
  /** Reported runs, newest first. */
  listTasks(query: TaskQuery): Promise<readonly TaskRun[]>;
  listEvents(query: EventQuery): Promise<readonly StoredEvent[]>;
  resources(kind?: string): readonly Resource[];
  findResource(kind: string, id: string): Resource | undefined;
  rules(): readonly RuleSummary[];
  readonly ruleDesk: RuleDesk;
  readonly replies: Replies;
  readonly access: Access;
  readonly audit: Audit;
  /** Checks a rule file's text as if it stood in the last rules folder. */
  validateRules(text: string, file: string): readonly Complaint[];
  health(): {
    readonly status: Health;
    readonly components: Readonly<Record<string, ComponentHealth>>;
  };
  /** Of tocsin itself. */
  figures(): Figures;
  /** The past of one number. */
  numbers(query: HistoryQuery): Promise<HistoryAnswer>;
  blindTimes(since: EpochMs): Promise<readonly BlindTime[]>;
  /** The first complete reading of every collector is in (or has failed). */
  ready(): boolean;
  /** The pipeline made progress lately; the reason when it did not. */
  alive(): string | null;
  /** Settings and rules anew; why they were refused, null when they are in force. */
  reload(): Promise<string | null>;
}
