import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stuckAfter, tookMax, usualDuration, withTook } from './task.ts';
import { days, hours, minutes } from './time.ts';

const h = hours(1);
const cases = [
  { name: 'nothing is known: a day', took: [], usual: null, stuck: days(1) },
  { name: 'two runs are no usual duration', took: [h, h], usual: null, stuck: days(1) },
  { name: 'three runs are one: four times the middle', took: [h, 9 * h, 2 * h], usual: 2 * h },
  {
    name: 'of an even number the two in the middle',
    took: [h, 2 * h, 4 * h, 99 * h],
    usual: 3 * h,
  },
  { name: 'one odd run does not count', took: [h, h, h, h, days(9)], usual: h },
  {
    name: 'a job of minutes has an hour',
    took: [minutes(1), minutes(2), minutes(3)],
    usual: minutes(2),
    stuck: h,
  },
];
for (const { name, took, usual, stuck } of cases)
  test(name, () => {
    assert.equal(usualDuration(took), usual);
    assert.equal(stuckAfter(took), stuck ?? (usual ?? 0) * 4);
  });

test('the usual duration is one that half of the last runs kept to', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 3, maxLength: 60 }), (all) => {
      const took = all.reduce<readonly number[]>(withTook, []);
      assert.deepEqual(took, all.slice(-tookMax));
      const usual = usualDuration(took) ?? NaN;
      assert.ok(took.filter((one) => one <= usual).length * 2 >= took.length);
      assert.ok(took.filter((one) => one >= usual).length * 2 >= took.length);
    }),
  );
});
