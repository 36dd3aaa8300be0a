/** The commit queue through a full disk and a broken store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../test/support/fake-clock.ts';
import type { Change } from '../domain/alert.ts';
import { seconds } from '../domain/time.ts';
import type { Batch, CommitAnswer } from '../store/store.ts';
import { CommitQueue, type DetectedEvent, type StoreState } from './commit-queue.ts';

const none = {};
const change = (seq: number): Change => ({ seq }) as Change;
const event = (key: number): DetectedEvent => ({ key: String(key) }) as DetectedEvent;

function setUp(expiries: () => Readonly<Record<string, number>> = () => none) {
  const clock = new FakeClock();
  const committed: Batch[] = [];
  const published: number[] = [];
  const states: StoreState['type'][] = [];
  let next: CommitAnswer['type'] = 'committed';
  let frozen: Promise<void> | undefined;
  const queue = new CommitQueue({
    clock,
    expiries,
    store: {
      commit: async (batch) => {
        await frozen;
        if (next !== 'committed') return { type: next, why: 'no space left' };
        committed.push(batch);
        return { type: 'committed', events: [] };
      },
    },
    onPublish: (changes) => published.push(...changes.map(({ seq }) => seq)),
    onState: ({ type }) => states.push(type),
  });
  const answer = (type: CommitAnswer['type']): void => {
    next = type;
  };
  /** Commits are not answered until the returned function is called. */
  const freeze = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    frozen = promise;
    return resolve;
  };
  return { clock, queue, committed, published, states, answer, freeze };
}

test('what is added in one tick is one commit, published afterwards', async () => {
  const { queue, committed, published } = setUp();
  queue.add({ changes: [change(1)] });
  queue.add({ changes: [change(2)], events: [event(1)] });
  queue.write();
  assert.deepEqual(published, []);
  await queue.settled();
  assert.deepEqual(published, [1, 2]);
  assert.equal(committed.length, 1);
});

test('a full disk keeps changes in order and writes them when there is room', async () => {
  const { clock, queue, committed, published, states, answer } = setUp();
  answer('full');
  queue.add({ changes: [change(1)] });
  queue.write();
  await clock.advance(seconds(1));
  queue.add({ changes: [change(2)] });
  queue.write();
  assert.equal(published.length, 0, 'told before it was durable and before patience ended');
  await clock.advance(seconds(3));
  assert.ok(
    published.includes(1) && published.includes(2),
    'a disk that stays full stopped the telling',
  );
  answer('committed');
  await clock.advance(seconds(2));
  assert.deepEqual(
    committed.flatMap(({ changes }) => changes.map(({ seq }) => seq)),
    [1, 2],
  );
  assert.deepEqual(states, ['full', 'ok']);
});

test('a disk that does not answer keeps nobody from being told, and gets all when it does', async () => {
  const { clock, queue, committed, published, states, freeze } = setUp();
  const thaw = freeze();
  queue.add({ changes: [change(1)] });
  queue.write();
  await clock.advance(seconds(4.9));
  assert.deepEqual(published, []);
  await clock.advance(seconds(0.2));
  queue.add({ changes: [change(2)] });
  queue.write();
  await clock.advance(seconds(1));
  assert.deepEqual([...new Set(published)], [1, 2]);
  assert.deepEqual(states, ['full']);
  await queue.settled();
  thaw();
  await settled();
  assert.deepEqual(
    committed.flatMap(({ changes }) => changes.map(({ seq }) => seq)),
    [1, 2],
  );
  assert.deepEqual(states, ['full', 'ok']);
});

test('a full disk drops the oldest events and no change', async () => {
  const { clock, queue, committed, answer } = setUp();
  answer('full');
  const many = Array.from({ length: 25_000 }, (_, i) => i);
  queue.add({ changes: many.map((i) => change(i + 1)), events: many.map(event) });
  queue.write();
  await clock.advance(seconds(1));
  answer('committed');
  await clock.advance(seconds(2));
  assert.equal(committed[0]?.changes.length, 25_000);
  assert.deepEqual(
    committed[0]?.events.map(({ key }) => Number(key)),
    many.slice(5000),
  );
});

test('a broken store ends the writing and says so', async () => {
  const { queue, published, states, answer } = setUp();
  answer('broken');
  queue.add({ changes: [change(1)] });
  queue.write();
  await settled();
  assert.deepEqual(states, ['broken']);
  assert.deepEqual(published, []);
  await queue.settled();
});

test('what the engine keeps goes with the next batch, and alone when there is none', async () => {
  let kept = { a: 1 };
  const { clock, queue, committed } = setUp(() => kept);
  queue.add({ changes: [change(1)] });
  queue.write();
  await queue.settled();
  assert.equal(committed[0]?.expiries, undefined, 'stored although nothing changed');
  kept = { a: 2 };
  await clock.advance(seconds(2));
  queue.write();
  await queue.settled();
  assert.deepEqual(committed[1]?.expiries, { a: 2 });
  queue.write();
  assert.equal(committed.length, 2);
});

test('nothing is written after the stop', async () => {
  const { queue, committed } = setUp();
  queue.stop();
  queue.add({ changes: [change(1)] });
  queue.write();
  await settled();
  assert.equal(committed.length, 0);
});
