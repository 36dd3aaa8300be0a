/** The reading side of the worker: each answer as JSON; an empty text where nothing was found. */
import { statSync } from 'node:fs';
import { days } from '../domain/time.ts';
import type { Db } from '../platform/sqlite/connection.ts';
import { deliveryMemoryJson } from './delivery-memory.ts';
import type { StoreReads } from './store.ts';
import type { Tables } from './tables/tables.ts';

export type Reads = {
  readonly [K in keyof StoreReads | 'remember']: (
    ...input: K extends keyof StoreReads ? Parameters<StoreReads[K]> : []
  ) => string;
};

/** The longest window in which flap detection counts over a restart. */
const turnsWithin = days(1);

const fileBytes = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

function rememberJson(tables: Tables): string {
  const { lastSeq, lastSeenAt } = tables.meta.read();
  const rest = {
    digests: tables.digests.list(),
    occurrences: tables.occurrences.list(),
    expiries: tables.expiries.list(),
    turns: lastSeenAt === null ? {} : tables.changes.listTurns(lastSeenAt - turnsWithin),
    cursors: tables.cursors.list(),
    tasks: tables.tasks.remember(),
    mutes: tables.mutes.list(),
    access: tables.access.list(),
    lastSeq,
    lastSeenAt,
  };
  return `{"alerts":${tables.alerts.listOpen()},${JSON.stringify(rest).slice(1)}`;
}

function oldestSeq(tables: Tables): number {
  const { lastSeq, completeFrom } = tables.meta.read();
  return lastSeq === 0 ? 0 : completeFrom;
}

export const createReads = (db: Db, tables: Tables, path: string): Reads => ({
  // One transaction, so that everything belongs to the same instant.
  remember: () => db.transaction(() => rememberJson(tables))(),
  listResolved: (query) => tables.alerts.listResolved(query),
  findAlert: (id) => tables.alerts.find(id) ?? '',
  changesOf: (alertId) => tables.changes.listOfAlert(alertId),
  changesAfter: (seq, limit) => tables.changes.listAbove(seq, limit),
  oldestSeq: () => JSON.stringify(oldestSeq(tables)),
  listEvents: (query) => JSON.stringify(tables.events.list(query)),
  listTasks: (query) => tables.tasks.list(query),
  findReply: (caller, key, now) => tables.replies.find(caller, key, now),
  listDeliveries: (query) => tables.outbox.list(query),
  deliveryMemory: () => deliveryMemoryJson(tables),
  listAudit: (query) => JSON.stringify(tables.audit.list(query)),
  listBlind: (since) => JSON.stringify(tables.blind.list(since)),
  sizeBytes: () => JSON.stringify(fileBytes(path) + fileBytes(`${path}-wal`)),
});
