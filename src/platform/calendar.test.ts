/** The real systemd-analyze is asked where it is there; its words are also kept as text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { days, hours, minutes, rfc3339 } from '../domain/time.ts';
import { createCalendar, readMoments } from './calendar.ts';
import { systemClock } from './clock.ts';
import { systemCommand } from './command.ts';
import { createProbes } from './probes.ts';

// systemd 252, with TZ=Europe/Berlin.
const berlin = `  Original form: Mon..Fri 06:00
Normalized form: Mon..Fri *-*-* 06:00:00
    Next elapse: Mon 2026-11-23 06:00:00 CET
       (in UTC): Mon 2026-11-23 05:00:00 UTC
       From now: 15h left
       Iter. #2: Tue 2026-11-24 06:00:00 CET
       (in UTC): Tue 2026-11-24 05:00:00 UTC
       From now: 1 day 15h left
`;
// The same with TZ=UTC, of a moment that comes once: its normalized form is a date, too.
const once = `  Original form: 2030-01-01 UTC
Normalized form: 2030-01-01 00:00:00 UTC
    Next elapse: Tue 2030-01-01 00:00:00 UTC
       From now: 3 years 1 month left
`;
// systemd 257, with TZ=UTC: another word for those after the first.
const newer = `  Original form: *:*:0/5
Normalized form: *-*-* *:*:00/5
    Next elapse: Sun 2026-11-22 14:43:05 UTC
       From now: 36min ago
   Iteration #2: Sun 2026-11-22 14:43:10 UTC
       From now: 35min ago
`;

test('moments are read in UTC, whatever the zone, and nothing else that looks like one', () => {
  assert.deepEqual(readMoments(berlin).map(rfc3339), [
    '2026-11-23T05:00:00.000Z',
    '2026-11-24T05:00:00.000Z',
  ]);
  assert.deepEqual(readMoments(newer).map(rfc3339), [
    '2026-11-22T14:43:05.000Z',
    '2026-11-22T14:43:10.000Z',
  ]);
  assert.deepEqual(readMoments(once).map(rfc3339), ['2030-01-01T00:00:00.000Z']);
  assert.deepEqual(readMoments('    Next elapse: never\n'), []);
});

test('any text is read without a fault', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.ok(readMoments(`    Next elapse: ${text}`).every(Number.isFinite));
    }),
  );
});

const probes = createProbes(systemCommand, systemClock);
const systemd = createCalendar(probes);
const { signal } = new AbortController();
const now = Date.UTC(2026, 10, 23, 12, 0, 0);
const monday = Date.UTC(2026, 10, 23);

const places = [
  // A Monday: the one before is the Friday.
  {
    calendar: 'Mon..Fri 06:00 UTC',
    before: monday - days(3) + hours(6),
    last: monday + hours(6),
    next: monday + days(1) + hours(6),
  },
  { calendar: 'minutely', before: now - minutes(1), last: now, next: now + minutes(1) },
  // On the 23rd of three months of the year.
  {
    calendar: '*-01,05,11-23 12:00:00 UTC',
    before: Date.UTC(2026, 4, 23, 12),
    last: now,
    next: Date.UTC(2027, 0, 23, 12),
  },
  { calendar: '2020-01-01 UTC', before: null, last: null, next: null },
];
for (const { calendar, ...expected } of places)
  test(`systemd says where Monday noon lies in ${calendar}`, async () => {
    const place = await systemd.placeOf(calendar, now, signal);
    assert.deepEqual(place, { type: 'placed', ...expected });
  });

test('a wrong expression is refused in the words of systemd', async () => {
  for (const calendar of ['nonsense', '-x', '--help']) {
    const answer = await systemd.momentsAfter(calendar, now, { count: 2, signal });
    assert.equal(answer.type, 'bad');
    assert.match(answer.type === 'bad' ? answer.why : '', /[Ff]ailed to parse .*Invalid argument/);
  }
});

test('without systemd-analyze it is not known, and not wrong', async () => {
  const missing = { ...probes, run: async () => ({ type: 'missing', why: 'ENOENT' }) as const };
  const place = await createCalendar(missing).placeOf('daily', now, signal);
  assert.deepEqual(place, { type: 'unknown', why: 'systemd-analyze cannot be run: ENOENT' });
});
