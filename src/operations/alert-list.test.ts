import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { listAlerts } from './alert-list.ts';
import { fakeStart } from './fake-alerts.ts';
import { FakeHouse } from './fake-house.ts';
import type { RawInput } from './input.ts';
import { type Answer, runOperation } from './run.ts';

const viewer = { role: 'viewer', name: 'uid:1000' } as const;
type Texts = NonNullable<RawInput['texts']>;

const list = (house: FakeHouse, texts: Texts) => runOperation(house, listAlerts, { texts }, viewer);

type Listed = Answer<typeof listAlerts.output>;

function pageOf(answer: Listed): { units: readonly string[]; cursor: string | null } {
  assert.ok(answer.type === 'done', JSON.stringify(answer));
  const { items, nextCursor } = answer.output;
  return { units: items.map((one) => one.resource.id.replace('.service', '')), cursor: nextCursor };
}

/** Six: 1 resolved, 2 warning, 3 acknowledged, 4 of scst, 5 pending, 6 resolved, of rule r. */
async function sixAlerts(): Promise<FakeHouse> {
  const house = new FakeHouse();
  const one = house.fire();
  house.resolve(one.id);
  house.fire({ severity: 'warning' });
  const three = house.fire();
  await house.act(three.id, { type: 'acknowledge', comment: null }, 'uid:0');
  house.fire({ source: 'scst', message: 'Initiators cannot log in.' });
  house.fire({ phase: 'pending', firingAt: null });
  house.resolve(house.fire({ rule: 'r' }).id);
  house.clock = fakeStart + 10_000;
  return house;
}

const filters: readonly { name: string; texts: Texts; units: string }[] = [
  { name: 'without filters it lists what fires, newest first', texts: {}, units: '4 3 2' },
  { name: 'phases can be named', texts: { phase: ['pending,resolved'] }, units: '6 5 1' },
  { name: 'all phases have a word', texts: { phase: ['all'] }, units: '6 5 4 3 2 1' },
  { name: 'severity selects', texts: { severity: ['warning'] }, units: '2' },
  { name: 'source selects', texts: { source: ['scst', 'tape'] }, units: '4' },
  { name: 'acknowledged selects', texts: { acknowledged: ['true'] }, units: '3' },
  { name: 'not acknowledged selects', texts: { acknowledged: ['false'] }, units: '4 2' },
  { name: 'the rule selects', texts: { rule: ['r'], phase: ['all'] }, units: '6' },
  { name: 'the kind selects', texts: { resourceKind: ['tape.drive'] }, units: '' },
  { name: 'the resource selects', texts: { resourceId: ['unit-2.service'] }, units: '2' },
  {
    name: 'words are looked for in title and message',
    texts: { q: ['CANNOT unit-4'] },
    units: '4',
  },
  { name: 'since is an instant', texts: { since: ['2026-11-22T06:14:03Z'] }, units: '4 3' },
  { name: 'since is a duration back from now', texts: { since: ['7s'] }, units: '4 3' },
  { name: 'until is included', texts: { until: ['2026-11-22T06:14:03.123Z'] }, units: '3 2' },
  { name: 'an offset counts', texts: { since: ['2026-11-22T07:14:03+01:00'] }, units: '4 3' },
  { name: 'matchers select', texts: { filter: ['unit=~"unit-[23].*"'] }, units: '3 2' },
  {
    name: 'matchers select among the resolved too',
    texts: { filter: ['unit="unit-1.service"'], phase: ['resolved'] },
    units: '1',
  },
];

for (const { name, texts, units } of filters) {
  test(name, async () => {
    const found = pageOf(await list(await sixAlerts(), texts));
    assert.equal(found.units.join(' ').replaceAll('unit-', ''), units);
    assert.equal(found.cursor, null);
  });
}

const wrong: readonly { name: string; texts: Texts; code: string; field: string }[] = [
  {
    name: 'a day alone is no instant',
    texts: { since: ['2026-11-22'] },
    code: 'invalid-input',
    field: '#/since',
  },
  {
    name: 'a month 13 is no instant',
    texts: { until: ['2026-13-01T00:00:00Z'] },
    code: 'invalid-input',
    field: '#/until',
  },
  {
    name: 'a broken matcher is named',
    texts: { filter: ['x'] },
    code: 'invalid-input',
    field: '#/filter',
  },
  {
    name: 'a foreign cursor is refused',
    texts: { cursor: ['abc'] },
    code: 'invalid-cursor',
    field: '',
  },
];

for (const { name, texts, code, field } of wrong) {
  test(name, async () => {
    const answer = await list(await sixAlerts(), texts);
    assert.ok(answer.type === 'refused');
    assert.equal(answer.refusal.code, code);
    assert.equal(answer.refusal.errors[0]?.pointer ?? '', field);
  });
}

test('a cursor is refused with other filters, and taken with another limit', async () => {
  const house = await sixAlerts();
  const { cursor } = pageOf(await list(house, { limit: ['1'] }));
  assert.ok(cursor !== null);
  const other = await list(house, { cursor: [cursor], severity: ['warning'] });
  assert.ok(other.type === 'refused' && other.refusal.code === 'invalid-cursor');
  assert.deepEqual(pageOf(await list(house, { cursor: [cursor], limit: ['9'] })).units, [
    'unit-3',
    'unit-2',
  ]);
});

test('the version changes with alerts and filters, and is missing for "1h ago"', async () => {
  const house = await sixAlerts();
  const version = async (texts: Texts) => {
    const answer = await list(house, texts);
    return answer.type === 'done' ? answer.version : assert.fail();
  };
  const first = await version({});
  assert.equal(await version({}), first);
  assert.notEqual(await version({ severity: ['info'] }), first);
  assert.equal(await version({ since: ['1h'] }), undefined);
  house.fire();
  assert.notEqual(await version({}), first);
});

test('matchers that hold for few of many end the page early, with a cursor', async () => {
  const house = new FakeHouse();
  house.resolve(house.fire().id);
  // Firing, and older than what is looked at for the first page: it belongs on the second.
  house.fire({ labels: { unit: 'unit-1.service' } });
  for (let i = 0; i < 6000; i++) house.resolve(house.fire().id);
  const texts = { phase: ['all'], filter: ['unit="unit-1.service"'] };
  const first = pageOf(await list(house, texts));
  assert.deepEqual(first.units, []);
  assert.ok(first.cursor !== null);
  const second = pageOf(await list(house, { ...texts, cursor: [first.cursor] }));
  assert.deepEqual(second, { units: ['unit-2', 'unit-1'], cursor: null });
});

/** What happens to the house between two pages. */
const step = fc.constantFrom('fire', 'fire-same-instant', 'resolve-old', 'resolve-new', 'nothing');

test('paging shows each alert once and misses none, whatever happens meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 7 }),
      fc.array(step, { minLength: 40, maxLength: 40 }),
      async (count, limit, steps) => {
        const house = new FakeHouse();
        // Three at a time begin in the same millisecond.
        for (let i = 0; i < count; i++) {
          house.fire({ startsAt: fakeStart + Math.floor(i / 3) * 1000 });
        }
        const before = new Set(house.activeAlerts().map(({ id }) => id));
        const seen: string[] = [];
        const base: Texts = { phase: ['all'], limit: [String(limit)] };
        let cursor: string | null = null;
        do {
          const answer: Listed = await list(
            house,
            cursor === null ? base : { ...base, cursor: [cursor] },
          );
          assert.ok(answer.type === 'done');
          assert.ok(answer.output.items.length <= limit);
          seen.push(...answer.output.items.map(({ id }) => id));
          cursor = answer.output.nextCursor;
          const active = house.activeAlerts();
          const next = steps.pop();
          if (next === 'fire') house.fire();
          if (next === 'fire-same-instant') house.fire({ startsAt: fakeStart });
          const victim =
            next === 'resolve-old' ? active[0] : next === 'resolve-new' ? active.at(-1) : undefined;
          if (victim) house.resolve(victim.id);
        } while (cursor !== null);
        assert.equal(new Set(seen).size, seen.length, 'an alert was shown twice');
        for (const id of before) assert.ok(seen.includes(id), `${id} was missed`);
      },
    ),
    { numRuns: 150 },
  );
});

test('an alert that resolves while a page is read is on it once', async () => {
  const house = new FakeHouse();
  const alert = house.fire();
  const listResolved = house.listResolved.bind(house);
  house.listResolved = (query) => {
    house.resolve(alert.id);
    return listResolved(query);
  };
  const answer = await list(house, { phase: ['all'] });
  assert.ok(answer.type === 'done');
  assert.deepEqual(
    answer.output.items.map(({ phase }) => phase),
    ['resolved'],
  );
});
