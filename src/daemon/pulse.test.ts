/** The pulse feeds the watchdog only when a beat came through. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { seconds } from '../domain/time.ts';
import { Pulse } from './pulse.ts';

function setUp() {
  const clock = new FakeClock();
  let fed = 0;
  let answer: () => Promise<void> = () => Promise.resolve();
  const pulse = new Pulse({
    clock,
    every: seconds(5),
    beat: () => answer(),
    onAlive: () => {
      fed += 1;
    },
  });
  return {
    clock,
    pulse,
    fed: () => fed,
    answerWith: (next: () => Promise<void>) => (answer = next),
  };
}

test('each beat that comes through feeds the watchdog once', async () => {
  const { clock, pulse, fed } = setUp();
  await clock.advance(seconds(20));
  assert.equal(fed(), 4);
  assert.equal(pulse.trouble(), null);
});

test('a beat that never comes back, or fails, feeds nothing and is trouble soon', async () => {
  for (const answer of [
    () => new Promise<void>(() => {}),
    () => Promise.reject(new Error('gone')),
  ]) {
    const { clock, pulse, fed, answerWith } = setUp();
    answerWith(answer);
    await clock.advance(seconds(20));
    assert.equal(fed(), 0);
    assert.match(pulse.trouble() ?? '', /no progress for 20s/);
  }
});

test('after a failed beat the next one is tried', async () => {
  const { clock, pulse, fed, answerWith } = setUp();
  answerWith(() => Promise.reject(new Error('gone')));
  await clock.advance(seconds(20));
  answerWith(() => Promise.resolve());
  await clock.advance(seconds(5));
  assert.equal(fed(), 1);
  assert.equal(pulse.trouble(), null);
});
