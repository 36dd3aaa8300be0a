/** Instants in requests, in any zone of the machine, with the seconds that are inserted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInstant } from './instants.ts';

const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Chatham', 'Asia/Kathmandu'];

const cases: readonly (readonly [text: string, at: string | undefined])[] = [
  ['2026-11-22T06:14:00Z', '2026-11-22T06:14:00.000Z'],
  ['2026-11-22t06:14:00.123456789z', '2026-11-22T06:14:00.123Z'],
  ['2026-11-22 06:14+05:45', '2026-11-22T00:29:00.000Z'],
  // The hour that Berlin has twice, and the one that it has not.
  ['2026-10-25T02:30:00+02:00', '2026-10-25T00:30:00.000Z'],
  ['2026-10-25T02:30:00+01:00', '2026-10-25T01:30:00.000Z'],
  ['2026-03-29T02:30:00+01:00', '2026-03-29T01:30:00.000Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ['2016-12-31T23:59:60.999Z', '2017-01-01T00:00:00.000Z'],
  ['2017-01-01T00:59:60+01:00', '2017-01-01T00:00:00.000Z'],
  ['2016-12-31T18:29:60-05:30', '2017-01-01T00:00:00.000Z'],
  ['2016-12-31T22:59:60Z', undefined],
  ['2016-12-31T23:58:60Z', undefined],
  ['2016-12-31T23:59:61Z', undefined],
  ['2026-11-22T06:14:00', undefined],
  ['2026-11-22', undefined],
];

for (const zone of zones)
  test(`an instant is the same where the machine is in ${zone}, leap second or not`, (t) => {
    const before = process.env.TZ;
    t.after(() => {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    });
    process.env.TZ = zone;
    for (const [text, at] of cases) {
      const read = parseInstant(text);
      assert.equal(read === undefined ? undefined : new Date(read).toISOString(), at, text);
    }
  });
