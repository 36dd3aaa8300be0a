/** What was answered to requests that had an Idempotency-Key, for a day. */
import { days, type EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';

export interface Reply {
  readonly caller: string;
  readonly key: string;
  readonly at: EpochMs;
  /** Of the request: method, path, query and body. */
  readonly digest: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** draft-ietf-httpapi-idempotency-key-header leaves it to the server. */
const keptFor = days(1);
/** Beyond these the oldest go: a caller that makes a key for each second has 86,400 a day. */
const rowsMax = 100_000;
const bytesMax = 32 * 1024 * 1024;

export function repliesTable(db: Db) {
  const upsert = db.prepare<[string, string, EpochMs, string]>(
    `INSERT INTO replies (caller, key, at, doc) VALUES (?, ?, ?, ?)
     ON CONFLICT (caller, key) DO UPDATE SET at = excluded.at, doc = excluded.doc`,
  );
  const one = db
    .prepare<[string, string, EpochMs], string>(
      'SELECT doc FROM replies WHERE caller = ? AND key = ? AND at > ?',
    )
    .pluck();
  const deleteOld = db.prepare<[EpochMs]>('DELETE FROM replies WHERE at <= ?');
  const deleteOldest = db.prepare<[number]>(
    `DELETE FROM replies WHERE at <= (SELECT at FROM replies ORDER BY at DESC LIMIT 1 OFFSET ?)`,
  );
  const deleteBeyondSize = db.prepare<[number]>(
    `DELETE FROM replies WHERE at <= (SELECT max(at) FROM
       (SELECT at, sum(octet_length(doc)) OVER (ORDER BY at DESC) AS bytes FROM replies)
     WHERE bytes > ?)`,
  );
  return {
    write: (reply: Reply): void =>
      void upsert.run(reply.caller, reply.key, reply.at, JSON.stringify(reply)),
    /** As JSON; an empty text where there is none that still counts. */
    find: (caller: string, key: string, now: EpochMs): string =>
      one.get(caller, key, now - keptFor) ?? '',
    deleteOld: (now: EpochMs): number =>
      deleteOld.run(now - keptFor).changes +
      deleteOldest.run(rowsMax).changes +
      deleteBeyondSize.run(bytesMax).changes,
  };
}
