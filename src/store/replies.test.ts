/** Kept answers are bounded in number, age and size: whoever makes keys must not fill the disk. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { days } from '../domain/time.ts';
import { openStore } from './client.ts';
import { start, temporaryFolder } from './samples.fixture.ts';

const reply = (i: number) => ({
  caller: 'uid:0',
  key: String(i),
  at: start + i,
  digest: '',
  status: 200,
  headers: {},
  body: 'x'.repeat(256 * 1024),
});

test('beyond 32 MiB the oldest answers go, and the latest stay', async (t) => {
  const store = await openStore(join(temporaryFolder(t), 'tocsin.db'));
  const replies = Array.from({ length: 140 }, (_, i) => reply(i));
  await store.commit({ changes: [], events: [], cursors: {}, blind: [], replies });
  await store.prune({ age: days(1), bytes: 1e9 }, start);
  const found = await Promise.all(
    [0, 11, 13, 139].map(async (i) => (await store.findReply('uid:0', String(i), start))?.key),
  );
  assert.deepEqual(found, [undefined, undefined, '13', '139']);
  await store.close();
});
