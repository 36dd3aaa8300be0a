import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AuditRow } from '../domain/audit.ts';
import { days, seconds } from '../domain/time.ts';
import { verifyAuditFile } from '../platform/sqlite/audit-file.ts';
import { deedOf, deeds, make, tamper } from './audit.fixture.ts';
import { openDatabase } from './open.ts';
import { pruneSteps } from './retention.ts';
import { committed, raisings, start, temporaryFolder, temporaryStore } from './samples.fixture.ts';
import { migrations } from './schema/migrations.ts';
import { prepareTables } from './tables/tables.ts';

const newPath = (t: TestContext): string => join(temporaryFolder(t), 'tocsin.db');

const soundRows = (path: string): number | string => {
  const verdict = verifyAuditFile(path);
  return verdict.type === 'sound' ? verdict.rows : verdict.why;
};

function readRows(path: string, query: object = {}): readonly AuditRow[] {
  let rows: readonly AuditRow[] = [];
  make(path, ({ audit }) => {
    rows = audit.list({ limit: 99, ...query });
  });
  return rows;
}

/** The number of rows that retention has deleted. */
function prune(path: string, limits: { age: number; bytes?: number }, now: number): number {
  const { db } = openDatabase(path, { now: start });
  let deleted = 0;
  const tables = prepareTables(db);
  for (const step of pruneSteps(db, tables, { bytes: 1e12, ...limits }, now)) deleted += step;
  db.close();
  return deleted;
}

test('each deed gets the next number, and the hash that the answer names', async (t) => {
  const store = await temporaryStore(t);
  assert.partialDeepStrictEqual(await store.verifyAudit(), { type: 'sound', rows: 0 });
  const { audit = [] } = await committed(store, { audit: deeds(1, 3) });
  assert.deepEqual(
    audit.map(({ number }) => number),
    [1, 2, 3],
  );
  const rows = await store.listAudit({ limit: 9 });
  assert.deepEqual(
    rows,
    [3, 2, 1].map((n) => ({ ...deedOf(n), ...audit[n - 1] })),
  );
  const verdict = await store.verifyAudit();
  assert.deepEqual(verdict, { type: 'sound', rows: 3, head: audit[2]?.hash });
});

test('a batch that is refused leaves no row, and the next one fits', async (t) => {
  const store = await temporaryStore(t);
  const nothing = { events: [], cursors: {}, blind: [] };
  const wrong = store.commit({ ...nothing, changes: raisings(7, 7), audit: [deedOf(1)] });
  const right = committed(store, { audit: [deedOf(2)] });
  await assert.rejects(wrong);
  assert.equal((await right).audit?.[0]?.number, 1);
  assert.partialDeepStrictEqual(await store.verifyAudit(), { type: 'sound', rows: 1 });
});

test('rows are found by who, what and when, in pages', (t) => {
  const path = newPath(t);
  make(path, ({ audit }) => void audit.append(deeds(1, 30)));
  const numbers = (query: object): readonly number[] =>
    readRows(path, { limit: 3, ...query }).map(({ number }) => number);
  assert.deepEqual(numbers({}), [30, 29, 28]);
  assert.deepEqual(numbers({ before: 28 }), [27, 26, 25]);
  assert.deepEqual(numbers({ by: 'token:grafana', before: 30 }), [27, 24, 21]);
  assert.deepEqual(numbers({ operation: 'silence.save' }), [30, 25, 20]);
  assert.deepEqual(numbers({ by: 'token:grafana', operation: 'silence.save' }), [30, 15]);
  const [since, until] = [deedOf(7).at, deedOf(8).at];
  assert.deepEqual(numbers({ since, until }), [8, 7]);
  assert.deepEqual(numbers({ by: 'nobody' }), []);
});

test('texts that are no UTF-16 and texts with a NUL verify as they were stored', (t) => {
  const path = newPath(t);
  const odd = deedOf(1, { by: 'a\u0000b', subject: '\ud800 half', input: '\ufffd', client: '' });
  make(path, ({ audit }) => void audit.append([odd]));
  assert.equal(soundRows(path), 1);
  const [row] = readRows(path);
  assert.deepEqual([row?.by, row?.subject, row?.client], ['a\u0000b', '\ufffd half', '']);
});

test('what age deletes leaves a row that says so, and the rest is sound', (t) => {
  const path = newPath(t);
  const old = deeds(1, 1500).map((deed) => ({ ...deed, at: deed.at - days(3) }));
  make(path, ({ audit }) => void audit.append([...old, ...deeds(1501, 1510)]));
  const now = start + days(1);
  assert.equal(prune(path, { age: days(1) }, now), 1500);
  const rows = readRows(path);
  // Two steps, each of which leaves a row.
  assert.deepEqual(
    rows.map(({ number }) => number),
    Array.from({ length: 12 }, (_, i) => 1512 - i),
  );
  const [newest] = rows;
  const said = [newest?.by, newest?.operation, newest?.subject];
  assert.deepEqual(said, ['tocsin', 'audit.prune', '1500']);
  assert.equal(soundRows(path), 12);
  assert.equal(prune(path, { age: days(1) }, now), 0);
});

test('rows go in lots of a day, so that retention does not fill what it empties', (t) => {
  const path = newPath(t);
  make(path, ({ audit }) => void audit.append(deeds(1, 10)));
  const age = seconds(5);
  assert.equal(prune(path, { age }, start + days(1)), 0);
  assert.equal(prune(path, { age }, start + days(1) + seconds(7)), 10);
  assert.equal(soundRows(path), 1);
});

test('beyond the limit the oldest rows go, and the rest is sound', (t) => {
  const path = newPath(t);
  const deleted: number[] = [];
  make(path, ({ audit }) => {
    audit.append(deeds(1, 5500));
    for (let i = 0; i < 3; i++) deleted.push(audit.deleteBeyondLimit(start + days(8), 4000));
  });
  // Nothing goes until a lot of 1,000 rows are too many.
  assert.deepEqual(deleted, [1000, 0, 0]);
  assert.equal(soundRows(path), 4501);
});

test('a database that is too large loses the oldest deeds too, the latest never', (t) => {
  const path = newPath(t);
  make(path, ({ audit }) => void audit.append(deeds(1, 5000)));
  assert.equal(prune(path, { age: days(9999), bytes: 1 }, start + days(8)), 4000);
  assert.equal(soundRows(path), 1004);
});

test('rows of the last week stay, however many they are and however full the database is', (t) => {
  const path = newPath(t);
  const now = start + days(20);
  const rows = [...deeds(1, 2500), ...deeds(2501, 6000).map((deed) => ({ ...deed, at: now }))];
  make(path, ({ audit }) => {
    audit.append(rows);
    assert.equal(audit.deleteOldest(start), 0);
    const delete1 = () => audit.deleteBeyondLimit(now, 1000);
    // Of the old ones two lots go; what is left of them is none.
    assert.deepEqual([delete1(), delete1(), delete1()], [1000, 1000, 0]);
    assert.equal(audit.deleteBeyondLimit(now + days(7) - 1, 1000), 0);
  });
  assert.equal(prune(path, { age: days(9999), bytes: 1 }, now), 0);
  assert.equal(soundRows(path), 4002);
  make(path, ({ audit }) => {
    // Only beyond the last limit do they go too.
    assert.equal(audit.deleteBeyondLimit(now, 1000, 2000), 1000);
    assert.equal(audit.deleteBeyondLimit(now + days(7) + 1, 1000), 1000);
  });
});

test('a database of schema 3 gets an audit, and one that has it is one for schema 3', (t) => {
  const path = newPath(t);
  const older = migrations.filter(({ version }) => version <= 3);
  openDatabase(path, { now: start, migrations: older }).db.close();
  assert.throws(() => verifyAuditFile(path), /no such table/);
  make(path, ({ audit }) => void audit.append(deeds(1, 4)));
  assert.equal(soundRows(path), 4);
  openDatabase(path, { now: start, migrations: older }).db.close();
  // The chain goes on where it was.
  make(path, ({ audit }) => void audit.append(deeds(5, 6)));
  assert.equal(soundRows(path), 6);
});

const copyOfRow3 = `INSERT INTO audit
  SELECT 4, at, by, door, client, operation, subject, input, outcome, hash
  FROM audit WHERE number = 3`;
for (const { name, forge } of [
  { name: 'put in a row', forge: copyOfRow3 },
  { name: 'cut off the tail', forge: 'DELETE FROM audit WHERE number > 1' },
])
  test(`whoever has ${name} keeps no later deed from its row, and stays found`, (t) => {
    const path = newPath(t);
    make(path, ({ audit }) => void audit.append(deeds(1, 3)));
    tamper(path, (db) => db.exec(forge));
    assert.equal(verifyAuditFile(path).type, 'broken');
    make(path, ({ audit }) => assert.equal(audit.append(deeds(4, 5)).length, 2));
    assert.equal(verifyAuditFile(path).type, 'broken');
  });

test('no statement of ours can change a row', (t) => {
  const path = newPath(t);
  make(path, ({ audit }) => void audit.append(deeds(1, 1)));
  const { db } = openDatabase(path, { now: start });
  assert.throws(() => db.exec(`UPDATE audit SET by = 'x'`), /the audit is never changed/);
  db.close();
});
