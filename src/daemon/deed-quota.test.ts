import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hours } from '../domain/time.ts';
import { DeedQuota, deedsAtOnce, deedsPerHour } from './deed-quota.ts';

const gap = hours(1) / deedsPerHour;

/** Does as much as it may at this instant, at most `wanted`; how much that was. */
function doAll(quota: DeedQuota, caller: string, wanted = 100_000): number {
  for (let done = 0; done < wanted; done++) {
    if (quota.waitOf(caller) !== undefined) return done;
    quota.count(caller);
  }
  return wanted;
}

test('a caller may do much at once, then a thousand an hour; others do not notice', () => {
  let now = 12_345;
  const quota = new DeedQuota(() => now);
  assert.equal(doAll(quota, 'token:ci'), deedsAtOnce);
  assert.equal(quota.waitOf('token:ci'), gap);
  assert.equal(quota.waitOf('token:other'), undefined);
  now += gap - 1;
  assert.equal(quota.waitOf('token:ci'), 1);
  now += 1;
  assert.equal(doAll(quota, 'token:ci'), 1);
  now += hours(1);
  assert.equal(doAll(quota, 'token:ci'), deedsPerHour);
  now += hours(1000);
  assert.equal(doAll(quota, 'token:ci'), deedsAtOnce);
});

test('in no span of time does a caller do more than the burst and what comes in that time', () => {
  const pauses = fc.array(fc.integer({ min: 0, max: hours(30) }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(pauses, (waited) => {
      let now = 0;
      let done = 0;
      const quota = new DeedQuota(() => now);
      for (const pause of waited) {
        now += pause;
        done += doAll(quota, 'a');
        assert.ok(done <= deedsAtOnce + now / gap, `${done} within ${now} ms`);
      }
    }),
    { numRuns: 20 },
  );
});

test('a flood of callers is not remembered without end, and the busiest is', () => {
  const quota = new DeedQuota(() => 0);
  doAll(quota, 'busy');
  for (let i = 0; i < 4095; i++) quota.count(`caller ${i}`);
  assert.notEqual(quota.waitOf('busy'), undefined);
  quota.count('one more');
  assert.equal(quota.waitOf('busy'), undefined);
});
