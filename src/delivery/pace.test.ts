import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from './pace.ts';

interface Slow {
  readonly pace: Pace;
  readonly look: (takes: number) => void;
  readonly pass: (time: number) => void;
}

/** On a clock that stands: only a look takes time, as long as is said. */
function paceOf(): Slow {
  let now = 1000;
  const pace = new Pace({ monotonic: () => now });
  const pass = (time: number): void => {
    now += time;
  };
  return { pace, pass, look: (takes) => pace.measure(() => pass(takes)) };
}

test('before the first look there is no rest', () => {
  const { pace } = paceOf();
  assert.ok(pace.left() <= 0);
});

test('after a quick look it rests for 50 ms', () => {
  const { pace, look, pass } = paceOf();
  look(1);
  assert.equal(pace.left(), 50);
  pass(50);
  assert.equal(pace.left(), 0);
});

test('a look that takes long is a tenth of the time at most', () => {
  const { pace, look } = paceOf();
  look(40);
  assert.deepEqual([pace.left(), pace.rest()], [360, 360]);
});

test('a look that throws is followed by a rest as well', () => {
  const { pace } = paceOf();
  const fail = (): never => {
    throw new Error('a bug');
  };
  assert.throws(() => pace.measure(fail), /a bug/);
  assert.equal(pace.rest(), 50);
});
