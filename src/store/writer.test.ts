/** The world against the store: a full file, a lock, a file that goes away, a damaged file, a dead thread. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { connect } from '../platform/sqlite/connection.ts';
import { holdThread } from '../platform/sqlite/thread.ts';
import { storeOn } from './client.ts';
import { errorOf } from './errors.ts';
import {
  batchOf,
  committed,
  events,
  raisings,
  start,
  temporaryFolder,
  temporaryStore,
} from './samples.fixture.ts';

test('a full file gives up its oldest events for an alert', async (t) => {
  const conditions: (string | null)[] = [];
  const store = await temporaryStore(t, {
    pagesMax: 120,
    onCondition: (text) => conditions.push(text),
  });
  const newest = events(1, 2000).slice(-1);
  for (let n = 1; n < 2000; n += 100) await committed(store, { events: events(n, n + 99) });
  await committed(store, { changes: raisings(1, 40) });
  assert.deepEqual(await store.changesAfter(0, 100), raisings(1, 40));
  const left = await store.listEvents({ limit: 9999 });
  assert.equal(left[0]?.key, newest[0]?.key, 'the newest event is there');
  assert.ok(left.length < 1500, `${left.length} events are left`);
  assert.match(String(conditions[0]), /no room to write .*SQLITE_FULL/);
  assert.equal(conditions.at(-1), null);
});

test('a full file without events answers full, loses nothing, and takes the batch later', async (t) => {
  const store = await temporaryStore(t, { pagesMax: 60 });
  let last = 0;
  for (;;) {
    const answer = await store.commit(batchOf({ changes: raisings(last + 1, last + 10) }));
    if (answer.type === 'full') break;
    last += 10;
  }
  assert.match(
    JSON.stringify(await store.commit(batchOf({ changes: raisings(last + 1, last + 10) }))),
    /SQLITE_FULL/,
  );
  assert.deepEqual(await store.changesAfter(0, 1000), raisings(1, last));
  await store.close();
  const larger = await temporaryStore(t, { path: store.path });
  await committed(larger, { changes: raisings(last + 1, last + 10) });
  assert.deepEqual(await larger.changesAfter(0, 1000), raisings(1, last + 10));
  assert.equal(await larger.check(), null);
});

test('a lock of another program delays a commit, not the reads', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, { changes: raisings(1, 1) });
  const other = connect(store.path, { readonly: false });
  other.exec('BEGIN IMMEDIATE');
  let done = false;
  const committing = committed(store, { changes: raisings(2, 2) }).then(() => {
    done = true;
  });
  for (let reads = 0; reads < 5; reads++) assert.equal((await store.changesAfter(0, 9)).length, 1);
  assert.equal(done, false);
  other.exec('COMMIT');
  other.close();
  await committing;
  assert.equal((await store.changesAfter(0, 9)).length, 2);
});

test('a database that is deleted while open is brought back by the next commit', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, { changes: raisings(1, 3) });
  for (const suffix of ['', '-wal', '-shm']) rmSync(store.path + suffix);
  const answer = await store.commit(batchOf({ changes: raisings(4, 4) }));
  assert.match(JSON.stringify(answer), /broken.*was deleted while it was open/);
  assert.match(String(await store.check()), /was deleted/);
  assert.equal((await store.commit(batchOf({}))).type, 'broken');
  await store.close();
  const again = await temporaryStore(t, { path: store.path });
  assert.equal(again.opened.why, null);
  assert.deepEqual(await again.changesAfter(0, 9), raisings(1, 4));
});

test('a database that is replaced while open is saved beside the new one', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, { changes: raisings(1, 3) });
  const copy = join(temporaryFolder(t), 'copy.db');
  await store.backup(copy);
  await committed(store, { changes: raisings(4, 4) });
  rmSync(store.path);
  copyFileSync(copy, store.path);
  assert.match(String(await store.check()), /was replaced by another file/);
  await store.close();
  const folder = dirname(store.path);
  const saved = readdirSync(folder).find((name) => name.includes('.replaced-'));
  const old = await temporaryStore(t, { path: join(folder, String(saved)) });
  assert.equal((await old.remember()).lastSeq, 4);
  assert.equal((await (await temporaryStore(t, { path: store.path })).remember()).lastSeq, 3);
});

test('check finds a page that is damaged while the store is open', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, { changes: raisings(1, 200), events: events(1, 500) });
  await store.close();
  const again = await temporaryStore(t, { path: store.path });
  assert.equal(await again.check(), null);
  // By dd: closing a file in this process would drop the locks that SQLite holds on it.
  const target = [`of=${store.path}`, 'bs=4096', 'seek=20', 'count=3', 'conv=notrunc'];
  execFileSync('dd', ['if=/dev/urandom', ...target], { stdio: 'ignore' });
  assert.match(String(await again.check()), /[Pp]age|malformed|btree|Tree|row/);
});

test('a backup is a whole database, made while commits go on', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, { changes: raisings(1, 300) });
  const target = join(temporaryFolder(t), 'copy.db');
  const backup = store.backup(target);
  for (let n = 301; n <= 330; n++) await committed(store, { changes: raisings(n, n) });
  await backup;
  const copy = await temporaryStore(t, { path: target });
  const { lastSeq } = await copy.remember();
  assert.ok(lastSeq >= 300);
  assert.deepEqual(await copy.changesAfter(0, 1000), raisings(1, lastSeq));
});

test('a backup to where nothing can be written fails with the reason', async (t) => {
  const store = await temporaryStore(t);
  await assert.rejects(store.backup('/nowhere/copy.db'), /ENOENT|unable to open/);
  await committed(store, { changes: raisings(1, 1) });
});

test('a thread that dies answers broken to everything that waits', async () => {
  const dying = `const { parentPort } = require('node:worker_threads');
    let heard = 0;
    parentPort.on('message', () => { heard += 1; if (heard === 3) process.exit(7); });`;
  const thread = holdThread(new Worker(dying, { eval: true }), 'the store', { errorOf });
  const store = storeOn(thread, '/nowhere', {
    setAside: null,
    why: null,
    schema: 1,
    migrated: null,
  });
  const [first, read, second] = await Promise.allSettled([
    store.commit(batchOf({})),
    store.remember(),
    store.commit(batchOf({ cursors: { journal: String(start) } })),
  ]);
  const broken = { type: 'broken', why: 'the thread of the store ended (exit status 7)' };
  assert.deepEqual(first, { status: 'fulfilled', value: broken });
  assert.deepEqual(second, { status: 'fulfilled', value: broken });
  assert.equal(read.status, 'rejected');
  assert.deepEqual(await store.commit(batchOf({})), broken);
  await store.close();
});
