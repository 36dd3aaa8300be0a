import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../test/support/fake-clock.ts';
import { counter, defineKind, duration, gauge, instant, word } from '../domain/kind.ts';
import { complete, reading, unreadable } from '../domain/reading.ts';
import { seconds } from '../domain/time.ts';
import type { Tick } from '../history/history.ts';
import { createInventory } from '../inventory/create.ts';
import { Recorder, summarize } from './recorder.ts';

const facts = { help: 'h', source: 's' };
const thing = defineKind('bench.thing', {
  title: 'Thing',
  identity: 'NAME',
  attributes: {
    load: gauge({ unit: 'ratio', ...facts }),
    bytes: counter({ unit: 'bytes', ...facts }),
    took: duration(facts),
    since: instant(facts),
    state: word(facts),
  },
});
const plain = defineKind('bench.plain', {
  title: 'Plain',
  identity: 'NAME',
  attributes: { state: word(facts) },
});

const silent = () => {};
const log = { error: silent, warning: silent, notice: silent, info: silent, debug: silent };

function setUp() {
  const clock = new FakeClock(Date.UTC(2026, 10, 22, 6, 0, 0));
  const inventory = createInventory();
  const ticks: Tick[] = [];
  let gate: Promise<void> = Promise.resolve();
  const history = {
    record: (tick: Tick) => {
      ticks.push(tick);
      return gate;
    },
  };
  const recorder = new Recorder({ kinds: [thing, plain], inventory, history, clock, log });
  const tell = (id: string, attributes: Parameters<typeof reading<typeof thing.attributes>>[2]) =>
    inventory.apply('c', complete([reading(thing, id, attributes)]), clock.now());
  const hold = (until: Promise<void>) => {
    gate = until;
  };
  return { clock, inventory, ticks, recorder, tell, hold };
}

test('every 30 s of the wall clock all numbers go in, and nothing else', async () => {
  const { clock, recorder, tell, ticks } = setUp();
  await clock.advance(seconds(7));
  tell('a', { load: 0.5, bytes: 10, took: 1500, since: 5, state: 'x' });
  recorder.start();
  await clock.advance(seconds(60));
  const groups = [
    { kind: 'bench.thing', attributes: ['load', 'bytes', 'took'], rows: [['a', [0.5, 10, 1500]]] },
  ];
  const begin = Date.UTC(2026, 10, 22, 6, 0, 0);
  assert.deepEqual(ticks, [
    { at: begin, groups },
    { at: begin + seconds(30), groups },
  ]);
  recorder.stop();
  await clock.advance(seconds(60));
  assert.equal(ticks.length, 2);
});

test('what is not known is no point, and never 0', async () => {
  const { clock, inventory, recorder, tell, ticks } = setUp();
  recorder.start();
  tell('a', { load: unreadable('EIO'), bytes: null, took: 4 });
  await clock.advance(seconds(31));
  assert.deepEqual(ticks[0]?.groups[0]?.rows, [['a', [null, null, 4]]]);
  inventory.markStale('c', 'gone blind', clock.now());
  await clock.advance(seconds(30));
  assert.deepEqual(ticks[1]?.groups, []);
});

test('a number that changed has its least, mean by time, and greatest', async () => {
  const { clock, recorder, tell, ticks } = setUp();
  recorder.start();
  tell('a', { load: 1 });
  await clock.advance(seconds(10));
  tell('a', { load: 4 });
  await clock.advance(seconds(15));
  tell('a', { load: 0 });
  await clock.advance(seconds(6));
  // 10 s of 1, 15 s of 4, 5 s of 0.
  assert.deepEqual(ticks[0]?.groups[0]?.rows, [['a', [[0, 70 / 30, 4], null, null]]]);
  await clock.advance(seconds(30));
  assert.deepEqual(ticks[1]?.groups[0]?.rows, [['a', [0, null, null]]]);
});

test('a history that is slow makes gaps and no queue', async () => {
  const { clock, hold, recorder, tell, ticks } = setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  tell('a', { load: 1 });
  recorder.start();
  hold(promise);
  await clock.advance(seconds(100));
  assert.equal(ticks.length, 1);
  resolve();
  await settled();
  await clock.advance(seconds(30));
  assert.equal(ticks.length, 2);
});

test('the clock that is set back makes a tick for the time that it then is', async () => {
  const { clock, recorder, tell, ticks } = setUp();
  tell('a', { load: 1 });
  recorder.start();
  await clock.advance(seconds(61));
  clock.jump(-seconds(45));
  await clock.advance(seconds(61));
  const begin = Date.UTC(2026, 10, 22, 6, 0, 0);
  const places = ticks.map(({ at }) => (at - begin) / 30_000);
  assert.deepEqual(places, [0, 1, 0, 1]);
});

const cases = [
  { name: 'nothing', changes: [], is: undefined },
  { name: 'one value that held before', changes: [[-50, 7]], is: 7 },
  { name: 'one that came in between', changes: [[10, 7]], is: 7 },
  { name: 'one that came afterwards', changes: [[30, 7]], is: undefined },
  {
    name: 'afterwards and before',
    changes: [
      [31, 9],
      [-1, 7],
    ],
    is: 7,
  },
  {
    name: 'half and half',
    changes: [
      [15, 3],
      [0, 1],
    ],
    is: [1, 2, 3],
  },
  {
    name: 'back to what it was',
    changes: [
      [20, 1],
      [10, 4],
      [-9, 1],
    ],
    is: [1, 2, 4],
  },
] as const;

for (const { name, changes, is } of cases)
  test(`a number of which is known: ${name}`, () => {
    const samples = changes.map(([at, value]) => ({ at, value }));
    assert.deepEqual(summarize(samples, 0, 30), is);
  });
