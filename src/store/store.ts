/**
 * The store: tocsin.db in a worker thread. One commit is one transaction; what it was given is
 * durable (WAL, synchronous=FULL) when the promise resolves.
 */
import type { Alert, Change } from '../domain/alert.ts';
import type { AuditQuery, AuditRow, AuditVerdict, Deed, Link } from '../domain/audit.ts';
import type { Delivery, DeliveryQuery } from '../domain/delivery.ts';
import type { BlindTime } from '../domain/health.ts';
import type { Event } from '../domain/reading.ts';
import type { TaskMemory, TaskRun } from '../domain/task.ts';
import type { EpochMs, Ms } from '../domain/time.ts';
import type { Migrated } from '../platform/sqlite/migrate.ts';
import type { DeliveryMemory, DeliveryWrites } from './delivery-writes.ts';
import type { AccessRow, StoredAccess } from './tables/access.ts';
import type { MuteRow, StoredMute } from './tables/mutes.ts';
import type { Reply } from './tables/replies.ts';

/** An event with its number in the event log (gaps allowed). */
export interface StoredEvent extends Event {
  readonly number: number;
  readonly detectedAt: EpochMs;
}

export interface Batch {
  /** The instant of the commit, for `lastSeenAt`: a batch of cursors knows no other. */
  readonly at?: EpochMs;
  readonly changes: readonly Change[];
  /** Events whose kind, id, event and key are stored already are dropped. */
  readonly events: readonly (Event & { readonly detectedAt: EpochMs })[];
  readonly cursors: Readonly<Record<string, string>>;
  readonly blind: readonly BlindTime[];
  /**
   * Digests of rules and expiries of alerts, when they changed (see EngineMemory): all of them;
   * they replace what was stored.
   */
  readonly digests?: Readonly<Record<string, string>>;
  readonly expiries?: Readonly<Record<string, EpochMs>>;
  /** Reported runs as they are now; a run that is stored already is replaced. */
  readonly tasks?: readonly TaskRun[];
  /** Silences and windows that have changed, as they are now. */
  readonly mutes?: readonly MuteRow[];
  /** Answers to be given again to who asks again with the same Idempotency-Key. */
  readonly replies?: readonly Reply[];
  /** Tokens and sessions that have changed, as they are now. */
  readonly access?: readonly AccessRow[];
  /** What delivery has told, and what became of it. */
  readonly delivery?: DeliveryWrites;
  /** What was done, in order: each gets its number and its hash. */
  readonly audit?: readonly Deed[];
}

/** Nothing that is to be written, to put some more beside. */
export const emptyBatch: Batch = { changes: [], events: [], cursors: {}, blind: [] };

/** Why a commit did not happen. `full` may be tried again later; `broken` needs a restart. */
export type CommitAnswer =
  | {
      readonly type: 'committed';
      readonly events: readonly StoredEvent[];
      /** Of `audit`, in its order; left out where there was none. */
      readonly audit?: readonly Link[];
    }
  | { readonly type: 'full'; readonly why: string }
  | { readonly type: 'broken'; readonly why: string };

/** What happened at opening that people must know. */
export interface OpenReport {
  /** The old file was corrupt and is now here. */
  readonly setAside: string | null;
  readonly why: string | null;
  readonly schema: number;
  /** The file came from an older release, and was brought to this schema. */
  readonly migrated: Migrated | null;
  /** Of a copy that was kept in memory (volatile.ts); left out where there was none. */
  readonly volatile?:
    | { readonly type: 'flushed' }
    /** It does not go on from what is on the disk, and lies at `path` beside it. */
    | { readonly type: 'apart'; readonly path: string }
    /** It could not be brought to the disk, although that takes writing: it is still used. */
    | { readonly type: 'failed'; readonly why: string };
}

/** Everything the daemon needs to go on where it stopped. */
export interface Remembered {
  /** Pending and firing ones, and those resolved by hand that are still true. */
  readonly alerts: readonly Alert[];
  readonly digests: Readonly<Record<string, string>>;
  readonly occurrences: Readonly<Record<string, number>>;
  readonly expiries: Readonly<Record<string, EpochMs>>;
  /** When alerts have changed their state lately: `RULE KIND ID` -> instants, oldest first. */
  readonly turns: Readonly<Record<string, readonly EpochMs[]>>;
  readonly cursors: Readonly<Record<string, string>>;
  /** Jobs that were reported, the latest reports first. */
  readonly tasks: readonly TaskMemory[];
  readonly mutes: readonly StoredMute[];
  readonly access: StoredAccess;
  readonly lastSeq: number;
  /** Instant of the newest stored thing; null in a new database. */
  readonly lastSeenAt: EpochMs | null;
}

/**
 * Selects resolved alerts, newest first (startsAt, then id). Matchers are applied by the caller.
 * One that was dropped while pending (firingAt is null) is in no list; findAlert knows it.
 */
export interface AlertQuery {
  readonly severity?: readonly string[];
  readonly source?: readonly string[];
  readonly rule?: readonly string[];
  readonly resourceKind?: string;
  readonly resourceId?: string;
  readonly acknowledged?: boolean;
  /** Words that title or message must all hold, without regard to case. */
  readonly q?: string;
  /** Bounds of startsAt, both included. */
  readonly since?: EpochMs;
  readonly until?: EpochMs;
  /** Only alerts older than this one in the list's order. */
  readonly after?: { readonly startsAt: EpochMs; readonly id: string };
  readonly limit: number;
}

export interface EventQuery {
  readonly kind?: string;
  readonly id?: string;
  readonly event?: string;
  /** Bounds of `at`, both included. */
  readonly since?: EpochMs;
  readonly until?: EpochMs;
  /** Newest first, below this number. */
  readonly before?: number;
  readonly limit: number;
}

/** Selects reported runs, newest first. */
export interface TaskQuery {
  readonly id?: string;
  readonly job?: string;
  readonly key?: string;
  readonly state?: readonly string[];
  /** Only those older than this one, in the order of orderOf and id. */
  readonly after?: { readonly at: EpochMs; readonly id: string };
  readonly limit: number;
}

export interface StoreReads {
  listResolved(query: AlertQuery): Promise<readonly Alert[]>;
  findAlert(id: string): Promise<Alert | undefined>;
  /** All changes of one alert, oldest first. */
  changesOf(alertId: string): Promise<readonly Change[]>;
  /** At most `limit` changes with a number above `seq`, oldest first. */
  changesAfter(seq: number, limit: number): Promise<readonly Change[]>;
  /**
   * The number from which the log is complete; 0 when nothing was ever stored. Older changes may be
   * there (of alerts that are not resolved) with gaps. lastSeq + 1 when the newest were deleted.
   */
  oldestSeq(): Promise<number>;
  listEvents(query: EventQuery): Promise<readonly StoredEvent[]>;
  listTasks(query: TaskQuery): Promise<readonly TaskRun[]>;
  findReply(caller: string, key: string, now: EpochMs): Promise<Reply | undefined>;
  /** Messages with what became of them, newest first. */
  listDeliveries(query: DeliveryQuery): Promise<readonly Delivery[]>;
  deliveryMemory(): Promise<DeliveryMemory>;
  listAudit(query: AuditQuery): Promise<readonly AuditRow[]>;
  /** Blind times that lasted at `since` or began later. */
  listBlind(since: EpochMs): Promise<readonly BlindTime[]>;
  sizeBytes(): Promise<number>;
}

export interface Store extends StoreReads {
  readonly opened: OpenReport;
  remember(): Promise<Remembered>;
  /**
   * Rejects only for an error of the program: numbers of changes that leave a gap after those
   * stored (SeqRefused), or values that no table takes. What is stored already is passed over.
   */
  commit(batch: Batch): Promise<CommitAnswer>;
  /** Deletes what is older than the limits, oldest first; never an alert that is not resolved. */
  prune(
    limits: { readonly age: Ms; readonly bytes: number },
    now: EpochMs,
  ): Promise<{ readonly deleted: number }>;
  /** A compact copy of one state; commits go on meanwhile. */
  backup(path: string): Promise<void>;
  /** Whether a copy in memory is used, and the disk takes writing: a new start flushes it. */
  canFlush(): Promise<boolean>;
  /** Cheap: is the open file still the one at the path? The reason when it is not. */
  inspect(): Promise<string | null>;
  /**
   * quick_check in a thread of its own; the reason when the file is not sound, or was deleted or
   * replaced while it was open (the data is then written back, and commits are `broken`).
   */
  check(): Promise<string | null>;
  /** The whole chain of the audit, in a thread of its own. */
  verifyAudit(): Promise<AuditVerdict>;
  close(): Promise<void>;
}
