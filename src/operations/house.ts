/**
 * What operations need of the running daemon. The daemon builds one; every door (REST, stream,
 * CLI, later D-Bus) reaches it through operations only.
 */
import type { Alert, Change } from '../domain/alert.ts';
import type { BlindTime, ComponentHealth, Health } from '../domain/health.ts';
import type { Kind } from '../domain/kind.ts';
import type { Resource } from '../domain/resource.ts';
import type { Complaint, RuleSummary } from '../domain/rule.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Deed, RaisedByHand } from '../rules/engine.ts';
import type { AlertQuery, EventQuery, StoredEvent } from '../store/store.ts';

export type Role = 'none' | 'viewer' | 'operator' | 'admin';

/** Who asks, as the door found out: never what the caller says of itself. */
export interface Caller {
  readonly role: Role;
  /** For records: `uid:0`, `token:dev`. */
  readonly name: string;
}

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
  raise(alert: RaisedByHand, by: string): Promise<Alert>;
  listEvents(query: EventQuery): Promise<readonly StoredEvent[]>;
  resources(kind?: string): readonly Resource[];
  findResource(kind: string, id: string): Resource | undefined;
  rules(): readonly RuleSummary[];
  /** Checks a rule file's text as if it stood in the last rules folder. */
  validateRules(text: string, file: string): readonly Complaint[];
  health(): {
    readonly status: Health;
    readonly components: Readonly<Record<string, ComponentHealth>>;
  };
  blindTimes(since: EpochMs): Promise<readonly BlindTime[]>;
  /** The first complete reading of every collector is in (or has failed). */
  ready(): boolean;
  /** The pipeline made progress lately; the reason when it did not. */
  alive(): string | null;
}
