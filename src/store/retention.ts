/**
 * Deletes what is older than the limits: resolved alerts with their changes, events, blind times,
 * runs of jobs, messages, deeds.
 * A sequence of short transactions, so that commits find their way in between.
 */
import type { EpochMs, Ms } from '../domain/time.ts';
import type { Db } from '../platform/sqlite/connection.ts';
import { releasePages, usedBytes } from '../platform/sqlite/space.ts';
import type { Tables } from './tables/tables.ts';

export interface Limits {
  readonly age: Ms;
  readonly bytes: number;
}

/** Alerts of one step. Each may have many changes, so it is less than for events. */
const alertsPerStep = 100;
const eventsPerStep = 1000;
/** Given up when the disk is full: few, because deleting writes to the WAL first. */
const eventsGivenUp = 500;

function deleteEndedAlerts(tables: Tables, before: EpochMs): number {
  const ended = tables.alerts.listEndedBefore(before, alertsPerStep);
  let { completeFrom } = tables.meta.read();
  for (const { id, newest } of ended) {
    tables.alerts.delete(id);
    completeFrom = Math.max(completeFrom, newest + 1);
  }
  if (ended.length > 0) tables.meta.write({ completeFrom });
  return ended.length;
}

/** One step towards the size limit: the oldest of events, resolved alerts, messages, deeds. */
function deleteOldest(tables: Tables, now: EpochMs): number {
  const kinds = [
    [tables.events.oldestDetectedAt(), () => tables.events.deleteOldest(eventsPerStep)],
    [tables.alerts.oldestEndedAt(), () => deleteEndedAlerts(tables, Number.MAX_VALUE)],
    [tables.outbox.oldestEndedAt(), () => tables.outbox.deleteEndedBefore(Number.MAX_VALUE)],
    [tables.audit.oldestAt(now), () => tables.audit.deleteOldest(now)],
  ] as const;
  const ages = kinds.map(([at]) => at ?? Number.POSITIVE_INFINITY);
  const oldest = Math.min(...ages);
  return Number.isFinite(oldest) ? (kinds[ages.indexOf(oldest)]?.[1]() ?? 0) : 0;
}

/** Yields the number of things deleted after each transaction. */
export function* pruneSteps(
  db: Db,
  tables: Tables,
  limits: Limits,
  now: EpochMs,
): Generator<number, void> {
  const inTransaction = (call: () => number): number => db.transaction(call).immediate();
  const tooOld = now - limits.age;
  const byAge = [
    () => deleteEndedAlerts(tables, tooOld),
    () => tables.events.deleteOldest(eventsPerStep, tooOld),
    () => tables.blind.deleteEndedBefore(tooOld),
    () => tables.tasks.deleteBefore(tooOld),
    () => tables.replies.deleteOld(now),
    () => tables.outbox.deleteEndedBefore(tooOld),
    () => tables.outbox.deleteBeyondLimit(),
    () => tables.audit.deleteBefore(tooOld, now),
    () => tables.audit.deleteBeyondLimit(now),
  ];
  for (const step of byAge)
    for (let deleted = inTransaction(step); deleted > 0; deleted = inTransaction(step))
      yield deleted;
  while (usedBytes(db) > limits.bytes) {
    const deleted = inTransaction(() => deleteOldest(tables, now));
    if (deleted === 0) break;
    yield deleted;
  }
  tables.occurrences.forgetBeyondLimit();
  for (const _ of releasePages(db)) yield 0;
  db.pragma('wal_checkpoint(TRUNCATE)');
}

/** Makes room in a full database: the oldest events go, alerts never. Throws when that fails. */
export function giveUpEvents(db: Db, tables: Tables): void {
  db.transaction(() => tables.events.deleteOldest(eventsGivenUp)).immediate();
  db.pragma('wal_checkpoint(TRUNCATE)');
}
