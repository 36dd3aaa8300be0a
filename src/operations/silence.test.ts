/** Silences and maintenance windows as a caller asks for them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hours, minutes, rfc3339 } from '../domain/time.ts';
import { fakeStart } from './fake-alerts.ts';
import { FakeHouse } from './fake-house.ts';
import { outputOf, run } from './furnished-house.fixture.ts';
import type { MaintenanceView } from './maintenance.ts';
import type { PreviewView } from './silence-preview.ts';
import type { SilenceView } from './silence-view.ts';

const said = { matchers: ['unit="a.service"'], comment: 'repair', duration: '1h' };
/** What was said, with what is different; a field that is undefined is left out. */
const saying = (more: object): object => JSON.parse(JSON.stringify({ ...said, ...more }));
const save = async (house: FakeHouse, more: object = {}): Promise<SilenceView> =>
  (await outputOf(house, 'silence.save', saying(more))) as SilenceView;

async function refusalOf(house: FakeHouse, name: string, input: object) {
  const answer = await run(house, name, input);
  assert.ok(answer.type === 'refused', JSON.stringify(answer));
  return answer.refusal;
}

test('a silence is set by texts or by objects, and shows both forms', async () => {
  const house = new FakeHouse();
  const byText = await save(house, { matchers: ['unit="a.service", severity=~"crit.*"'] });
  const [unit, severity] = byText.matchers;
  assert.deepEqual(unit, { name: 'unit', value: 'a.service', isRegex: false, isEqual: true });
  assert.equal(severity?.isRegex, true);
  assert.equal(byText.filter, 'unit="a.service",severity=~"crit.*"');
  assert.equal((await save(house, { matchers: byText.matchers })).filter, byText.filter);
  const without = [{ name: 'unit', value: 'b', isEqual: false }];
  assert.match((await save(house, { matchers: [...without, 'a=b'] })).filter, /^unit!="b"/);
});

test('its end is an instant, a time from now, or a time after its start', async () => {
  const house = new FakeHouse();
  const ends = async (more: object): Promise<string> => (await save(house, more)).endsAt;
  const after = (ms: number): string => rfc3339(fakeStart + ms);
  assert.equal(await ends({}), after(hours(1)));
  assert.equal(await ends({ startsAt: '30m' }), after(minutes(90)));
  assert.equal(await ends({ duration: undefined, endsAt: '15m' }), after(minutes(15)));
  const instant = '2026-11-22T08:00:00Z';
  assert.equal(await ends({ duration: undefined, endsAt: instant }), '2026-11-22T08:00:00.000Z');
});

for (const [why, more, field] of [
  ['no end', { duration: undefined }, '#/endsAt'],
  ['two ends', { endsAt: '2h' }, '#/endsAt'],
  ['a length that is none', { duration: 'long' }, '#/duration'],
  ['a start that is none', { startsAt: 'soon' }, '#/startsAt'],
  ['a matcher that is none', { matchers: ['unit'] }, '#/matchers'],
  ['no matcher', { matchers: [] }, '#/matchers'],
  ['no comment', { comment: '' }, '#/comment'],
  ['a length beyond the limit', { duration: '31d' }, '#/endsAt'],
] as const)
  test(`a silence with ${why} is refused by the name of the field`, async () => {
    const refusal = await refusalOf(new FakeHouse(), 'silence.save', saying(more));
    assert.equal(refusal.code, 'invalid-input');
    assert.equal(refusal.errors[0]?.pointer, field);
  });

test('a new silence is 201, a changed one 200, and it stays in force', async () => {
  const house = new FakeHouse();
  const alert = house.fire({ labels: { unit: 'a.service' } });
  const answer = await run(house, 'silence.save', said);
  assert.ok(answer.type === 'done' && answer.status === 201);
  const { id } = answer.output as SilenceView;
  assert.deepEqual((await house.findAlert(alert.id))?.mutedBy, [id]);
  house.clock += minutes(5);
  const again = await run(house, 'silence.save', { ...said, id, duration: '3h' });
  assert.ok(again.type === 'done' && again.status === 200);
  assert.equal((again.output as SilenceView).id, id);
  await outputOf(house, 'silence.expire', { id });
  assert.deepEqual((await house.findAlert(alert.id))?.mutedBy, []);
});

test('an id that nobody knows is silence-unknown, in every operation', async () => {
  const house = new FakeHouse();
  for (const name of ['silence.get', 'silence.expire'])
    assert.equal((await refusalOf(house, name, { id: 'none' })).code, 'silence-unknown');
  const draft = { ...said, id: 'none' };
  assert.equal((await refusalOf(house, 'silence.save', draft)).code, 'silence-unknown');
  for (const name of ['maintenance.get', 'maintenance.end'])
    assert.equal((await refusalOf(house, name, { id: 'none' })).code, 'maintenance-unknown');
});

test('what cannot be stored is refused as such', async () => {
  const house = new FakeHouse();
  house.mutes.unstored = 'no space left';
  assert.equal((await refusalOf(house, 'silence.save', said)).code, 'not-stored');
});

test('silences come in pages, in order, without a double or a gap', async () => {
  const house = new FakeHouse();
  for (let i = 0; i < 12; i++) {
    const startsAt = `${i % 3 === 0 ? 0 : i}m`;
    const { id } = await save(house, { startsAt, duration: `${20 - i}m` });
    if (i % 4 === 1) await outputOf(house, 'silence.expire', { id });
  }
  const seen: SilenceView[] = [];
  let cursor: string | null = null;
  do {
    const input = { limit: 5, ...(cursor !== null && { cursor }) };
    const page = (await outputOf(house, 'silence.list', input)) as {
      readonly items: readonly SilenceView[];
      readonly nextCursor: string | null;
    };
    seen.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.equal(new Set(seen.map(({ id }) => id)).size, 12);
  const states = seen.map(({ state }) => state);
  const order = ['active', 'pending', 'expired'];
  assert.deepEqual(
    states,
    states.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
  );
});

test('the list can be asked for some states', async () => {
  const house = new FakeHouse();
  await save(house);
  await save(house, { startsAt: '1h' });
  for (const state of ['active', 'pending'] as const)
    assert.partialDeepStrictEqual(await outputOf(house, 'silence.list', { state: [state] }), {
      items: [{ state }],
    });
});

test('a preview tells what is hit now, and how often each rule was in the past', async () => {
  const house = new FakeHouse();
  const labels = { unit: 'a.service' };
  for (const rule of ['x', 'y', 'x']) house.resolve(house.fire({ rule, labels }).id);
  house.fire({ rule: 'x', labels, severity: 'warning' });
  house.fire({ rule: 'other', labels: { unit: 'b.service' } });
  const input = { matchers: ['unit=a.service', 'phase=firing'] };
  const preview = (await outputOf(house, 'silence.preview', input)) as PreviewView;
  assert.equal(preview.now.firing, 1);
  assert.deepEqual(
    preview.past.rules.map(({ rule, occurrences }) => [rule, occurrences]),
    [
      ['x', 3],
      ['y', 1],
    ],
  );
  assert.deepEqual([preview.past.occurrences, preview.past.complete], [4, true]);
  assert.equal(house.mutes.silences().length, 0);
});

const add = async (house: FakeHouse, more: object): Promise<MaintenanceView> =>
  (await outputOf(house, 'maintenance.add', { comment: 'updates', ...more })) as MaintenanceView;

test('a window is open once, or by a calendar, and matches everything unless told', async () => {
  const house = new FakeHouse();
  const once = await add(house, { duration: '2h' });
  assert.deepEqual([once.state, once.filter, once.calendar], ['active', '', null]);
  assert.equal(once.opening?.endsAt, rfc3339(fakeStart + hours(2)));
  const calendar = await add(house, { calendar: 'Sat 02:00', duration: '90m', matchers: ['a=b'] });
  assert.deepEqual(
    [calendar.state, calendar.duration, calendar.startsAt],
    ['pending', '1h30m', null],
  );
  const { items } = (await outputOf(house, 'maintenance.list', {})) as {
    readonly items: readonly MaintenanceView[];
  };
  assert.deepEqual(
    items.map(({ id }) => id),
    [once.id, calendar.id],
  );
  const ended = (await outputOf(house, 'maintenance.end', { id: once.id })) as MaintenanceView;
  assert.deepEqual([ended.state, ended.endedBy, ended.opening], ['expired', 'uid:1000', null]);
});

for (const more of [
  { calendar: 'daily' },
  { calendar: 'daily', duration: '1h', startsAt: '1h' },
  { duration: '1h', endsAt: '1h' },
  {},
])
  test(`a window of ${JSON.stringify(more)} is refused`, async () => {
    const input = { comment: 'updates', ...more };
    const refusal = await refusalOf(new FakeHouse(), 'maintenance.add', input);
    assert.equal(refusal.code, 'invalid-input');
  });
