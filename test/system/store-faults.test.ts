/**
 * The database against the world, with real processes: a migration that is killed at its n-th
 * write, a disk that cannot read it, a reader that never ends, a program that holds the lock.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from '../../src/platform/sqlite/connection.ts';
import { openDatabase } from '../../src/store/open.ts';
import {
  committed,
  eventOf,
  raisings,
  start,
  temporaryFolder,
  temporaryStore,
} from '../../src/store/samples.fixture.ts';
import { migrations } from '../../src/store/schema/migrations.ts';
import { House } from '../support/fuse/house.ts';

const opening = join(import.meta.dirname, '../../src/store/open.ts');
const mib = 1024 * 1024;

/** Opens a database, and with that brings it to our schema. */
const program = `import { openDatabase } from ${JSON.stringify(opening)};
openDatabase(process.argv.at(-1), { now: ${start} }).db.close();`;

/** Runs it, killed by the kernel's own hand when it makes its n-th write to a file. */
function openAndDie(path: string, n: number): 'killed' | 'done' {
  const inject = `inject=pwrite64:signal=SIGKILL:when=${n}`;
  const node = [process.execPath, '--input-type=module-typescript', '-e', program, '--', path];
  const argv = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=pwrite64', '-e', inject, ...node];
  const { status, signal, stderr } = spawnSync('strace', argv, { encoding: 'utf8' });
  if (status === 0) return 'done';
  assert.ok(signal === 'SIGKILL' || status === 137, `${status} ${signal} ${stderr}`);
  return 'killed';
}

test('a migration that is killed at any write is done again, with a copy and without a loss', (t) => {
  const old = join(temporaryFolder(t), 'tocsin.db');
  const first = openDatabase(old, { now: start, migrations: migrations.slice(0, 1) });
  const put = first.db.prepare('INSERT INTO cursors (name, value) VALUES (?, ?)');
  for (let i = 0; i < 500; i++) put.run(`reader-${i}`, `${i}`.repeat(20));
  first.db.close();
  let kills = 0;
  for (let n = 1, last = 1; ; [n, last] = [n + last, n]) {
    const path = join(temporaryFolder(t), 'state', 'tocsin.db');
    mkdirSync(join(path, '..'));
    copyFileSync(old, path);
    copyFileSync(`${old}.id`, `${path}.id`);
    const end = openAndDie(path, n);
    const { db, report } = openDatabase(path, { now: start });
    assert.deepEqual([report.why, report.schema], [null, migrations.at(-1)?.version], `kill ${n}`);
    assert.equal(db.pragma('integrity_check', { simple: true }), 'ok');
    const kept = db.prepare<[], number>("SELECT count(*) FROM cursors WHERE name LIKE 'reader-%'");
    assert.equal(kept.pluck().get(), 500);
    db.close();
    const copies = readdirSync(join(path, '..', 'backup')).filter((name) => name.endsWith('.db'));
    assert.equal(copies.length, 1);
    if (end === 'done') break;
    kills += 1;
  }
  t.diagnostic(`${kills} kills`);
  assert.ok(kills >= 5, 'the kills hit the migration');
});

test('a database that the disk cannot read is set aside as it is, and a new one works', async (t) => {
  const house = new House();
  t.after(() => house.end());
  const disk = await house.mount('disk', { sectors: 'SQLite format 3' });
  disk.become('sectors', 'read', 'EIO');
  const path = join(temporaryFolder(t), 'tocsin.db');
  symlinkSync(join(disk.point, 'sectors'), path);
  const store = await temporaryStore(t, { path });
  assert.match(String(store.opened.why), /I\/O error/);
  assert.ok(lstatSync(String(store.opened.setAside)).isSymbolicLink(), 'it is not touched');
  await committed(store, { changes: raisings(1, 3) });
  await store.close();
  const again = await temporaryStore(t, { path });
  assert.deepEqual([again.opened.why, (await again.remember()).lastSeq], [null, 3]);
});

test('a reader that never ends stops no commit, is told when the log has 64 MiB, and leaves a short one', async (t) => {
  const conditions: (string | null)[] = [];
  const store = await temporaryStore(t, { onCondition: (text) => conditions.push(text) });
  await committed(store, { changes: raisings(1, 3) });
  const reader = connect(store.path, { readonly: true });
  const rows = reader.prepare('SELECT seq FROM changes').iterate();
  rows.next();
  const log = (): number => statSync(`${store.path}-wal`).size;
  const blob = 'x'.repeat(60_000);
  let n = 0;
  while (log() < 66 * mib) {
    const some = Array.from({ length: 100 }, () => {
      n += 1;
      return { ...eventOf(n), attributes: { blob } };
    });
    await committed(store, { events: some });
  }
  assert.match(String(conditions.at(-1)), /another program reads .*has 6\d MiB/);
  assert.deepEqual(await store.changesAfter(0, 10), raisings(1, 3));
  rows.return?.();
  reader.close();
  await committed(store, { changes: raisings(4, 4) });
  await committed(store, { changes: raisings(5, 5) });
  assert.equal(conditions.at(-1), null);
  assert.ok(log() <= 8 * mib, `${log()} bytes`);
  assert.equal(await store.check(), null);
});

test('a program that holds the lock keeps a commit waiting, and no read', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, { changes: raisings(1, 1) });
  const locker = connect(store.path, { readonly: false });
  locker.exec('BEGIN EXCLUSIVE');
  const waiting = committed(store, { changes: raisings(2, 2) });
  const began = performance.now();
  assert.equal((await store.changesAfter(0, 10)).length, 1);
  assert.ok(performance.now() - began < 1000);
  locker.exec('COMMIT');
  locker.close();
  await waiting;
  assert.equal((await store.changesAfter(0, 10)).length, 2);
  assert.ok(existsSync(store.path));
});
