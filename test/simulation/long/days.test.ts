/**
 * Days with thousands of resources; and first the seeds in which something was wrong once. The
 * seed is fixed, so that everybody gets the same verdict: `node test/simulation/run.ts SEED COUNT
 * 168 2000` simulates whole weeks and looks for new ones.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from '../run.ts';
import { checkSequences } from '../sequences.ts';

/** What was found: the world, and what was wrong in it. */
const found = [
  {
    seed: 121,
    hours: 24,
    resources: 300,
    was: 'a replay ended acknowledgements of one moment in another order',
  },
  {
    seed: 122,
    hours: 24,
    resources: 300,
    was: 'a replay ended acknowledgements of one moment in another order, in a tree of victims',
  },
  {
    seed: 420,
    hours: 24,
    resources: 200,
    was: 'a replay ended the alerts of a removed rule in another order',
  },
] as const;

for (const { seed, hours, resources, was } of found)
  test(`all is well in the world ${seed}, in which ${was}`, async () => {
    const { wrong } = await simulate(hours, { seed, resources });
    assert.deepEqual(wrong, [], `SEED=${seed}`);
  });

/** Of a week the first four: a minute and a half of processor time. */
const days = 4;

test('in four days nothing is lost, told twice, or muted by what is over', async () => {
  const seed = Number(process.env.SEED ?? 1);
  const { wrong, changes } = await simulate(days * 24, { seed, resources: 2000 });
  assert.deepEqual(
    wrong,
    [],
    `SEED=${seed}: node test/simulation/run.ts ${seed} 1 ${days * 24} 2000`,
  );
  assert.ok(changes > 0, `SEED=${seed}`);
});

test('none of 150 sequences leaves what fires, unmuted and unacknowledged, unannounced', () =>
  checkSequences(150));
