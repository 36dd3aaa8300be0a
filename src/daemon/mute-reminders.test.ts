/** The weekly reminder of old silences and acknowledgements. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from '../../test/support/fake-clock.ts';
import type { Alert } from '../domain/alert.ts';
import type { Note } from '../domain/message.ts';
import type { Silence } from '../domain/mute.ts';
import { days, type EpochMs, hours } from '../domain/time.ts';
import { fakeAlert } from '../operations/fake-alerts.ts';
import { MuteReminders, reminderOf, weekOf } from './mute-reminders.ts';

const local = (year: number, month: number, day: number, hour = 12): EpochMs =>
  new Date(year, month - 1, day, hour).getTime();
/** A Wednesday. */
const now = local(2026, 11, 18);

const silenceFor = (age: number, more: Partial<Silence> = {}): Silence => ({
  id: `s${age}`,
  matchers: [{ name: 'unit', operator: '=', value: 'a.service' }],
  startsAt: now - days(age),
  endsAt: now + days(3),
  comment: 'waiting for a drive',
  createdBy: 'anna',
  setBy: 'uid:0',
  createdAt: now - days(age),
  updatedAt: now - days(age),
  endedBy: null,
  ...more,
});
const acknowledgedFor = (age: number): Alert => ({
  ...fakeAlert(1, { id: `a${age}`, title: 'Drive is hot' }),
  acknowledged: true,
  acknowledgedAt: now - days(age),
  acknowledgedBy: 'token:dev',
});
const limits = { now, after: days(7) };

for (const [at, week] of [
  [local(2026, 11, 16, 7), '2026-W46'],
  [local(2026, 11, 16, 9), '2026-W47'],
  [local(2026, 11, 22, 23), '2026-W47'],
  // Thursday the 31st of December 2026 makes it the 53rd week, also in January.
  [local(2027, 1, 3), '2026-W53'],
  [local(2027, 1, 4), '2027-W01'],
  [local(2024, 12, 30), '2025-W01'],
] as const)
  test(`${new Date(at).toDateString()} at ${new Date(at).getHours()} is in ${week}`, () => {
    assert.equal(weekOf(at), week);
  });

test('the oldest come first, with who set them and what for', () => {
  const note = reminderOf([silenceFor(8)], [acknowledgedFor(20)], limits);
  assert.equal(note?.title, 'Older than 7d: 1 silence and 1 acknowledgement');
  assert.match(note?.lines[0] ?? '', /^20d, token:dev: alert a20, Drive is hot/);
  assert.match(note?.lines[1] ?? '', /^8d, anna: silence s8 of unit="a.service" until .*: waiting/);
});

test('what is younger, over or to come is not reminded of', () => {
  const none = [
    silenceFor(6),
    silenceFor(9, { endsAt: now - 1 }),
    silenceFor(9, { startsAt: now + 1 }),
  ];
  assert.equal(reminderOf(none, [acknowledgedFor(6), fakeAlert(2)], limits), undefined);
});

function startReminders(active: readonly Alert[], week?: string) {
  const told: Note[] = [];
  const saved: string[] = [];
  let at = now;
  const reminders = new MuteReminders(
    {
      now: () => at,
      active: () => active,
      after: () => days(7),
      tell: async (note) => void told.push(note),
      save: (one) => void saved.push(one),
    },
    week,
  );
  const look = async (later: number): Promise<void> => {
    at = now + later;
    reminders.look([]);
    await settled();
  };
  return { told, saved, look };
}

test('it is told once a week, also over a restart', async () => {
  const { told, saved, look } = startReminders([acknowledgedFor(8)]);
  for (const later of [0, hours(1), days(1), days(4)]) await look(later);
  assert.deepEqual(saved, ['2026-W47']);
  await look(days(5));
  assert.deepEqual(saved, ['2026-W47', '2026-W48']);
  assert.equal(told.length, 2);
  const again = startReminders([acknowledgedFor(8)], '2026-W47');
  await again.look(0);
  assert.deepEqual(again.told, []);
});

test('what grows old in the middle of a week is told then', async () => {
  const { told, look } = startReminders([acknowledgedFor(6)]);
  await look(0);
  assert.equal(told.length, 0);
  await look(days(1));
  assert.equal(told.length, 1);
});

test('a clock that is set back over a Monday reminds nobody again, one set back by a month does', async () => {
  const { told, look } = startReminders([acknowledgedFor(60)]);
  await look(days(5));
  await look(days(4));
  assert.equal(told.length, 1);
  await look(-days(25));
  assert.equal(told.length, 2);
});
