/** The desk on a real heart: reports become runs, readings and alerts, and survive a restart. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { readingOf } from '../collectors/tasks/readings.ts';
import { partial } from '../domain/reading.ts';
import { jobsMax, type TaskRun } from '../domain/task.ts';
import type { TaskReport } from '../domain/task-report.ts';
import { minutes } from '../domain/time.ts';
import { createInventory } from '../inventory/create.ts';
import type { TaskAnswer } from '../operations/house.ts';
import { openStore } from '../store/client.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { Pipeline } from './pipeline.ts';
import { TaskDesk } from './task-desk.ts';

async function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-desk-'));
  const store = await openStore(join(folder, 'tocsin.db'), { ballastBytes: 0 });
  t.after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const clock = new FakeClock();
  const inventory = createInventory();
  const told: string[] = [];
  let state: CommitQueue['state'] = { type: 'ok' };
  let writing: Promise<unknown> = Promise.resolve();
  const pipeline = {
    tell: (collector, reading) => {
      if (reading.type !== 'partial') return;
      for (const { id, attributes } of reading.resources)
        told.push(`${id} ${JSON.stringify(attributes.state)}`);
      for (const { id } of reading.gone) told.push(`${id} gone`);
      inventory.apply(collector, reading, clock.now());
    },
    applied: async () => {},
  } as Partial<Pipeline> as Pipeline;
  const queue = {
    add: ({ tasks = [] }) => {
      writing = store.commit({ changes: [], events: [], cursors: {}, blind: [], tasks });
    },
    settled: async () => void (await writing),
    get state() {
      return state;
    },
  } as Partial<CommitQueue> as CommitQueue;
  const parts = { pipeline, queue, store, inventory, clock };
  const again = async () => new TaskDesk(parts, (await store.remember()).tasks);
  const fill = () => {
    state = { type: 'full', why: 'no room', eventsDropped: 0 };
  };
  return { desk: await again(), again, clock, told, inventory, fill };
}

const runOf = (answer: TaskAnswer): TaskRun => {
  assert.ok(answer.type === 'done', JSON.stringify(answer));
  return answer.memory.run;
};
const of = (job: string, more: Partial<TaskReport> = {}): TaskReport => ({
  job,
  key: null,
  ...more,
});

test('one key is one run, also after a restart and after later runs of the job', async (t) => {
  const { desk, again, clock } = await setUp(t);
  const first = runOf(await desk.report(of('copy', { key: 'a' }), 'uid:0'));
  await clock.advance(10);
  const second = runOf(await desk.report(of('copy', { key: 'b' }), 'uid:0'));
  assert.notEqual(second.id, first.id);
  const later = await again();
  const end = await later.report(of('copy', { key: 'a', exitStatus: 0 }), 'uid:0');
  assert.deepEqual([runOf(end).id, runOf(end).state], [first.id, 'completed']);
  assert.equal(end.type === 'done' && end.isNew, false);
  assert.deepEqual(
    later.list().map(({ run }) => run.id),
    [second.id],
  );
});

test('without a key an end ends what runs, and a beginning begins anew', async (t) => {
  const { desk, clock } = await setUp(t);
  const first = runOf(await desk.report(of('copy'), 'uid:0'));
  await clock.advance(10);
  assert.equal(runOf(await desk.report(of('copy', { exitStatus: 1 }), 'uid:0')).id, first.id);
  const second = runOf(await desk.report(of('copy'), 'uid:0'));
  await clock.advance(10);
  const third = runOf(await desk.report(of('copy'), 'uid:0'));
  assert.equal(new Set([first.id, second.id, third.id]).size, 3);
  assert.equal(runOf(await desk.update('copy', { progress: 0.5 }, 'uid:0')).id, third.id);
});

test('a failure that is told late is told before the run that goes on', async (t) => {
  const { desk, clock, told } = await setUp(t);
  await desk.report(of('copy', { key: 'new', state: 'running' }), 'uid:0');
  const early = clock.now() - minutes(9);
  const late = { key: 'old', startedAt: early, endedAt: early + 1, exitStatus: 2 };
  await desk.report(of('copy', late), 'spool');
  assert.deepEqual(told, ['copy "running"', 'copy "failed"', 'copy "running"']);
});

test('what a unit does under the same name later is left to systemd', async (t) => {
  const { desk, clock, told, inventory } = await setUp(t);
  const run = runOf(await desk.report(of('copy', { key: 'a' }), 'uid:0'));
  await clock.advance(100);
  const ofUnit = readingOf(
    { run: { ...run, startedAt: clock.now() }, took: [], lastSuccessAt: 0 },
    0,
  );
  const attributes = { ...ofUnit.attributes, source: 'systemd' };
  inventory.apply('systemd', partial([{ ...ofUnit, attributes }]), clock.now());
  await desk.report(of('copy', { key: 'a', progress: 0.2 }), 'uid:0');
  assert.equal(inventory.find({ kind: 'task.run', id: 'copy' })?.collector, 'systemd');
  await clock.advance(100);
  await desk.report(of('copy', { key: 'b' }), 'uid:0');
  assert.equal(inventory.find({ kind: 'task.run', id: 'copy' })?.collector, 'tasks');
  assert.deepEqual(told, ['copy "running"', 'copy "running"']);
});

test('a report that could not be made durable is not answered as if it were', async (t) => {
  const { desk, fill } = await setUp(t);
  fill();
  assert.deepEqual(await desk.report(of('copy'), 'uid:0'), { type: 'unstored', why: 'no room' });
});

test('jobs beyond the limit are forgotten, those that failed last', async (t) => {
  const { desk, told } = await setUp(t);
  await desk.report(of('bad', { state: 'failed' }), 'uid:0');
  const all = Array.from({ length: jobsMax }, (_, i) => of(`job-${i}`, { exitStatus: 0 }));
  await Promise.all(all.map((report) => desk.report(report, 'uid:0')));
  assert.equal(desk.list().length, jobsMax);
  assert.ok(desk.list().some(({ run }) => run.job === 'bad'));
  assert.ok(told.includes('job-0 gone'));
});
