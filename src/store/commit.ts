/**
 * The one transaction. Batches that wait are written together: one fsync for all of them, each
 * answered for itself.
 */
import type { Change } from '../domain/alert.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Db } from '../platform/sqlite/connection.ts';
import { SeqRefused } from './errors.ts';
import type { Batch, CommitAnswer, StoredEvent } from './store.ts';
import type { Tables } from './tables/tables.ts';

type Committed = Extract<CommitAnswer, { type: 'committed' }>;

/** What became of one batch of a group. */
export type Written = Committed | { readonly type: 'refused'; readonly error: unknown };

/** What `lastSeenAt` becomes. A commit's own instant counts even when the clock was set back. */
function seenAt(batch: Batch, before: EpochMs | null): EpochMs | undefined {
  if (batch.at !== undefined) return batch.at;
  let newest = before ?? 0;
  for (const { at } of batch.changes) newest = Math.max(newest, at);
  for (const { detectedAt } of batch.events) newest = Math.max(newest, detectedAt);
  for (const { lastReportAt } of batch.tasks ?? []) newest = Math.max(newest, lastReportAt);
  for (const { since, until } of batch.blind) newest = Math.max(newest, until ?? since);
  return newest > 0 ? newest : undefined;
}

function writeChange(tables: Tables, change: Change, lastSeq: number): number {
  const { seq, alert } = change;
  // The same change once more (its first answer was lost): it is stored, all is well.
  if (seq <= lastSeq && tables.changes.isStored(change)) return lastSeq;
  if (seq !== lastSeq + 1)
    throw new SeqRefused(`change ${seq} (${change.reason}) cannot follow change ${lastSeq}`);
  if (alert.seq !== seq)
    throw new SeqRefused(`change ${seq} holds an alert of change ${alert.seq}`);
  const evidenceSeq = tables.changes.insert(change, tables.alerts.findEvidenceSeq(alert.id));
  tables.alerts.upsert(alert, evidenceSeq);
  tables.occurrences.count(alert);
  return seq;
}

function writeBatch(tables: Tables, batch: Batch): Committed {
  const before = tables.meta.read();
  let lastSeq = before.lastSeq;
  for (const change of batch.changes) lastSeq = writeChange(tables, change, lastSeq);
  const events: StoredEvent[] = [];
  for (const event of batch.events) {
    const number = tables.events.insert(event);
    if (number !== undefined) events.push({ ...event, number });
  }
  tables.cursors.upsert(batch.cursors);
  for (const blind of batch.blind) tables.blind.upsert(blind);
  for (const run of batch.tasks ?? []) tables.tasks.upsert(run);
  for (const row of batch.mutes ?? []) tables.mutes.write(row);
  for (const row of batch.access ?? []) tables.access.write(row);
  for (const reply of batch.replies ?? []) tables.replies.write(reply);
  if (batch.delivery !== undefined) {
    tables.told.write(batch.delivery);
    tables.outbox.write(batch.delivery);
  }
  if (batch.digests !== undefined) tables.digests.replace(batch.digests);
  if (batch.expiries !== undefined) tables.expiries.replace(batch.expiries);
  const audit = batch.audit === undefined ? undefined : tables.audit.append(batch.audit);
  const lastSeenAt = seenAt(batch, before.lastSeenAt);
  tables.meta.write({ lastSeq, ...(lastSeenAt === undefined ? {} : { lastSeenAt }) });
  return { type: 'committed', events, ...(audit !== undefined && { audit }) };
}

/**
 * Writes the batches in their order, in one transaction. When one of them is wrong, each is written
 * for itself, so that it harms no other. Throws errors of the world (disk, lock, file): nothing
 * of the group is stored then, or what is stored is found again by `isStored`.
 */
export function writeGroup(
  db: Db,
  tables: Tables,
  batches: readonly Batch[],
  isWorldly: (error: unknown) => boolean,
): readonly Written[] {
  const write = (batch: Batch): Written => writeBatch(tables, batch);
  const transaction = <T>(call: () => T): T => db.transaction(call).immediate();
  try {
    return transaction(() => batches.map(write));
  } catch (error) {
    if (isWorldly(error)) throw error;
    if (batches.length === 1) return [{ type: 'refused', error }];
  }
  return batches.map((batch) => {
    try {
      return transaction(() => write(batch));
    } catch (error) {
      if (isWorldly(error)) throw error;
      return { type: 'refused', error };
    }
  });
}
