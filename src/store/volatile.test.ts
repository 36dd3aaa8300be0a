/** A copy in memory while the disk takes no writing, and how it comes to the disk afterwards. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect } from '../platform/sqlite/connection.ts';
import { type Flushed, flushSteps, flushVolatile } from './flush.ts';
import { openDatabase } from './open.ts';
import { findOtherPlace } from './place.ts';
import { committed, raisings, start, temporaryFolder, temporaryStore } from './samples.fixture.ts';
import { prepareTables } from './tables/tables.ts';
import { openVolatile } from './volatile.ts';

const why = 'the disk is read-only (EROFS)';
const later = start + 3_600_000;

interface Places {
  readonly path: string;
  readonly folder: string;
  readonly copy: string;
}

/** The disk has changes 1 to 3; the last of them are in the log of writes alone, as after a kill. */
async function disk(t: TestContext): Promise<Places> {
  const home = temporaryFolder(t);
  const path = join(home, 'state', 'tocsin.db');
  const folder = join(home, 'volatile');
  const store = await temporaryStore(t, { path: join(home, 'before', 'tocsin.db') });
  await committed(store, { at: start, changes: raisings(1, 2) });
  await store.close();
  const again = await temporaryStore(t, { path: store.path });
  await committed(again, { at: start + 1, changes: raisings(3, 3) });
  cpSync(dirname(store.path), dirname(path), { recursive: true });
  assert.ok(existsSync(`${path}-wal`));
  return { path, folder, copy: join(folder, 'tocsin.db') };
}

/** Adds the changes to the database at the path, as a daemon does that works there. */
async function work(t: TestContext, path: string, from: number, to: number): Promise<void> {
  const store = await temporaryStore(t, { path });
  await committed(store, { at: start + 10 * to, changes: raisings(from, to) });
  await store.close();
}

/** The numbers of the changes, of a database that is sound; read from a copy of its files. */
function seqsOf(t: TestContext, path: string): readonly number[] {
  const target = join(temporaryFolder(t), 'tocsin.db');
  for (const suffix of ['', '-wal'])
    if (existsSync(path + suffix)) copyFileSync(path + suffix, target + suffix);
  const db = connect(target, { readonly: false });
  try {
    assert.equal(db.pragma('integrity_check', { simple: true }), 'ok');
    return db.prepare<[], number>('SELECT seq FROM changes ORDER BY seq').pluck().all();
  } finally {
    db.close();
  }
}

const namesIn = (folder: string): readonly string[] => readdirSync(folder).sort();

/** What was open on the disk, was copied, and went on in memory up to change 5. */
async function away(t: TestContext): Promise<Places> {
  const places = await disk(t);
  openVolatile(places.path, places.folder, why, later);
  await work(t, places.copy, 4, 5);
  return places;
}

test('a copy goes on from what is on the disk, the log of writes included, and says so', async (t) => {
  const { path, folder, copy } = await disk(t);
  const { condition, path: opened } = openVolatile(path, folder, why, later);
  assert.equal(opened, copy);
  assert.match(condition, /^the disk is read-only \(EROFS\): .* in memory \(.*\) and is lost if/);
  assert.doesNotMatch(condition, /not in it/);
  assert.deepEqual(seqsOf(t, copy), [1, 2, 3]);
  await work(t, copy, 4, 5);
  assert.deepEqual(seqsOf(t, path), [1, 2, 3], 'the disk is as it was');
});

test('a second start works on with the copy that is there', async (t) => {
  const { path, folder, copy } = await away(t);
  openVolatile(path, folder, why, later);
  assert.deepEqual(seqsOf(t, copy), [1, 2, 3, 4, 5]);
});

test('a start that was killed while it copied makes the copy anew', async (t) => {
  const { path, folder, copy } = await disk(t);
  mkdirSync(folder);
  writeFileSync(`${copy}.part`, 'half');
  writeFileSync(`${copy}.part-wal`, 'half');
  openVolatile(path, folder, why, later);
  assert.deepEqual(seqsOf(t, copy), [1, 2, 3]);
  assert.ok(namesIn(folder).every((name) => !name.includes('part')));
});

test('a flush brings everything to the disk, and leaves no copy', async (t) => {
  const { path, folder } = await away(t);
  assert.deepEqual(flushVolatile(path, folder, later), {
    type: 'flushed',
    setAside: null,
    why: null,
  });
  assert.deepEqual(seqsOf(t, path), [1, 2, 3, 4, 5]);
  assert.deepEqual(namesIn(folder), []);
  const names = namesIn(dirname(path));
  assert.deepEqual(names, ['tocsin.db', 'tocsin.db.id', 'tocsin.db.lock']);
  await work(t, path, 6, 6);
  assert.deepEqual(flushVolatile(path, folder, later), { type: 'nothing' });
});

/** Runs so many steps, as far as a kill lets it; all of them for undefined. */
function flushFor(steps: Generator<void, Flushed>, count: number): Flushed | undefined {
  for (let i = 0; i < count; i++) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
  return undefined;
}

test('a flush that is killed between any two steps is done again, without a loss and without a mix', async (t) => {
  const prepared = dirname((await away(t)).folder);
  let count = 0;
  for (let ended = false; !ended; count++) {
    const home = join(temporaryFolder(t), 'home');
    cpSync(prepared, home, { recursive: true });
    const [path, folder] = [join(home, 'state', 'tocsin.db'), join(home, 'volatile')];
    ended = flushFor(flushSteps(path, folder, later), count) !== undefined;
    const between = seqsOf(t, path).length;
    assert.ok(between === 3 || between === 5, `${count} steps: ${between} changes`);
    const again = flushVolatile(path, folder, later);
    assert.match(again.type, /^(nothing|flushed)$/);
    assert.deepEqual(seqsOf(t, path), [1, 2, 3, 4, 5], `${count} steps`);
    assert.deepEqual(namesIn(folder), [], `${count} steps`);
  }
  assert.ok(count > 6, `${count} steps`);
});

test('a disk that has gone on by itself keeps what it has, and the copy is put beside it', async (t) => {
  const { path, folder } = await away(t);
  await work(t, path, 4, 4);
  const flushed = flushVolatile(path, folder, later);
  assert.equal(flushed.type, 'apart');
  assert.ok(flushed.type === 'apart' && /tocsin\.db\.apart-\d{8}T/.test(flushed.path));
  assert.deepEqual(seqsOf(t, path), [1, 2, 3, 4]);
  assert.deepEqual(seqsOf(t, flushed.path), [1, 2, 3, 4, 5]);
  assert.deepEqual(namesIn(folder), []);
});

test('a database of another origin is not replaced', async (t) => {
  const { path, folder } = await away(t);
  for (const suffix of ['', '-wal', '.id']) rmSync(path + suffix, { force: true });
  await work(t, path, 1, 1);
  assert.equal(flushVolatile(path, folder, later).type, 'apart');
  assert.deepEqual(seqsOf(t, path), [1]);
});

test('a database that was damaged meanwhile is set aside, and the copy takes its place', async (t) => {
  const { path, folder } = await away(t);
  writeFileSync(path, 'no database at all, but as long as a header would be\n'.repeat(99));
  const flushed = flushVolatile(path, folder, later);
  assert.ok(flushed.type === 'flushed' && flushed.setAside !== null, JSON.stringify(flushed));
  assert.match(String(flushed.why), /malformed|not a database/);
  assert.ok(existsSync(flushed.setAside));
  assert.deepEqual(seqsOf(t, path), [1, 2, 3, 4, 5]);
});

test('a disk that comes back empty takes the copy', async (t) => {
  const { path, folder } = await away(t);
  rmSync(dirname(path), { recursive: true });
  mkdirSync(dirname(path));
  assert.equal(flushVolatile(path, folder, later).type, 'flushed');
  assert.deepEqual(seqsOf(t, path), [1, 2, 3, 4, 5]);
});

const uncopied: readonly {
  readonly name: string;
  readonly make: (path: string) => void;
  readonly lack: RegExp;
  readonly outcome: Flushed['type'];
}[] = [
  {
    name: 'is too large for memory',
    make: (path) => truncateSync(path, 97 * 1024 * 1024),
    lack: /it has 98 MiB, too much/,
    outcome: 'apart',
  },
  {
    name: 'is damaged',
    make: (path) => writeFileSync(path, 'no database at all\n'.repeat(99)),
    lack: /it is damaged: /,
    outcome: 'flushed',
  },
  {
    name: 'is missing',
    make: (path) => rmSync(path),
    lack: /there is none on the disk/,
    outcome: 'flushed',
  },
];
for (const { name, make, lack, outcome } of uncopied)
  test(`beside a database that ${name}, memory begins empty, with numbers that none can have`, async (t) => {
    const { path, folder, copy } = await disk(t);
    make(path);
    assert.match(openVolatile(path, folder, why, later).condition, lack);
    assert.match(openVolatile(path, folder, why, later).condition, lack, 'the next start knows it');
    await work(t, copy, later + 1, later + 2);
    assert.deepEqual(seqsOf(t, copy), [later + 1, later + 2]);
    assert.equal(flushVolatile(path, folder, later).type, outcome);
  });

test('a copy that takes nothing more is never taken for one that is too old', async (t) => {
  const { path, folder, copy } = await away(t);
  const job = {
    type: 'serve',
    path,
    ballastBytes: 0,
    pagesMax: 0,
    volatileFolder: folder,
  } as const;
  assert.equal(findOtherPlace(job, copy), null);
  assert.deepEqual(seqsOf(t, copy), [1, 2, 3, 4, 5]);
  assert.equal(findOtherPlace(job, path), null, 'a disk that takes writing needs no copy');
});

test('a store on its disk has nothing to flush, also where the folder of memory is its own', async (t) => {
  const home = temporaryFolder(t);
  for (const options of [{}, { volatileFolder: join(home, 'memory') }, { volatileFolder: home }]) {
    const store = await temporaryStore(t, { path: join(home, 'tocsin.db'), ...options });
    assert.equal(await store.canFlush(), false);
    await store.close();
  }
  assert.ok(existsSync(join(home, 'tocsin.db.id')));
});

test('a store flushes at its start what was kept in memory, and says so', async (t) => {
  const { path, folder } = await away(t);
  const store = await temporaryStore(t, { path, volatileFolder: folder });
  assert.deepEqual(store.opened.volatile, { type: 'flushed' });
  assert.deepEqual(await store.changesAfter(0, 9), raisings(1, 5));
});

test('a newer schema is refused as on the disk, and leaves no copy', async (t) => {
  const { path, folder } = await disk(t);
  const db = connect(path, { readonly: false });
  db.exec(`UPDATE meta SET value = 99 WHERE key IN ('schema', 'min_compat')`);
  db.close();
  assert.throws(
    () => openVolatile(path, folder, why, later),
    /needs a tocsin that knows schema 99/,
  );
  assert.deepEqual(namesIn(folder), []);
});

test('a copy that another program still reads on the disk is not forgotten', async (t) => {
  const { path, folder, copy } = await away(t);
  const reader = connect(path, { readonly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM changes').get();
  const writer = openDatabase(path, { now: later });
  prepareTables(writer.db).meta.write({ lastSeenAt: start + 1 });
  writer.db.close();
  const flushed = flushVolatile(path, folder, later);
  assert.ok(flushed.type === 'failed', flushed.type);
  assert.match(flushed.why, /another program has .* open/);
  assert.deepEqual(seqsOf(t, copy), [1, 2, 3, 4, 5]);
  reader.close();
  assert.equal(flushVolatile(path, folder, later).type, 'flushed');
});
