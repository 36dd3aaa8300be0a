/** How collectors stand, as figures are told of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { Collector, Ports } from '../collectors/collector.ts';
import { absent, complete, failed, type Reading } from '../domain/reading.ts';
import { seconds } from '../domain/time.ts';
import { createHealthBoard } from './health.ts';
import type { Pipeline } from './pipeline.ts';
import { Watch } from './watch.ts';

function setUp(collect: (clock: FakeClock) => Promise<Reading>) {
  const clock = new FakeClock();
  const silent = { error() {}, warning() {}, notice() {}, info() {} };
  const pipeline = {
    tell() {},
    blindTime() {},
    settle() {},
    markStale() {},
    markFresh() {},
  } as object as Pipeline;
  const collector: Collector = {
    name: 'probe',
    title: 'A probe',
    needs: [],
    settings: {},
    kinds: [{ name: 'a.b', variable: 'b', title: '', identity: '', attributes: {}, events: {} }],
    every: seconds(10),
    timeout: seconds(5),
    start: () => ({ collect: () => collect(clock) }),
  };
  const watch = new Watch([collector], {
    pipeline,
    health: createHealthBoard(clock, () => {}),
    clock,
    log: silent,
    ports: {} as Ports,
    random: () => 0.5,
    cursors: new Map(),
    lastSeenAt: undefined,
    wasStored: () => false,
  });
  void watch.start({} as Parameters<Watch['start']>[0]);
  return { clock, state: () => watch.figures()[0]?.state, watch };
}

test('how long the latest look took is told in milliseconds', async () => {
  const { clock, watch } = setUp(async (time) => {
    await time.sleep(40);
    return complete([]);
  });
  const told = () => watch.figures()[0];
  assert.deepEqual(told(), { name: 'probe', kinds: ['a.b'], state: 'waiting', lookDuration: null });
  await clock.advance(seconds(1));
  assert.deepEqual(told(), { name: 'probe', kinds: ['a.b'], state: 'seeing', lookDuration: 40 });
});

test('a look that was given up took as long as it was waited for', async () => {
  const { clock, watch } = setUp(() => new Promise(() => {}));
  await clock.advance(seconds(60));
  assert.equal(watch.figures()[0]?.lookDuration, 5000);
});

test('it waits until a look succeeds, sees, is absent, and is blind only when that lasts', async () => {
  let answer: Reading = failed('not yet');
  const { clock, state } = setUp(async () => answer);
  await clock.advance(seconds(1));
  assert.equal(state(), 'waiting');
  answer = complete([]);
  await clock.advance(seconds(10));
  assert.equal(state(), 'seeing');
  answer = absent('no such thing');
  await clock.advance(seconds(10));
  assert.equal(state(), 'absent');
  answer = failed('lost');
  await clock.advance(seconds(3));
  assert.notEqual(state(), 'blind', 'a short loss changes no figure');
  await clock.advance(seconds(10));
  assert.equal(state(), 'blind');
  answer = complete([]);
  await clock.advance(seconds(20));
  assert.equal(state(), 'seeing');
});
