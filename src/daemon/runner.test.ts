/** The runner: deadlines, one look at a time, blind time, and a collector's bugs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { Collector, Ports, Watcher } from '../collectors/collector.ts';
import { defaultsOf } from '../config/readers.ts';
import { settingsTable } from '../config/settings.ts';
import type { BlindTime } from '../domain/health.ts';
import { complete, failed, type Reading } from '../domain/reading.ts';
import { seconds } from '../domain/time.ts';
import type { Log } from '../platform/log.ts';
import { createHealthBoard } from './health.ts';
import type { Pipeline } from './pipeline.ts';
import { Runner } from './runner.ts';
import { Settling } from './settling.ts';

const silent: Log = { error() {}, warning() {}, notice() {}, info() {} };

function setUp(collect: () => Promise<Reading>, watch?: (watcher: Watcher) => Promise<void>) {
  const clock = new FakeClock();
  const told: Reading['type'][] = [];
  const blind: BlindTime[] = [];
  const marks: string[] = [];
  const pipeline = {
    tell: (_: string, reading: Reading) => told.push(reading.type),
    blindTime: (one: BlindTime) => blind.push(one),
    settle() {},
    markStale: () => marks.push('stale'),
    markFresh: () => marks.push('fresh'),
  } as object as Pipeline;
  const health = createHealthBoard(clock, () => {});
  const collector: Collector = {
    name: 'probe',
    title: 'A probe',
    needs: [],
    settings: {},
    kinds: [],
    every: seconds(10),
    timeout: seconds(5),
    start: () => (watch === undefined ? { collect } : { collect, watch }),
  };
  const runner = new Runner(collector, defaultsOf(settingsTable), {
    pipeline,
    health,
    clock,
    log: silent,
    ports: {} as Ports,
    random: () => 0.5,
    cursors: new Map(),
    lastSeenAt: undefined,
    wasStored: () => false,
    settling: new Settling([collector]),
  });
  return { clock, told, blind, marks, health, runner };
}

test('a collector looks at once and then at its pace', async () => {
  let looks = 0;
  const { clock, runner } = setUp(async () => {
    looks += 1;
    return complete([]);
  });
  await runner.firstLook;
  await clock.advance(seconds(35));
  assert.equal(looks, 4);
});

test('a look that hangs is given up, told as failed and not begun a second time', async () => {
  let looks = 0;
  let release: (reading: Reading) => void = () => {};
  const { clock, told, health, runner } = setUp(() => {
    looks += 1;
    return new Promise((resolve) => {
      release = resolve;
    });
  });
  await clock.advance(seconds(5));
  await runner.firstLook;
  assert.deepEqual(told, ['failed']);
  assert.equal(health.components().probe?.status, 'unknown');
  await clock.advance(seconds(60));
  assert.equal(looks, 1, 'looked again while the first look hung');
  release(complete([]));
  await clock.advance(seconds(3));
  assert.equal(looks, 2);
});

test('blindness is recorded with its end, and marks alerts only when it lasts', async () => {
  let answer: Reading = failed('bus lost');
  const { clock, blind, marks, health } = setUp(async () => answer);
  await clock.advance(seconds(1));
  assert.deepEqual(
    blind.map(({ until }) => until),
    [null],
  );
  assert.deepEqual(marks, []);
  assert.notEqual(health.components().probe?.blindSince, null);
  await clock.advance(seconds(5));
  assert.deepEqual(marks, ['stale']);
  answer = complete([]);
  await clock.advance(seconds(20));
  assert.deepEqual(marks, ['stale', 'fresh']);
  assert.equal(blind.at(-1)?.since, blind[0]?.since);
  assert.ok((blind.at(-1)?.until ?? 0) > (blind[0]?.since ?? 0));
  assert.equal(health.components().probe?.status, 'healthy');
});

test('a collector that throws is a failed look, and so is one whose watch throws', async () => {
  let watches = 0;
  const { clock, told, health, blind } = setUp(
    async () => {
      throw new Error('a bug');
    },
    async (watcher) => {
      watches += 1;
      if (watches === 1) throw new Error('another bug');
      watcher.seeing();
    },
  );
  await clock.advance(seconds(0.5));
  assert.deepEqual(told, ['failed']);
  assert.match(health.components().probe?.reason ?? '', /bug/);
  await clock.advance(seconds(2));
  assert.equal(watches, 2);
  assert.equal(blind.filter(({ until }) => until === null).length, 1, 'two eyes, one blind time');
});

test('a watch that threw once and goes on then is not blind for ever', async () => {
  let watches = 0;
  const { clock, health, marks } = setUp(
    async () => complete([]),
    (watcher) => {
      watches += 1;
      if (watches === 1) return Promise.reject(new Error('a bug'));
      return new Promise((resolve) => watcher.signal.addEventListener('abort', () => resolve()));
    },
  );
  await clock.advance(seconds(8));
  assert.equal(health.components().probe?.status, 'unknown');
  await clock.advance(seconds(5));
  assert.equal(health.components().probe?.status, 'healthy');
  assert.deepEqual(marks, ['stale', 'fresh']);
});

test('a watch that throws again and again does not come and go', async () => {
  const { clock, marks } = setUp(
    async () => complete([]),
    () => Promise.reject(new Error('a bug')),
  );
  await clock.advance(seconds(300));
  assert.deepEqual(marks, ['stale']);
});

test('a watcher that asks again gets one look, not one for each asking', async () => {
  let looks = 0;
  let watcher: Watcher | undefined;
  const { clock } = setUp(
    async () => {
      looks += 1;
      return complete([]);
    },
    async (given) => {
      watcher = given;
    },
  );
  await clock.advance(seconds(3));
  for (let i = 0; i < 100; i++) watcher?.lookAgain('a signal');
  await clock.advance(seconds(3));
  assert.equal(looks, 2);
});

test('an eye that is blind has its own blind time, however often it says so', async () => {
  let watcher: Watcher | undefined;
  const { clock, blind, marks, health } = setUp(
    async () => complete([]),
    async (given) => {
      watcher = given;
    },
  );
  await clock.advance(seconds(1));
  for (let i = 0; i < 3; i++) {
    watcher?.blindPart('journal', 'no permission');
    await clock.advance(seconds(5));
  }
  assert.equal(health.components().journal?.status, 'degraded');
  assert.equal(health.components().journal?.blindSince, blind[0]?.since);
  assert.equal(health.components().probe?.status, 'healthy');
  watcher?.blindPart('journal', null);
  assert.deepEqual(
    blind.map(({ source, until, since }) => [source, until === null ? null : until - since]),
    [
      ['journal', null],
      ['journal', seconds(15)],
    ],
  );
  assert.deepEqual(marks, []);
});
