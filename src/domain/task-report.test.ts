import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isOpen, type TaskRun, taskStates } from './task.ts';
import { foldReport, type TaskReport } from './task-report.ts';
import { hours, minutes } from './time.ts';

const now = Date.UTC(2026, 10, 22, 6);
const fold = (report: Partial<TaskReport>, before?: TaskRun, at = now) =>
  foldReport(before, { job: 'copy', key: null, ...report }, { by: 'uid:0', now: at, number: 1 });

function runOf(report: Partial<TaskReport>, before?: TaskRun, at = now): TaskRun {
  const folded = fold(report, before, at);
  assert.ok(folded.type === 'run', JSON.stringify(folded));
  return folded.run;
}

const states = [
  { name: 'nothing said: it runs', report: {}, state: 'running', startedAt: now, endedAt: null },
  { name: 'status 0: it ended well', report: { exitStatus: 0 }, state: 'completed', endedAt: now },
  { name: 'another status: it failed', report: { exitStatus: 2 }, state: 'failed', endedAt: now },
  { name: 'an end without a status is a good one', report: { endedAt: now - 5 }, endedAt: now - 5 },
  {
    name: 'what waits has not begun',
    report: { state: 'pending' },
    startedAt: null,
    endedAt: null,
  },
] as const;
for (const { name, report, ...expected } of states)
  test(name, () => {
    const run = runOf(report);
    assert.deepEqual({ ...run, ...expected }, run);
  });

test('a run goes on: what is not said again stays, and the end has its duration', () => {
  const begun = runOf({ message: 'reading', heartbeat: minutes(1) });
  const half = runOf({ progress: 0.5 }, begun, now + 1000);
  assert.deepEqual([half.id, half.message, half.progress], [begun.id, 'reading', 0.5]);
  const ended = runOf({ exitStatus: 4 }, half, now + 2000);
  assert.deepEqual([ended.state, ended.startedAt, ended.endedAt], ['failed', now, now + 2000]);
  assert.equal(ended.message, 'exit status 4');
});

test('what has ended stays so: a late heartbeat changes nothing, and failed does not get well', () => {
  const failed = runOf({ state: 'failed' });
  assert.equal(runOf({ state: 'running', progress: 0.1 }, failed, now + 9), failed);
  assert.equal(fold({ state: 'completed' }, failed).type, 'conflict');
  assert.equal(runOf({ state: 'failed' }, runOf({ exitStatus: 0 })).state, 'failed');
});

for (const [name, report, field] of [
  ['a beginning in the future', { startedAt: now + hours(1) }, 'startedAt'],
  ['an end before the beginning', { startedAt: now, endedAt: now - 1 }, 'endedAt'],
  ['an end of what runs', { state: 'running', endedAt: now }, 'endedAt'],
] as const)
  test(`${name} is refused`, () => {
    const folded = fold(report);
    assert.deepEqual([folded.type, folded.type === 'wrong' && folded.field], ['wrong', field]);
  });

test('whatever is reported, an open run has no end and an ended one has', () => {
  const report = fc.record(
    {
      state: fc.constantFrom(...taskStates),
      exitStatus: fc.integer({ min: 0, max: 255 }),
      startedAt: fc.integer({ min: now - 1000, max: now + 1000 }),
      endedAt: fc.integer({ min: now - 1000, max: now + 1000 }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(report, { maxLength: 6 }), (reports) => {
      let run: TaskRun | undefined;
      for (const [i, one] of reports.entries()) {
        const folded = fold(one, run, now + i);
        if (folded.type !== 'run') continue;
        if (run !== undefined && !isOpen(run.state)) assert.ok(!isOpen(folded.run.state));
        run = folded.run;
        assert.equal(run.endedAt === null, isOpen(run.state));
        assert.ok((run.endedAt ?? Infinity) >= (run.startedAt ?? 0));
      }
    }),
  );
});
