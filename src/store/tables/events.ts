/** The event log. */
import type { Event } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';
import type { EventQuery, StoredEvent } from '../store.ts';

interface EventRow {
  readonly number: number;
  readonly kind: string;
  readonly id: string;
  readonly event: string;
  readonly key: string;
  readonly at: EpochMs;
  readonly detectedAt: EpochMs;
  readonly foundBy: Event['foundBy'];
  readonly attributes: string;
}

const columns = `number, kind, id, event, key, at, detected_at AS detectedAt,
  found_by AS foundBy, attributes`;

/** The rows' filter in SQL; every name is bound, null where it does not matter. */
function selectEvents(query: EventQuery): string {
  const filters = [
    query.kind === undefined ? '' : 'kind = :kind',
    query.id === undefined ? '' : 'id = :id',
    query.event === undefined ? '' : 'event = :event',
    query.since === undefined ? '' : 'at >= :since',
    query.until === undefined ? '' : 'at <= :until',
    query.before === undefined ? '' : 'number < :before',
  ].filter((filter) => filter !== '');
  const where = filters.length === 0 ? '' : `WHERE ${filters.join(' AND ')}`;
  return `SELECT ${columns} FROM events ${where} ORDER BY number DESC LIMIT :limit`;
}

export function eventsTable(db: Db) {
  const insert = db
    .prepare<[string, string, string, string, EpochMs, EpochMs, string, string], number>(
      `INSERT INTO events (kind, id, event, key, at, detected_at, found_by, attributes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (kind, id, event, key) DO NOTHING RETURNING number`,
    )
    .pluck();
  const oldest = db.prepare<[], { readonly number: number; readonly detectedAt: EpochMs }>(
    'SELECT number, detected_at AS detectedAt FROM events ORDER BY number LIMIT 1',
  );
  // Numbers grow with detected_at, so the oldest are the first: no index over time is needed.
  const deleteOldest = db.prepare<[number, EpochMs]>(
    `DELETE FROM events WHERE number IN (SELECT number FROM events ORDER BY number LIMIT ?)
     AND detected_at < ?`,
  );
  return {
    /** Its number, or undefined when the same happening is stored already. */
    insert(event: Event & { readonly detectedAt: EpochMs }): number | undefined {
      const { kind, id, event: name, key, at, detectedAt, foundBy } = event;
      const attributes = JSON.stringify(event.attributes);
      return insert.get(kind, id, name, key, at, detectedAt, foundBy, attributes);
    },
    /** Newest first. */
    list(query: EventQuery): readonly StoredEvent[] {
      const rows = db.prepare<[EventQuery], EventRow>(selectEvents(query)).all(query);
      return rows.map((row) => ({
        ...row,
        attributes: JSON.parse(row.attributes) as Event['attributes'],
      }));
    },
    oldestDetectedAt: (): EpochMs | undefined => oldest.get()?.detectedAt,
    /** At most `limit`, oldest first, and only those detected before `at`. */
    deleteOldest: (limit: number, at: EpochMs = Number.MAX_VALUE): number =>
      deleteOldest.run(limit, at).changes,
  };
}
