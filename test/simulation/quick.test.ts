/** A small world for each check; `make test` has days of a large one (long/days.test.ts). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hours } from '../../src/domain/time.ts';
import { promptProfiles } from './channels.ts';
import { simulate } from './run.ts';
import { checkSequences } from './sequences.ts';

test('in hours of faults nothing is lost, told twice, or muted by what is over', async () => {
  const seed = Number(process.env.SEED ?? 7);
  const { wrong, changes, messages } = await simulate(4, {
    seed,
    resources: 40,
    profiles: promptProfiles,
    heals: hours(6),
  });
  assert.deepEqual(wrong, [], `SEED=${seed}`);
  assert.ok(changes > 0 && messages > 0, `SEED=${seed}`);
});

test('no sequence leaves what fires, unmuted and unacknowledged, unannounced', () =>
  checkSequences(Number(process.env.RUNS ?? 3)));
