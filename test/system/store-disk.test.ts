/** The store on a disk that is really full: a small tmpfs. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  afterwards,
  batchOf,
  committed,
  events,
  raisings,
  temporaryFolder,
  temporaryStore,
} from '../../src/store/samples.fixture.ts';

const kib = 1024;

/** A filesystem of its own, of 3 MB. Needs root. */
function smallDisk(t: TestContext): string {
  const folder = temporaryFolder(t);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder]);
  afterwards(t, () => execFileSync('umount', ['-l', folder]));
  return folder;
}

test('a full disk: the reserve helps once, then full, then all is well again', async (t) => {
  const folder = smallDisk(t);
  const conditions: (string | null)[] = [];
  const store = await temporaryStore(t, {
    path: join(folder, 'tocsin.db'),
    ballastBytes: 256 * kib,
    onCondition: (text) => conditions.push(text),
  });
  const ballast = `${store.path}.ballast`;
  assert.ok(existsSync(ballast));
  await committed(store, { changes: raisings(1, 20), events: events(1, 100) });
  // Somebody else fills the disk to the last block.
  const filler = join(folder, 'filler');
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(filler, Buffer.alloc(bavail * bsize));
  let last = 20;
  while (existsSync(ballast)) {
    await committed(store, { changes: raisings(last + 1, last + 20) });
    last += 20;
  }
  assert.match(String(conditions[0]), /no room to write/);
  assert.notEqual(conditions.at(-1), null, 'there is no reserve: people must know');
  // The disk takes the reserve's room as well.
  let refused = await store.commit(batchOf({ changes: raisings(last + 1, last + 20) }));
  while (refused.type === 'committed') {
    last += 20;
    refused = await store.commit(batchOf({ changes: raisings(last + 1, last + 20) }));
  }
  assert.equal(refused.type, 'full');
  assert.deepEqual(await store.changesAfter(0, 1e4), raisings(1, last), 'reading goes on');
  rmSync(filler);
  await committed(store, { changes: raisings(last + 1, last + 20) });
  assert.ok(existsSync(ballast), 'the reserve is there again');
  assert.equal(conditions.at(-1), null);
  assert.equal(await store.check(), null);
  assert.deepEqual(await store.changesAfter(0, 1e4), raisings(1, last + 20));
});

test('a disk that is full at the start is opened with the room of the reserve', async (t) => {
  const folder = smallDisk(t);
  const path = join(folder, 'tocsin.db');
  const first = await temporaryStore(t, { path, ballastBytes: 256 * kib });
  await committed(first, { changes: raisings(1, 20) });
  await first.close();
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, 'filler'), Buffer.alloc(bavail * bsize));
  const store = await temporaryStore(t, { path, ballastBytes: 256 * kib });
  assert.equal(store.opened.why, null);
  assert.equal((await store.remember()).lastSeq, 20);
});
