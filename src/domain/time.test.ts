import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { days, hours, minutes, parseDuration, renderDuration, rfc3339, seconds } from './time.ts';

const spellings = [
  ['0s', 0],
  ['90s', seconds(90)],
  ['5m', minutes(5)],
  ['1h30m', minutes(90)],
  ['2d', days(2)],
  ['100ms', 100],
  ['1d1h1m1s1ms', days(1) + hours(1) + minutes(1) + seconds(1) + 1],
] as const;

for (const [text, expected] of spellings) {
  test(`${text} is ${expected} ms`, () => assert.equal(parseDuration(text), expected));
}

for (const text of [
  '',
  '5',
  'm',
  '5 m',
  '1m1h',
  '-1s',
  '1.5s',
  '5M',
  '1s1s',
  '99999999999999999999d',
]) {
  test(`'${text}' is no duration`, () => assert.equal(parseDuration(text), undefined));
}

test('what is rendered can be read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: days(10_000) }), (span) => {
      assert.equal(parseDuration(renderDuration(span)), span);
    }),
  );
});

test('an instant is shown in UTC with milliseconds, and never later than it was', () => {
  assert.equal(rfc3339(Date.UTC(2026, 10, 22, 6, 14, 0, 123) + 0.9), '2026-11-22T06:14:00.123Z');
});
