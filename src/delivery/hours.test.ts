/** Working hours, over midnight, over the week-end, and over the nights when clocks change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hours, isOpen, isZone, nextOpening, type Weekday } from './hours.ts';

const week: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
const hoursOf = (from: number, to: number, zone = 'Europe/Vienna', days = week): Hours => ({
  days: new Set(days),
  from: from * 60,
  to: to * 60,
  zone,
  waits: new Set(['info']),
});
const at = (text: string): number => Date.parse(text);

const cases = [
  {
    name: 'in the middle of the day',
    hours: hoursOf(8, 17),
    now: '2026-11-23T10:00:00Z',
    opens: null,
  },
  {
    name: 'on the minute of the begin',
    hours: hoursOf(8, 17),
    now: '2026-11-23T07:00:00Z',
    opens: null,
  },
  {
    name: 'on the minute of the end',
    hours: hoursOf(8, 17),
    now: '2026-11-23T16:00:00Z',
    opens: '2026-11-24T07:00:00Z',
  },
  {
    name: 'in the night',
    hours: hoursOf(8, 17),
    now: '2026-11-24T01:23:45Z',
    opens: '2026-11-24T07:00:00Z',
  },
  {
    name: 'on Friday evening',
    hours: hoursOf(8, 17),
    now: '2026-11-27T18:00:00Z',
    opens: '2026-11-30T07:00:00Z',
  },
  {
    name: 'over midnight, after it',
    hours: hoursOf(22, 6, 'UTC'),
    now: '2026-11-28T05:59:00Z',
    opens: null,
  },
  {
    name: 'over midnight, on a day that is none',
    hours: hoursOf(22, 6, 'UTC'),
    now: '2026-11-29T05:00:00Z',
    opens: '2026-11-30T22:00:00Z',
  },
  {
    name: 'over the night in which summer begins',
    hours: hoursOf(8, 17),
    now: '2027-03-26T20:00:00Z',
    opens: '2027-03-29T06:00:00Z',
  },
  {
    name: 'over the night in which it ends',
    hours: hoursOf(8, 17),
    now: '2026-10-23T20:00:00Z',
    opens: '2026-10-26T07:00:00Z',
  },
  {
    name: 'a whole day a week',
    hours: hoursOf(0, 24, 'UTC', ['wed']),
    now: '2026-11-26T00:00:00Z',
    opens: '2026-12-02T00:00:00Z',
  },
] as const;

for (const { name, hours, now, opens } of cases) {
  test(`working hours: ${name}`, () => {
    assert.equal(isOpen(hours, at(now)), opens === null);
    assert.equal(nextOpening(hours, at(now)), at(opens ?? now));
    assert.ok(isOpen(hours, nextOpening(hours, at(now))));
  });
}

test('a zone that nobody knows is none', () => {
  assert.ok(isZone('Asia/Kolkata'));
  assert.ok(!isZone('Europe/Wien'));
});
