import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TaskRun, tookMax } from '../domain/task.ts';
import { days, minutes } from '../domain/time.ts';
import { committed, start, temporaryStore } from './samples.fixture.ts';

const runOf = (n: number, more: Partial<TaskRun> = {}): TaskRun => ({
  id: `01K${String(n).padStart(23, '0')}`,
  job: 'copy',
  key: `k${n}`,
  state: 'completed',
  startedAt: start + minutes(n),
  endedAt: start + minutes(n) + n,
  progress: 0.5,
  exitStatus: 0,
  message: 'done',
  heartbeat: null,
  reportedBy: 'uid:0',
  firstReportAt: start + minutes(n),
  lastReportAt: start + minutes(n) + n,
  ...more,
});
const runs = (count: number): readonly TaskRun[] =>
  Array.from({ length: count }, (_, i) => runOf(i + 1));

test('a run is one row however often it is reported, and is found by id and by key', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, { tasks: [runOf(1, { state: 'running', endedAt: null }), runOf(2)] });
  await committed(store, { tasks: [runOf(1)] });
  assert.deepEqual(await store.listTasks({ limit: 9 }), [runOf(2), runOf(1)]);
  assert.deepEqual(await store.listTasks({ job: 'copy', key: 'k1', limit: 9 }), [runOf(1)]);
  assert.deepEqual(await store.listTasks({ id: runOf(2).id, limit: 9 }), [runOf(2)]);
  assert.deepEqual(await store.listTasks({ state: ['failed'], limit: 9 }), []);
  const after = { at: start + minutes(2), id: runOf(2).id };
  assert.deepEqual(await store.listTasks({ after, limit: 9 }), [runOf(1)]);
});

test('of each job the latest run is remembered, with how long the last ones took', async (t) => {
  const store = await temporaryStore(t);
  const failed = runOf(30, { state: 'failed' });
  const other = runOf(40, { job: 'other', key: null, state: 'pending', startedAt: null });
  await committed(store, { tasks: [...runs(25), failed, other] });
  const { tasks } = await store.remember();
  assert.deepEqual(
    tasks.map(({ run }) => run),
    [other, failed],
  );
  assert.deepEqual(
    tasks[1]?.took,
    Array.from({ length: tookMax }, (_, i) => i + 6),
  );
  assert.deepEqual(
    tasks.map(({ lastSuccessAt }) => lastSuccessAt),
    [null, start + minutes(25) + 25],
  );
});

test('age takes runs, but never the latest of a job', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, { tasks: runs(25) });
  const limits = { age: days(1), bytes: 1e12 };
  assert.deepEqual(await store.prune(limits, start + days(9)), { deleted: 5 });
  assert.equal((await store.listTasks({ limit: 99 })).length, tookMax);
  assert.equal((await store.remember()).tasks[0]?.run.id, runOf(25).id);
});
