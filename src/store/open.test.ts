import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect, type Db } from '../platform/sqlite/connection.ts';
import type { Migration } from '../platform/sqlite/migrate.ts';
import { openStore } from './client.ts';
import { openDatabase } from './open.ts';
import {
  alertId,
  committed,
  events,
  raisings,
  start,
  temporaryFolder,
  temporaryStore,
} from './samples.fixture.ts';
import { migrations } from './schema/migrations.ts';

/** Path of a closed database with three alerts. */
async function filled(t: TestContext, more: number = 0): Promise<string> {
  const store = await temporaryStore(t, { path: join(temporaryFolder(t), 'state', 'tocsin.db') });
  await committed(store, { changes: raisings(1, 3), events: events(1, more) });
  await store.close();
  return store.path;
}

function edit(path: string, call: (db: Db) => void): void {
  const db = connect(path, { readonly: false });
  call(db);
  db.close();
}

/** Overwrites bytes of the file. */
function damage(path: string, from: number, length: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0x5a, from, from + length);
  writeFileSync(path, bytes);
}

/** Page number of the root of a table or index. */
function rootPage(path: string, name: string): number {
  let page = 0;
  edit(path, (db) => {
    const sql = 'SELECT rootpage FROM sqlite_schema WHERE name = ?';
    page = Number(db.prepare<[string], number>(sql).pluck().get(name));
  });
  return page;
}

const broken: readonly {
  readonly name: string;
  readonly breakIt: (path: string) => void;
  readonly why: RegExp;
  /** The number of the last change could still be read. */
  readonly lastSeq: number;
}[] = [
  {
    name: 'garbage in the header',
    breakIt: (path) => damage(path, 0, 100),
    why: /not a database/,
    lastSeq: 0,
  },
  {
    name: 'a text instead of a database',
    breakIt: (path) =>
      writeFileSync(path, 'This is not the file that you are looking for.\n'.repeat(99)),
    why: /not a database/,
    lastSeq: 0,
  },
  {
    name: 'a damaged page',
    breakIt: (path) => damage(path, (rootPage(path, 'events') - 1) * 4096, 4096),
    why: /malformed|btree|[Pp]age/,
    lastSeq: 3,
  },
  {
    name: 'a file that was cut',
    breakIt: (path) => truncateSync(path, 4096 * 5),
    why: /malformed|[Pp]age/,
    lastSeq: 0,
  },
  {
    name: 'an empty file',
    breakIt: (path) => truncateSync(path, 0),
    why: /the file is empty/,
    lastSeq: 0,
  },
  {
    name: 'a folder',
    breakIt: (path) => {
      unlinkSync(path);
      mkdirSync(path);
    },
    why: /it is not a file/,
    lastSeq: 0,
  },
  {
    name: 'a database of another program',
    breakIt: (path) => {
      unlinkSync(path);
      edit(path, (db) => db.exec('CREATE TABLE songs (title TEXT)'));
    },
    why: /not those of tocsin/,
    lastSeq: 0,
  },
];

for (const { name, breakIt, why, lastSeq } of broken)
  test(`${name} is set aside and reported, and a new database works`, async (t) => {
    const path = await filled(t);
    breakIt(path);
    const store = await temporaryStore(t, { path });
    assert.match(String(store.opened.why), why);
    const aside = String(store.opened.setAside);
    assert.match(basename(aside), /^tocsin\.db\.corrupt-\d{8}T\d{6}\.\d{3}Z$/);
    assert.ok(existsSync(aside));
    assert.equal((await store.remember()).lastSeq, lastSeq, 'numbers go on where they can');
    await committed(store, { changes: raisings(lastSeq + 1, lastSeq + 2) });
    assert.equal(await store.check(), null);
    assert.equal(await store.oldestSeq(), lastSeq + 1);
    await store.close();
    const again = await temporaryStore(t, { path });
    assert.equal(again.opened.why, null);
    assert.equal((await again.remember()).lastSeq, lastSeq + 2);
  });

const ours = migrations.length;
const next = ours + 1;

test('a database that is missing although there was one is reported', async (t) => {
  const path = await filled(t);
  unlinkSync(path);
  const store = await temporaryStore(t, { path });
  assert.deepEqual(store.opened, {
    setAside: null,
    why: 'the file is missing',
    schema: ours,
    migrated: null,
  });
});

test('an empty file where there never was a database is a new one', async (t) => {
  const path = join(temporaryFolder(t), 'tocsin.db');
  writeFileSync(path, '');
  const store = await temporaryStore(t, { path });
  assert.equal(store.opened.why, null);
});

test('of files that were set aside the three newest are kept', async (t) => {
  const path = await filled(t);
  const times = Array.from({ length: 5 }, (_, i) => start + i * 60_000);
  for (const now of times) {
    damage(path, 0, 100);
    openDatabase(path, { now }).db.close();
  }
  const kept = readdirSync(dirname(path)).filter((name) => name.includes('.corrupt-'));
  assert.equal(kept.length, 3);
  assert.match(String(kept.sort()[0]), /20261122T061600/);
});

test('the folder is 0750 and the files are 0640', async (t) => {
  const path = join(temporaryFolder(t), 'state', 'tocsin.db');
  const store = await temporaryStore(t, { path });
  await committed(store, { changes: raisings(1, 1) });
  const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);
  assert.equal(mode(dirname(path)), '750');
  for (const suffix of ['', '-wal', '-shm', '.id'])
    assert.equal(mode(path + suffix), '640', suffix);
});

test('a torn end of the log costs the last transaction only', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, { changes: raisings(1, 1) });
  const before = readFileSync(store.path);
  const logBefore = statSync(`${store.path}-wal`).size;
  await committed(store, { changes: raisings(2, 2) });
  const log = readFileSync(`${store.path}-wal`);
  const torn = join(temporaryFolder(t), 'tocsin.db');
  writeFileSync(torn, before);
  writeFileSync(`${torn}-wal`, log.subarray(0, logBefore + (log.length - logBefore) / 2));
  const again = await temporaryStore(t, { path: torn });
  assert.equal(again.opened.why, null);
  assert.equal((await again.remember()).lastSeq, 1);
});

test('a newer schema is refused with a clear message and left as it is', async (t) => {
  const path = await filled(t);
  edit(path, (db) => {
    db.exec(`UPDATE meta SET value = 9 WHERE key = 'schema'`);
    db.exec(`UPDATE meta SET value = 8 WHERE key = 'min_compat'`);
  });
  const before = readFileSync(path);
  await assert.rejects(openStore(path), {
    name: 'SchemaTooNew',
    message: new RegExp(
      `^${path} has schema 9 and needs .* schema 8; this one knows ${ours}\\. Install`,
    ),
  });
  assert.deepEqual(readFileSync(path), before);
  assert.ok(!readdirSync(dirname(path)).some((name) => name.includes('corrupt')));
});

test('a newer schema that is still compatible is used as it is', async (t) => {
  const path = await filled(t);
  edit(path, (db) => db.exec(`UPDATE meta SET value = ${next} WHERE key = 'schema'`));
  const store = await temporaryStore(t, { path });
  assert.equal(store.opened.schema, next);
  await committed(store, { changes: raisings(4, 4) });
});

const second: Migration = {
  version: next,
  minCompat: 1,
  sql: `ALTER TABLE cursors ADD COLUMN at REAL; UPDATE meta SET value = 'second' WHERE key = 'instance';`,
};

test('an older file is migrated after a copy was made', async (t) => {
  const path = await filled(t);
  const opened = openDatabase(path, { now: start, migrations: [...migrations, second] });
  opened.db.close();
  const copyPath = join(dirname(path), 'backup', `pre-v${next}.db`);
  const migrated = { from: ours, to: next, copy: copyPath };
  assert.deepEqual(opened.report, { setAside: null, why: null, schema: next, migrated });
  const copy = await temporaryStore(t, { path: copyPath });
  assert.equal(copy.opened.schema, ours);
  assert.deepEqual(
    (await copy.remember()).alerts.map(({ id }) => id),
    [1, 2, 3].map(alertId),
  );
});

test('of the copies from before migrations the two newest are kept', async (t) => {
  const path = await filled(t);
  const steps = [...migrations];
  for (const version of [next, next + 1, next + 2]) {
    steps.push({ version, minCompat: 1, sql: `CREATE TABLE later${version} (a TEXT) STRICT` });
    openDatabase(path, { now: start, migrations: steps }).db.close();
  }
  const copies = readdirSync(join(dirname(path), 'backup'));
  assert.deepEqual(copies.sort(), [`pre-v${next + 1}.db`, `pre-v${next + 2}.db`]);
});

test('a new file is not copied, and nor is one that needs no migration', async (t) => {
  const path = await filled(t);
  openDatabase(path, { now: start }).db.close();
  assert.equal(existsSync(join(dirname(path), 'backup')), false);
});

test('a migration that fails half way leaves the old file, and is done again', async (t) => {
  const path = await filled(t);
  const wrong = { ...second, sql: `${second.sql} CREATE TABLE meta (key TEXT);` };
  assert.throws(() => openDatabase(path, { now: start, migrations: [...migrations, wrong] }));
  const store = await temporaryStore(t, { path });
  assert.equal(store.opened.schema, ours);
  await store.close();
  const opened = openDatabase(path, { now: start, migrations: [...migrations, second] });
  opened.db.close();
  assert.equal(opened.report.schema, next);
});

test('a folder that cannot be made is told', async (t) => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  await assert.rejects(openStore(join(file, 'tocsin.db')), /ENOTDIR|EEXIST/);
});
