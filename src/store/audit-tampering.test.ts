/** Whatever somebody changes in the audit of a database file, the chain of hashes shows it. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { chainStart, hashOf, type StoredRow } from '../domain/audit.ts';
import { chainKeys, verifyAuditFile } from '../platform/sqlite/audit-file.ts';
import { connect, type Db } from '../platform/sqlite/connection.ts';
import { make, prunedTwice, tamper } from './audit.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-audit-'));
after(() => rmSync(folder, { recursive: true }));
const original = join(folder, 'tocsin.db');
const forged = join(folder, 'forged.db');
make(original, prunedTwice);
const first = 3;
const last = 13;

const rowsSql = 'SELECT * FROM audit ORDER BY number';

function readRows(path: string): readonly StoredRow[] {
  const db = connect(path, { readonly: true });
  try {
    return db.prepare<[], StoredRow>(rowsSql).all();
  } finally {
    db.close();
  }
}

/** What is said of a copy in which somebody has done this. */
function verdictAfter(call: (db: Db) => void) {
  copyFileSync(original, forged);
  tamper(forged, call);
  return verifyAuditFile(forged);
}

const someRow = fc.integer({ min: first, max: last });
const texts = ['by', 'door', 'client', 'operation', 'subject', 'input', 'outcome', 'hash'] as const;

/** Flips one bit of one byte; of a text that is null, it becomes one. */
const flipped = fc
  .record({ row: someRow, field: fc.constantFrom(...texts), at: fc.nat(), bit: fc.nat(7) })
  .map(({ row, field, at, bit }) => ({
    name: `bit ${bit} of byte ${at} of ${field} of row ${row}`,
    row,
    change: (db: Db): void => {
      const sql = `SELECT CAST(${field} AS BLOB) FROM audit WHERE number = ?`;
      const bytes = db.prepare<[number], Buffer | null>(sql).pluck().get(row) ?? Buffer.alloc(0);
      const i = bytes.length === 0 ? 0 : at % bytes.length;
      if (bytes.length > 0) bytes[i] = (bytes[i] ?? 0) ^ (1 << bit);
      const put = `UPDATE audit SET ${field} = CAST(? AS TEXT) WHERE number = ?`;
      db.prepare(put).run(bytes, row);
    },
  }));

const moved = fc
  .record({ row: someRow, by: fc.double({ noNaN: true, min: 1e-3, max: 1e9 }) })
  .map(({ row, by }) => ({
    name: `row ${row} is ${by} ms older`,
    row,
    change: (db: Db): void =>
      void db.prepare('UPDATE audit SET at = at - ? WHERE number = ?').run(by, row),
  }));

const removed = fc
  .record({ from: someRow, count: fc.integer({ min: 1, max: 4 }) })
  .map(({ from, count }) => ({
    name: `${count} rows from ${from} on are removed`,
    row: from,
    change: (db: Db): void =>
      void db.prepare('DELETE FROM audit WHERE number BETWEEN ? AND ?').run(from, from + count - 1),
  }));

const swapped = fc
  .uniqueArray(someRow, { minLength: 2, maxLength: 2 })
  .map(([a = first, b = last]) => ({
    name: `rows ${a} and ${b} are swapped`,
    row: Math.min(a, b),
    change: (db: Db): void => {
      const renumber = db.prepare('UPDATE audit SET number = ? WHERE number = ?');
      renumber.run(-1, a);
      renumber.run(a, b);
      renumber.run(b, -1);
    },
  }));

/** A copy of another row, put in between: all that follow make room. */
const inserted = fc.record({ copied: someRow, before: someRow }).map(({ copied, before }) => ({
  name: `a copy of row ${copied} stands before row ${before}`,
  row: before,
  change: (db: Db): void => {
    db.exec(`CREATE TEMP TABLE copy AS SELECT * FROM audit WHERE number = ${copied};
      UPDATE audit SET number = -number - 1 WHERE number >= ${before};
      UPDATE audit SET number = -number WHERE number < 0;
      UPDATE copy SET number = ${before};
      INSERT INTO audit SELECT * FROM copy;`);
  },
}));

test('a single change of any row is found, and named is the row or the first one behind it', () => {
  assert.deepEqual(verifyAuditFile(original).type, 'sound');
  fc.assert(
    fc.property(fc.oneof(flipped, moved, removed, swapped, inserted), ({ row, change }) => {
      const verdict = verdictAfter(change);
      assert.equal(verdict.type, 'broken');
      // A copy of the row before which it stands is found where the second one stands.
      assert.ok(verdict.type === 'broken' && [row, row + 1].includes(verdict.number));
    }),
    { numRuns: 100 },
  );
});

/** As if a byte of the file said so: a table that is not STRICT takes it from SQL too. */
const lax = (db: Db, column: string): void =>
  void db.exec(`CREATE TABLE lax AS SELECT * FROM audit; DROP TABLE audit;
    ALTER TABLE lax RENAME TO audit;
    UPDATE audit SET ${column} = CAST(${column} AS BLOB) WHERE number = 6`);

for (const column of texts)
  test(`bytes in place of the text of ${column} are found: no search for the text finds them`, () => {
    const verdict = verdictAfter((db) => lax(db, column));
    assert.ok(verdict.type === 'broken', 'sound');
    assert.deepEqual([verdict.number, /is not what was written/.test(verdict.why)], [6, true]);
  });

test('a byte of the file that is changed is found, or was none of the audit', () => {
  const bytes = readFileSync(original);
  const rows = readRows(original);
  const inAudit = rows.map((row) => bytes.indexOf(String(row.input)));
  assert.ok(inAudit.every((at) => at > 0));
  const anywhere = fc.nat(bytes.length - 1);
  const inRow = fc
    .record({ row: fc.constantFrom(...inAudit), at: fc.integer({ min: -60, max: 120 }) })
    .map(({ row, at }) => row + at);
  fc.assert(
    fc.property(fc.oneof(anywhere, inRow), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ change;
      writeFileSync(forged, copy);
      let verdict: ReturnType<typeof verifyAuditFile>;
      try {
        verdict = verifyAuditFile(forged);
      } catch {
        return; // Not a database any more: SQLite says so itself.
      }
      if (verdict.type === 'sound') assert.deepEqual(readRows(forged), rows);
    }),
    { numRuns: 150 },
  );
});

const setMeta = (key: string, value: string) => (db: Db) =>
  void db.prepare('UPDATE meta SET value = ? WHERE key = ?').run(value, key);
const linkOf = (db: Db, number: number): string => {
  const sql = 'SELECT number, hash FROM audit WHERE number = ?';
  return JSON.stringify(db.prepare(sql).get(number));
};

const ends: readonly {
  readonly name: string;
  readonly change: (db: Db) => void;
  readonly number: number;
  readonly why: RegExp;
}[] = [
  {
    name: 'a tail that was cut off',
    change: (db) => void db.exec('DELETE FROM audit WHERE number > 10'),
    number: 11,
    why: /rows 11 to 13 are missing at the end/,
  },
  {
    name: 'a head that was cut off',
    change: (db) => void db.exec('DELETE FROM audit WHERE number < 6'),
    number: 3,
    why: /rows 3 to 5 are missing/,
  },
  {
    name: 'a head that was cut off by somebody who knows of the anchor',
    change(db) {
      setMeta(chainKeys.anchor, linkOf(db, 5))(db);
      db.exec('DELETE FROM audit WHERE number < 6');
    },
    number: 3,
    why: /retention has deleted up to row 2/,
  },
  {
    name: 'a row put in behind the last one, with a hash that fits',
    change(db) {
      const [row] = db.prepare<[], StoredRow>('SELECT * FROM audit WHERE number = 13').all();
      assert.ok(row);
      const hash = hashOf(String(row.hash), { ...row, number: 14 });
      db.prepare(
        `INSERT INTO audit SELECT 14, at, by, door, client, operation, subject, input, outcome, ?
         FROM audit WHERE number = 13`,
      ).run(hash);
    },
    number: 14,
    why: /row 14 is added at the end/,
  },
  {
    name: 'a last row that was written anew, with a hash that fits',
    change(db) {
      const all = db.prepare<[], StoredRow>(rowsSql).all();
      const [before, row] = all.slice(-2);
      assert.ok(before && row);
      const hash = hashOf(String(before.hash), { ...row, by: 'uid:7' });
      db.prepare(`UPDATE audit SET by = 'uid:7', hash = ? WHERE number = 13`).run(hash);
    },
    number: 13,
    why: /not the one that was written last/,
  },
  {
    name: 'an audit that was emptied',
    change: (db) => void db.exec('DELETE FROM audit'),
    number: 3,
    why: /rows 3 to 13 are missing at the end/,
  },
  {
    name: 'a number of the end that was turned back',
    change: setMeta(chainKeys.head, JSON.stringify(chainStart)),
    number: 1,
    why: /added at the end/,
  },
  {
    name: 'an end that is no text of ours',
    change: setMeta(chainKeys.head, 'x'),
    number: 0,
    why: /where the chain ends cannot be read/,
  },
  {
    name: 'a beginning that is no text of ours',
    change: setMeta(chainKeys.anchor, '{"number":2,"hash":"00"}'),
    number: 0,
    why: /where the chain begins cannot be read/,
  },
  {
    name: 'a beginning with another hash',
    change: setMeta(chainKeys.anchor, JSON.stringify({ ...chainStart, number: 2 })),
    number: 3,
    why: /row 3 is not what was written/,
  },
];

for (const { name, change, number, why } of ends)
  test(`${name} is found and named`, () => {
    const verdict = verdictAfter(change);
    assert.ok(verdict.type === 'broken', 'sound');
    assert.match(verdict.why, why);
    assert.equal(verdict.number, number);
  });

test('bytes that both read as the sign for no text are told apart', () => {
  const row = { ...readRows(original)[0], number: 1 } as StoredRow;
  const sign = hashOf(chainStart.hash, { ...row, input: Buffer.from([0xef, 0xbf, 0xbd]) });
  const other = hashOf(chainStart.hash, { ...row, input: Buffer.from([0xf0, 0xbf, 0xbd]) });
  assert.notEqual(sign, other);
});

test('a text may not move from one field into the next', () => {
  const row = { ...readRows(original)[0], number: 1, by: 'uid:10', door: 'local' } as StoredRow;
  const moved = { ...row, by: 'uid:1', door: '0local' };
  assert.notEqual(hashOf(chainStart.hash, row), hashOf(chainStart.hash, moved));
  const absent = { ...row, client: null };
  assert.notEqual(hashOf(chainStart.hash, absent), hashOf(chainStart.hash, { ...row, client: '' }));
});
