/** Acknowledgements that end by themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { Alert, Change } from '../domain/alert.ts';
import { type EpochMs, hours, minutes } from '../domain/time.ts';
import { Acknowledgements } from './acknowledgements.ts';

const alert = (id: string, acknowledgedUntil: EpochMs | null, phase = 'firing'): Alert =>
  ({ id, acknowledgedUntil, phase }) as Alert;
const change = (of: Alert): Change => ({ alert: of }) as Change;

function setUp(active: readonly Alert[] = []) {
  const clock = new FakeClock(0);
  const ended: string[] = [];
  const act = async (id: string): Promise<undefined> => {
    ended.push(id);
  };
  return { clock, ended, desk: new Acknowledgements(clock, { act }, active) };
}

test('an acknowledgement ends at its time and not before, also one from before the start', async () => {
  const { clock, ended, desk } = setUp([alert('old', minutes(30))]);
  desk.take([change(alert('new', hours(2))), change(alert('open', null))]);
  await clock.advance(minutes(29));
  assert.deepEqual(ended, []);
  await clock.advance(minutes(2));
  assert.deepEqual(ended, ['old']);
  await clock.advance(hours(2));
  assert.deepEqual(ended, ['old', 'new']);
});

test('what is resolved or no longer acknowledged has no end to come', async () => {
  const { clock, ended, desk } = setUp([alert('a', hours(1)), alert('b', hours(1))]);
  desk.take([change(alert('a', hours(1), 'resolved')), change(alert('b', null))]);
  await clock.advance(hours(3));
  assert.deepEqual(ended, []);
});

test('a wall clock that jumps past the end is noticed within a minute', async () => {
  const { clock, ended } = setUp([alert('a', hours(5))]);
  await clock.advance(minutes(5));
  clock.jump(hours(6));
  await clock.advance(minutes(1));
  assert.deepEqual(ended, ['a']);
});
