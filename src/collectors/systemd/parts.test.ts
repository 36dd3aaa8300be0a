/** The small parts: names, facts, runs and timers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hours, minutes, seconds } from '../../domain/time.ts';
import { factsOf } from './facts.ts';
import { createWatching, unitName, unitPath } from './names.ts';
import { createRuns, runsMax } from './runs.ts';
import { foldTimer, newTimer, timerReading } from './timers.ts';

test('a unit name and its object path say the same', () => {
  const paths = {
    'vtltape@11.service': '/org/freedesktop/systemd1/unit/vtltape_4011_2eservice',
    '-.mount': '/org/freedesktop/systemd1/unit/_2d_2emount',
    '9p.mount': '/org/freedesktop/systemd1/unit/_39p_2emount',
    'tape\\x2d1_a.service': '/org/freedesktop/systemd1/unit/tape_5cx2d1_5fa_2eservice',
    'bänd.service': '/org/freedesktop/systemd1/unit/b_c3_a4nd_2eservice',
  };
  for (const [name, path] of Object.entries(paths)) {
    assert.equal(unitPath(name), path);
    assert.equal(unitName(path), name);
  }
  assert.equal(unitName('/org/freedesktop/systemd1/job/1'), undefined);
  assert.equal(unitName('/org/freedesktop/systemd1/unit/a/b'), undefined);
});

test('patterns watch, an exact name also declares, and is stronger than an ignored pattern', () => {
  const watching = createWatching({
    watch: ['*.service', 'backup-[ab]?.timer', 'scst', 'run-me.service'],
    ignore: ['run-*', 'user@*.service'],
  });
  const watched = ['a.service', 'backup-a1.timer', 'scst.service', 'run-me.service'];
  const not = ['a.mount', 'backup-c1.timer', 'run-1.service', 'user@0.service', 'xservice'];
  assert.deepEqual(
    watched.filter((name) => watching.watched(name)),
    watched,
  );
  assert.deepEqual(
    not.filter((name) => watching.watched(name)),
    [],
  );
  assert.deepEqual([...watching.declared], ['scst.service', 'run-me.service']);
  assert.deepEqual([watching.shown('a.mount'), watching.shown('a.device')], [true, false]);
});

test('what systemd calls infinite or never is null, not a number', () => {
  const facts = factsOf({
    MemoryCurrent: 2n ** 64n - 1n,
    CPUUsageNSec: 1_500_000_000n,
    ActiveEnterTimestamp: 0n,
    StateChangeTimestamp: 1_795_331_297_584_904n,
    InvocationID: [],
    ExecMainCode: 0,
    ExecMainStatus: 0,
    MainPID: 0,
    ExecStart: ['dropped'],
  });
  assert.deepEqual(facts, {
    memoryBytes: null,
    cpuSeconds: 1.5,
    activeEnterAt: null,
    stateChangeAt: 1_795_331_297_584.904,
    invocationId: null,
    execMainCode: null,
    execMainStatus: null,
    mainPid: null,
  });
});

const running = (run: string) => ({
  activeState: 'activating',
  subState: 'start',
  result: 'success',
  invocationId: run,
});
const ended = (run: string, more: object = {}) => ({
  activeState: 'inactive',
  subState: 'dead',
  result: 'success',
  invocationId: run,
  execMainCode: 'exited',
  execMainStatus: 0,
  stateChangeAt: 5000,
  ...more,
});
const failing = (run: string) =>
  ended(run, { activeState: 'failed', subState: 'failed', result: 'exit-code', execMainStatus: 2 });

const runCases = [
  {
    name: 'a run starts and succeeds',
    seen: [running('1'), ended('1')],
    states: ['running', 'completed'],
  },
  { name: 'a run fails', seen: [running('1'), failing('1')], states: ['running', 'failed'] },
  {
    name: 'a failure that is reset is no success',
    seen: [failing('1'), ended('1', { execMainStatus: 2 })],
    states: ['failed'],
  },
  {
    name: 'a unit that is loaded anew and has no run says nothing',
    seen: [failing('1'), ended('', { invocationId: null })],
    states: ['failed'],
  },
  {
    name: 'on its way to a new run a unit is inactive, which is no success',
    seen: [failing('1'), ended('2', { execMainCode: null }), running('2')],
    states: ['failed', 'running'],
  },
  {
    name: 'a success after a failure is one',
    seen: [failing('1'), running('2'), ended('2')],
    states: ['failed', 'running', 'completed'],
  },
  {
    name: 'a run that was not due (a condition) leaves the last one',
    seen: [failing('1'), ended('2', { result: 'exec-condition' })],
    states: ['failed'],
  },
];
for (const { name, seen, states } of runCases)
  test(name, () => {
    const runs = createRuns();
    const told = seen.map((after) => runs.observe('backup.service', after, 2000));
    assert.deepEqual(
      told.flatMap((one) => one?.attributes.state ?? []),
      states,
    );
  });

test('a run carries its times, its status, and why it failed', () => {
  const told = createRuns().observe('backup.service', failing('1'), 2000);
  assert.equal(told?.id, 'backup');
  const { startedAt, endedAt, durationSeconds, exitStatus, message } = told.attributes;
  assert.deepEqual(
    [startedAt, endedAt, durationSeconds, exitStatus, message],
    [2000, 5000, 3, 2, 'exit status 2'],
  );
});

test('what a job has done is kept over restarts: its usual time, its failure, its success', () => {
  const before = createRuns();
  for (const n of ['1', '2', '3']) before.observe('a.service', ended(n), 1000);
  before.observe('a.service', failing('4'), 2000);
  before.observe('b.service', failing('5'), 2000);
  const memory = before.takeMemory() ?? assert.fail('nothing to keep');
  assert.equal(before.takeMemory(), undefined);
  const after = createRuns();
  after.restore(memory, (unit) => unit === 'a.service');
  assert.deepEqual(after.list(), [before.list()[0]]);
  const told = after.observe('a.service', running('6'), 9000);
  const past = before.list()[0]?.attributes;
  assert.equal(typeof past?.usualSeconds, 'number');
  assert.equal(told?.attributes.usualSeconds, past?.usualSeconds);
  assert.equal(told?.attributes.lastSuccessAt, past?.lastSuccessAt);
  assert.equal(told?.attributes.stuckAt, 9000 + hours(1));
});

test('finished runs are kept up to a limit, failed ones longest', () => {
  const runs = createRuns();
  runs.observe('bad.service', failing('0'), 0);
  for (let n = 0; n <= runsMax; n++) runs.observe(`u${n}.service`, ended(`${n}`), 0);
  assert.equal(runs.list().length, runsMax);
  assert.deepEqual(runs.takeDropped(), ['u0', 'u1']);
  assert.ok(runs.list().some(({ id }) => id === 'bad'));
});

const now = Date.UTC(2026, 10, 22, 6, 0, 0);
const time = { now, monotonic: minutes(60) };
const usec = (at: number) => BigInt(at) * 1000n;
const unit = { activeState: 'active', subState: 'waiting', watched: true };
const daily = {
  TimersCalendar: [['OnCalendar', '*-*-* 02:00:00', usec(now)]],
  RandomizedDelayUSec: 0n,
  AccuracyUSec: 60_000_000n,
};

test('a monotonic next run is shown on the wall clock', () => {
  const timer = foldTimer(newTimer, { NextElapseUSecMonotonic: 3_660_000_000n }, time);
  assert.equal(timer.nextElapseAt, now + minutes(1));
});

test('a run that is planned is missed some minutes after its time, with its delay', () => {
  const timer = foldTimer(
    newTimer,
    { ...daily, NextElapseUSecRealtime: usec(now), LastTriggerUSec: usec(now - hours(24)) },
    time,
  );
  const { attributes } = timerReading('a.timer', unit, timer);
  assert.equal(attributes.period, hours(24));
  assert.equal(attributes.overdueAt, now + hours(2.4) + minutes(1));
});

test('a timer that forgot its next run is missed after one and a half of its longest periods', () => {
  let timer = foldTimer(newTimer, daily, time);
  for (const at of [0, 24, 48, 120])
    timer = foldTimer(
      timer,
      { LastTriggerUSec: usec(now + hours(at)), NextElapseUSecRealtime: 0n },
      time,
    );
  const { attributes } = timerReading('a.timer', { ...unit, subState: 'elapsed' }, timer);
  assert.equal(attributes.dead, true);
  assert.equal(attributes.overdueAt, now + hours(120) + hours(108) + minutes(1));
});

test('while its unit runs a timer plans nothing, and misses nothing', () => {
  const timer = foldTimer(newTimer, { ...daily, LastTriggerUSec: usec(now) }, time);
  const { attributes } = timerReading('a.timer', { ...unit, subState: 'running' }, timer);
  assert.deepEqual([attributes.dead, attributes.overdueAt], [false, null]);
});

test('a timer for one moment may end', () => {
  const once = {
    TimersCalendar: [['OnCalendar', '2026-01-01 00:00:00', 0n]],
    LastTriggerUSec: usec(now - seconds(9)),
  };
  const timer = foldTimer(newTimer, once, time);
  assert.equal(
    timerReading('a.timer', { ...unit, subState: 'elapsed' }, timer).attributes.dead,
    false,
  );
});
