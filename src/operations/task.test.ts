import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeStart } from './fake-alerts.ts';
import { furnishedHouse, outputOf, run } from './furnished-house.fixture.ts';
import type { TaskView } from './task-view.ts';

const wrong = [
  { name: 'no job', input: {}, says: /"job" is missing/ },
  { name: 'an unknown state', input: { job: 'a', state: 'done' }, says: /pending, running/ },
  { name: 'a share above one', input: { job: 'a', progress: 42 }, says: /from 0 to 1/ },
  {
    name: 'a time without a zone',
    input: { job: 'a', startedAt: '2026-11-22 06:00' },
    says: /3339/,
  },
  { name: 'a short heartbeat', input: { job: 'a', heartbeat: '10ms' }, says: /at least 1s/ },
  { name: 'a slip of the pen', input: { job: 'a', exitstatus: 1 }, says: /exitStatus/ },
  { name: 'blanks around the name', input: { job: ' a' }, says: /without blanks/ },
  {
    name: 'an end before the beginning',
    input: { job: 'a', startedAt: '2026-11-22T06:00:00Z', endedAt: '2026-11-22T05:00:00Z' },
    says: /before startedAt/,
  },
];
for (const { name, input, says } of wrong)
  test(`${name} is refused, and it is said why`, async () => {
    const answer = await run(furnishedHouse(), 'task.report', input);
    assert.ok(answer.type === 'refused' && answer.refusal.code === 'invalid-input');
    assert.match(answer.refusal.message, says);
  });

test('a run that has ended badly cannot get well, and what is not stored is not confirmed', async () => {
  const house = furnishedHouse();
  await outputOf(house, 'task.report', { job: 'a', key: 'k', exitStatus: 1 });
  const conflict = await run(house, 'task.report', { job: 'a', key: 'k', exitStatus: 0 });
  assert.ok(conflict.type === 'refused' && conflict.refusal.code === 'conflict');
  house.tasks.unstored = 'no room';
  const unstored = await run(house, 'task.report', { job: 'a' });
  assert.ok(unstored.type === 'refused' && unstored.refusal.code === 'not-stored');
});

test('the list has the latest run of each job, of units too, page by page', async () => {
  const house = furnishedHouse();
  for (let i = 0; i < 5; i++)
    house.inventory.push({
      kind: 'task.run',
      id: `job-${i}`,
      collector: 'systemd',
      attributes: {
        state: i % 2 ? 'failed' : 'completed',
        source: 'systemd',
        startedAt: fakeStart + i,
      },
      changedAt: 0,
      readAt: 0,
      staleSince: null,
    });
  const page = async (input: object) =>
    (await outputOf(house, 'task.list', input)) as {
      readonly items: readonly TaskView[];
      readonly nextCursor: string | null;
    };
  const first = await page({ limit: 3 });
  const rest = await page({ limit: 3, cursor: first.nextCursor });
  assert.deepEqual(
    [...first.items, ...rest.items].map(({ id }) => id),
    [4, 3, 2, 1, 0].map((i) => `job-${i}`),
  );
  assert.equal(rest.nextCursor, null);
  const failed = await page({ state: ['failed'], source: ['systemd'] });
  assert.deepEqual(
    failed.items.map(({ job }) => job),
    ['job-3', 'job-1'],
  );
  assert.deepEqual((await page({ job: 'job-3', source: ['report'] })).items, []);
});
