/** What readers of the published log see. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../domain/alert.ts';
import { createPublication } from './publication.ts';

const change = (seq: number, id: string, phase = 'firing'): Change =>
  ({ seq, alert: { id, phase, seq } }) as Change;

function setUp(stored: readonly Change[] = [], lastSeq = 0) {
  const asked: number[] = [];
  const reads = {
    changesAfter: async (seq: number, limit: number) => {
      asked.push(seq);
      return stored.filter((one) => one.seq > seq).slice(0, limit);
    },
    oldestSeq: async () => stored[0]?.seq ?? 0,
  };
  return { asked, publication: createPublication(reads, { alerts: [], lastSeq }) };
}

test('a change is published once, however often it is handed in', async () => {
  const { publication } = setUp();
  let rings = 0;
  publication.onRing(() => rings++);
  publication.publish([change(1, 'a'), change(2, 'b')]);
  publication.publish([change(1, 'a'), change(2, 'b')]);
  assert.equal(rings, 1);
  assert.deepEqual(
    (await publication.after(0, 10)).map(({ seq }) => seq),
    [1, 2],
  );
});

test('active alerts are those that are not resolved', () => {
  const { publication } = setUp();
  publication.publish([change(1, 'a'), change(2, 'b'), change(3, 'a', 'resolved')]);
  assert.deepEqual(
    publication.active().map(({ id }) => id),
    ['b'],
  );
});

test('the past is read from the store, and only as far as it is published', async () => {
  const stored = [1, 2, 3, 4].map((seq) => change(seq, String(seq)));
  const { asked, publication } = setUp(stored, 3);
  assert.deepEqual(
    (await publication.after(0, 10)).map(({ seq }) => seq),
    [1, 2, 3],
  );
  assert.deepEqual(asked, [0]);
});

test('a reader that pages through a long log misses nothing', async () => {
  const all = Array.from({ length: 9000 }, (_, i) => change(i + 1, String(i)));
  const { publication } = setUp(all);
  for (const one of all) publication.publish([one]);
  const seen: number[] = [];
  for (let page = await publication.after(0, 700); page.length > 0; ) {
    seen.push(...page.map(({ seq }) => seq));
    page = await publication.after(seen.at(-1) ?? 0, 700);
  }
  assert.deepEqual(
    seen,
    all.map(({ seq }) => seq),
  );
});

test('whoever waits for a change is called when it is published', async () => {
  const { publication } = setUp();
  let reached = false;
  const waiting = publication.reached(2).then(() => {
    reached = true;
  });
  publication.publish([change(1, 'a')]);
  await Promise.resolve();
  assert.equal(reached, false);
  publication.publish([change(2, 'a')]);
  await waiting;
  await publication.reached(1);
});
