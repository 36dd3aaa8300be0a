/** Silences and windows in the database. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Maintenance, Silence } from '../domain/mute.ts';
import { openStore } from './client.ts';
import { start, temporaryFolder } from './samples.fixture.ts';
import type { StoredMute } from './tables/mutes.ts';

const silence = (id: string, comment: string): StoredMute => ({
  type: 'silence',
  id,
  silence: {
    id,
    comment,
    matchers: [{ name: 'a', operator: '=~', value: '"\n' }],
  } as unknown as Silence,
});
const window: StoredMute = {
  type: 'window',
  id: 'w',
  window: { id: 'w', comment: 'updates' } as Maintenance,
  opening: { startsAt: start, endsAt: start + 1, reckonedAt: start, openedAfter: 7 },
  unreported: [],
};

test('mutes are remembered as they were last, in the order in which they were made', async (t) => {
  const path = join(temporaryFolder(t), 'tocsin.db');
  const rest = { changes: [], events: [], cursors: {}, blind: [] };
  let store = await openStore(path);
  await store.commit({ ...rest, mutes: [silence('b', 'first'), window, silence('a', 'gone')] });
  await store.commit({
    ...rest,
    mutes: [silence('b', 'changed'), { type: 'forgotten', id: 'a' }, silence('c', 'last')],
  });
  await store.close();
  store = await openStore(path);
  const { mutes } = await store.remember();
  assert.deepEqual(mutes, [silence('b', 'changed'), window, silence('c', 'last')]);
  await store.close();
});
