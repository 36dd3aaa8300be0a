/** Who did what: rows that are only ever added, and the two ends of their chain in meta. */
import {
  type AuditQuery,
  type AuditRow,
  chainStart,
  type Deed,
  hashOf,
  type Link,
  pruneOperation,
} from '../../domain/audit.ts';
import { days, type EpochMs } from '../../domain/time.ts';
import { chainKeys, readChainEnds } from '../../platform/sqlite/audit-file.ts';
import type { Db } from '../../platform/sqlite/connection.ts';

/** Beyond these the oldest go: ten deeds an hour make 88,000 a year. */
const rowsMax = 100_000;
/** No flood pushes these out, whoever sends it: no number of rows, and no database that is full. */
const keptAtLeast = days(7);
/** Whatever their age: some 300 MB. Only root alone, or many at once, can do so much in a week. */
const rowsHardMax = 1_000_000;
/** Rows of one step: one transaction. */
const rowsPerStep = 1000;
/** Rows go in lots, because each lot leaves a row of its own behind. */
const lot = { rows: 1000, age: days(1) } as const;

/** What retention says of itself. */
const pruneDeed = (at: EpochMs, through: Link): Deed => ({
  at,
  by: 'tocsin',
  door: 'none',
  client: null,
  operation: pruneOperation,
  subject: String(through.number),
  input: JSON.stringify(through),
  outcome: 'done',
});

const listSql = `SELECT number, at, by, door, client, operation, subject, input, outcome, hash
  FROM audit
  WHERE number < @before AND (@by IS NULL OR by = @by)
    AND (@operation IS NULL OR operation = @operation)
    AND at >= @since AND at <= @until
  ORDER BY number DESC LIMIT @limit`;

interface ListParameters {
  readonly before: number;
  readonly by: string | null;
  readonly operation: string | null;
  readonly since: number;
  readonly until: number;
  readonly limit: number;
}

const prepare = (db: Db) => ({
  insert: db.prepare<[AuditRow]>(
    `INSERT INTO audit (number, at, by, door, client, operation, subject, input, outcome, hash)
     VALUES (@number, @at, @by, @door, @client, @operation, @subject, @input, @outcome, @hash)`,
  ),
  put: db.prepare<[string, string]>(
    `INSERT INTO meta (key, value) VALUES (?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  ),
  select: db.prepare<[ListParameters], AuditRow>(listSql),
  first: db.prepare<[], AuditRow>('SELECT number, at FROM audit ORDER BY number LIMIT 1'),
  firstSince: db
    .prepare<[EpochMs, number], number>(
      'SELECT number FROM audit WHERE at >= ? AND number <= ? ORDER BY number LIMIT 1',
    )
    .pluck(),
  upTo: db.prepare<[number], Link>(
    'SELECT number, hash FROM audit WHERE number <= ? ORDER BY number DESC LIMIT 1',
  ),
  deleteThrough: db.prepare<[number]>('DELETE FROM audit WHERE number <= ?'),
});

type Statements = ReturnType<typeof prepare>;

/** The rows as a chain: what adds to it, and what takes off its beginning. */
function chainIn(db: Db, { insert, put, first, firstSince, upTo, deleteThrough }: Statements) {
  /** The chain goes on behind what somebody has put there or taken away: `verify` finds that. */
  function append(deeds: readonly Deed[]): readonly Link[] {
    if (deeds.length === 0) return [];
    const newest = upTo.get(Number.MAX_SAFE_INTEGER) ?? chainStart;
    const { head = newest } = readChainEnds(db);
    let { hash } = head;
    let number = Math.max(head.number, newest.number);
    const links = deeds.map((deed) => {
      number += 1;
      const row = { ...deed, number };
      hash = hashOf(hash, row);
      insert.run({ ...row, hash });
      return { number, hash };
    });
    put.run(chainKeys.head, JSON.stringify(links.at(-1)));
    return links;
  }

  const oldestNumber = (): number => first.get()?.number ?? 1;
  const newestNumber = (): number => upTo.get(Number.MAX_SAFE_INTEGER)?.number ?? 0;

  /**
   * Up to where rows are older, as far as one step looks. Rows stand as they came, whatever the
   * clock.
   */
  function lastBefore(instant: EpochMs): number {
    const last = Math.min(newestNumber(), oldestNumber() + rowsPerStep);
    return (firstSince.get(instant, last) ?? last + 1) - 1;
  }

  /** Deletes up to this number, at most one step; the number of rows deleted. */
  function prune(number: number, now: EpochMs): number {
    const through = upTo.get(Math.min(number, oldestNumber() + rowsPerStep - 1));
    if (through === undefined) return 0;
    const { changes } = deleteThrough.run(through.number);
    put.run(chainKeys.anchor, JSON.stringify(through));
    append([pruneDeed(now, through)]);
    return changes;
  }

  return { append, prune, lastBefore, oldestNumber, newestNumber };
}

export function auditTable(db: Db) {
  const statements = prepare(db);
  const { append, prune, lastBefore, oldestNumber, newestNumber } = chainIn(db, statements);
  const oldestAt = (): EpochMs | undefined => statements.first.get()?.at;
  return {
    append,
    list: ({ by, operation, since, until, before, limit }: AuditQuery): readonly AuditRow[] =>
      statements.select.all({
        before: before ?? Number.MAX_SAFE_INTEGER,
        by: by ?? null,
        operation: operation ?? null,
        since: since ?? -Number.MAX_VALUE,
        until: until ?? Number.MAX_VALUE,
        limit,
      }),
    /** Of rows that may make room for others; undefined where there is no lot of them. */
    oldestAt(now: EpochMs): EpochMs | undefined {
      const oldest = oldestNumber();
      const isMuch = newestNumber() - oldest >= 2 * lot.rows;
      return isMuch && lastBefore(now - keptAtLeast) - oldest >= lot.rows ? oldestAt() : undefined;
    },
    deleteOldest: (now: EpochMs): number => prune(lastBefore(now - keptAtLeast), now),
    /** Nothing goes until there is a day of it. */
    deleteBefore(instant: EpochMs, now: EpochMs): number {
      if ((oldestAt() ?? instant) >= instant - lot.age) return 0;
      return prune(lastBefore(instant), now);
    },
    deleteBeyondLimit(now: EpochMs, rows = rowsMax, hard = rowsHardMax): number {
      const [oldest, newest] = [oldestNumber(), newestNumber()];
      const old = Math.min(newest - rows, lastBefore(now - keptAtLeast));
      const through = Math.max(old, newest - hard);
      return through - oldest >= lot.rows ? prune(through, now) : 0;
    },
  };
}
