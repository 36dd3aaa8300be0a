/** Messages with their attempts: those that wait, and what became of the others. */
import type { DeliveryQuery } from '../../domain/delivery.ts';
import type { Message, Outcome } from '../../domain/message.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';
import type { DeliveryWrites } from '../delivery-writes.ts';

/** Attempts that are shown of one message, the latest: after a week of trying there are 3,000. */
const attemptsShownMax = 50;
/** Kept of one message that still waits; older ones go. */
const attemptsKeptMax = 1000;
/** Messages that have ended, whatever their age: a year with twenty each hour. */
const endedMax = 200_000;
/** Most rows that one transaction deletes. */
const deletedPerStep = 500;

interface Row {
  readonly number: number;
  readonly channel: string;
  readonly key: string;
  readonly state: string;
  readonly next_at: EpochMs | null;
  readonly undo: string | null;
  readonly doc: string;
}

interface AttemptRow {
  readonly at: EpochMs;
  readonly took: Ms;
  readonly outcome: string;
}

function selectDeliveries(query: DeliveryQuery): string {
  const filters = [
    'TRUE',
    query.channel === undefined ? '' : 'channel = :channel',
    query.state === undefined ? '' : 'state IN (SELECT value FROM json_each(:state))',
    query.alertId === undefined
      ? ''
      : 'number IN (SELECT number FROM outbox_alerts WHERE alert_id = :alertId)',
    query.since === undefined ? '' : 'at >= :since',
    query.before === undefined ? '' : 'number < :before',
  ].filter((filter) => filter !== '');
  return `SELECT * FROM outbox WHERE ${filters.join(' AND ')} ORDER BY number DESC LIMIT :limit`;
}

const bound = ({ state, ...query }: DeliveryQuery): Record<string, unknown> => ({
  ...query,
  ...(state === undefined ? {} : { state: JSON.stringify(state) }),
});

/**
 * The message without what nobody looks at in a list: a hundred digests of a hundred alerts are
 * 200 MB with their evidence.
 */
function listedJson(doc: string): string {
  const message = JSON.parse(doc) as Message;
  const items = message.items.map((item) => ({
    ...item,
    alert: { ...item.alert, evidence: [], victims: [] },
  }));
  return JSON.stringify({ ...message, items });
}

function prepareWriting(db: Db) {
  const numberOf = db.prepare<[string], number>('SELECT number FROM outbox WHERE key = ?').pluck();
  const insert = db.prepare<[string, string, EpochMs, string, string]>(
    `INSERT INTO outbox (key, channel, at, state, undo, doc) VALUES (?, ?, ?, 'waiting', ?, ?)
     ON CONFLICT (key) DO NOTHING`,
  );
  const name = db.prepare<[string, number]>(
    'INSERT INTO outbox_alerts (alert_id, number) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const insertAttempt = db.prepare<[number, EpochMs, Ms, string]>(
    `INSERT INTO attempts (number, at, took, outcome) VALUES (?, ?, ?, ?)
     ON CONFLICT (number, at) DO NOTHING`,
  );
  const retry = db.prepare<[EpochMs | null, number]>(
    'UPDATE outbox SET next_at = ? WHERE number = ?',
  );
  const forgetAttempts = db.prepare<[number, number, number]>(
    `DELETE FROM attempts WHERE number = ? AND at <
       (SELECT at FROM attempts WHERE number = ? ORDER BY at DESC LIMIT 1 OFFSET ?)`,
  );
  const end = db.prepare<[string, EpochMs, string]>(
    `UPDATE outbox SET state = ?, ended_at = ?, next_at = NULL, undo = NULL WHERE key = ?`,
  );
  const docOf = db.prepare<[string], string>('SELECT doc FROM outbox WHERE key = ?').pluck();
  const trim = db.prepare<[string, string]>('UPDATE outbox SET doc = ? WHERE key = ?');
  return ({ messages, attempts, ends }: DeliveryWrites): void => {
    for (const { message, undo } of messages) {
      insert.run(message.key, message.channel, message.at, undo, JSON.stringify(message));
      const number = numberOf.get(message.key);
      if (number === undefined) continue;
      // All that it tells of, also those that it has no room to name.
      for (const alertId of Object.keys(JSON.parse(undo) as object)) name.run(alertId, number);
    }
    for (const { attempt, nextAt } of attempts) {
      const number = numberOf.get(attempt.key);
      if (number === undefined) continue;
      insertAttempt.run(number, attempt.at, attempt.took, JSON.stringify(attempt.outcome));
      retry.run(nextAt, number);
      forgetAttempts.run(number, number, attemptsKeptMax);
    }
    for (const { key, state, at } of ends) {
      end.run(state, at, key);
      // Its news is in a later message: an outage of a day would leave hundreds of these, whole.
      const doc = state === 'folded' ? docOf.get(key) : undefined;
      if (doc !== undefined) trim.run(listedJson(doc), key);
    }
  };
}

export function outboxTable(db: Db) {
  const attemptsOf = db.prepare<[number, number], AttemptRow>(
    'SELECT at, took, outcome FROM attempts WHERE number = ? ORDER BY at DESC LIMIT ?',
  );
  const waiting = db.prepare<[], Row>(
    `SELECT * FROM outbox WHERE state = 'waiting' ORDER BY number`,
  );
  const counted = db.prepare<[number], { failures: number; last: EpochMs | null }>(
    'SELECT count(*) AS failures, max(at) AS last FROM attempts WHERE number = ?',
  );
  const deleteEnded = db.prepare<[EpochMs, number]>(
    `DELETE FROM outbox WHERE number IN (
       SELECT number FROM outbox WHERE state <> 'waiting' AND ended_at < ?
       ORDER BY ended_at LIMIT ?)`,
  );
  const deleteBeyond = db.prepare<[number, number]>(
    `DELETE FROM outbox WHERE number IN (
       SELECT number FROM outbox WHERE state <> 'waiting'
         AND number <= (SELECT max(number) FROM outbox) - ? LIMIT ?)`,
  );
  const oldest = db
    .prepare<[], EpochMs | null>(`SELECT min(ended_at) FROM outbox WHERE state <> 'waiting'`)
    .pluck();

  /** As JSON, put together as text. */
  function deliveryJson({ number, channel, key, state, next_at, doc }: Row): string {
    const rows = attemptsOf.all(number, attemptsShownMax).toReversed();
    const attempts = rows.map(({ outcome, ...row }) => ({
      key,
      channel,
      ...row,
      outcome: JSON.parse(outcome) as Outcome,
    }));
    const rest = JSON.stringify({ number, state, attempts, nextAttemptAt: next_at });
    return `${rest.slice(0, -1)},"message":${listedJson(doc)}}`;
  }

  function waitingJson({ number, undo, next_at, doc }: Row): string {
    const { failures = 0, last = null } = counted.get(number) ?? {};
    const rest = { undo: undo ?? '{}', nextAt: next_at, failures, lastAttemptAt: last };
    return `${JSON.stringify(rest).slice(0, -1)},"message":${doc}}`;
  }

  return {
    write: prepareWriting(db),
    /** Newest first. */
    list(query: DeliveryQuery): string {
      const rows = db.prepare<[Record<string, unknown>], Row>(selectDeliveries(query));
      return `[${rows.all(bound(query)).map(deliveryJson).join(',')}]`;
    },
    /** As JSON of WaitingMessage. */
    listWaiting: (): string => `[${waiting.all().map(waitingJson).join(',')}]`,
    /** At most one step's worth; what waits is never deleted. */
    deleteEndedBefore: (at: EpochMs): number => deleteEnded.run(at, deletedPerStep).changes,
    deleteBeyondLimit: (): number => deleteBeyond.run(endedMax, deletedPerStep).changes,
    oldestEndedAt: (): EpochMs | undefined => oldest.get() ?? undefined,
  };
}
