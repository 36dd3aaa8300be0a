/** What is done now and then, and what becomes of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { days, hours, seconds } from '../domain/time.ts';
import type { Log } from '../platform/log.ts';
import type { StuckProbe } from '../platform/probes.ts';
import type { Store } from '../store/store.ts';
import { Chores } from './chores.ts';
import { createHealthBoard } from './health.ts';
import type { Pipeline } from './pipeline.ts';

function setUp(store: Partial<Store>) {
  const clock = new FakeClock();
  const said: string[] = [];
  const cursors: string[] = [];
  const take = (line: string): number => said.push(line);
  const log: Log = { error: take, warning: take, notice: take, info: take };
  const health = createHealthBoard(clock, () => {});
  let left: string | null = null;
  const stuck: StuckProbe[] = [];
  let unsound = 0;
  let told = 0;
  const chores = new Chores({
    clock,
    log,
    store: { inspect: async () => null, prune: async () => ({ deleted: 0 }), ...store } as Store,
    pipeline: { saveCursor: (name: string) => cursors.push(name) } as object as Pipeline,
    health,
    leftOut: () => left,
    stuckProbes: () => stuck,
    drainSpool: () => {},
    tellMetrics: () => {
      told += 1;
    },
    retention: () => ({ age: days(1), size: 1 }),
    prunedAt: undefined,
    onUnsound: () => {
      unsound += 1;
    },
  });
  chores.start();
  const leaveOut = (text: string | null): void => {
    left = text;
  };
  const counts = { unsound: () => unsound, told: () => told };
  return { clock, chores, said, cursors, health, leaveOut, stuck, ...counts };
}

test('a database that was deleted while open is checked, told and given up', async () => {
  const { clock, said, unsound } = setUp({
    inspect: async () => 'the file was deleted',
    check: async () => 'it was deleted; the data is back',
  });
  await clock.advance(seconds(10));
  assert.equal(unsound(), 1);
  assert.deepEqual(said, ['database: it was deleted; the data is back; starting anew']);
});

test('a database that is found sound goes on', async () => {
  const { clock, said, unsound } = setUp({ check: async () => null });
  await clock.advance(days(2));
  assert.equal(unsound(), 0);
  assert.deepEqual(said, []);
});

test('a store that does not answer is told, and the chores go on', async () => {
  const { clock, said, cursors } = setUp({
    prune: () => Promise.reject(new Error('the thread ended')),
  });
  await clock.advance(hours(1));
  assert.deepEqual(said, ['database: the thread ended, ignoring']);
  assert.equal(cursors.length, 120, 'a heartbeat each 30 s');
});

test('a limit that leaves something out shows in the health while it lasts', async () => {
  const { clock, health, leaveOut } = setUp({});
  leaveOut('3 alerts are put off');
  await clock.advance(seconds(10));
  assert.equal(health.components().engine?.status, 'degraded');
  assert.equal(health.components().engine?.reason, '3 alerts are put off');
  leaveOut(null);
  await clock.advance(seconds(10));
  assert.equal(health.components().engine?.status, 'healthy');
});

test('the appliance in figures is told each 30 s', async () => {
  const { clock, told } = setUp({});
  await clock.advance(seconds(90));
  assert.equal(told(), 3);
});

test('a clock that is years ahead for a while costs nothing that is kept', async () => {
  const upTo: number[] = [];
  const { clock } = setUp({
    prune: async (_, now) => {
      upTo.push(now);
      return { deleted: 0 };
    },
  });
  const start = clock.now();
  clock.jump(days(3650));
  await clock.advance(hours(1));
  clock.jump(-days(3650));
  await clock.advance(hours(1));
  assert.deepEqual(upTo, [start + days(1), start + hours(2)]);
});

test('nothing is done after the stop', async () => {
  const { clock, chores, cursors, told } = setUp({});
  chores.stop();
  await clock.advance(hours(2));
  assert.deepEqual(cursors, []);
  assert.equal(told(), 0);
});

test('a probe that hangs in the kernel shows in the health, with its object, until it is gone', async () => {
  const { clock, health, stuck } = setUp({});
  const since = clock.now();
  stuck.push({ object: 'mount /srv', since, argv: ['stat', '-f', '/srv'] });
  await clock.advance(seconds(10));
  const { probes } = health.components();
  assert.equal(probes?.status, 'degraded');
  assert.equal(probes?.reason, 'mount /srv: stat since 2026-11-22T06:00:00.000Z');
  assert.equal(probes?.blindSince, since);
  stuck.pop();
  await clock.advance(seconds(10));
  assert.equal(health.components().probes?.status, 'healthy');
});
