import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counter, defineKind, duration, gauge, word } from '../domain/kind.ts';
import { minutes } from '../domain/time.ts';
import { FakeHouse } from './fake-house.ts';
import { outputOf, run } from './furnished-house.fixture.ts';

const facts = { help: 'h', source: 's' };
const kind = defineKind('scst.target', {
  title: 'Target',
  identity: 'DRIVER/TARGET',
  attributes: {
    sessions: gauge({ unit: 'sessions', ...facts }),
    readBytes: counter({ unit: 'bytes', ...facts }),
    latency: duration(facts),
    driver: word(facts),
  },
});
const house0 = Date.UTC(2026, 10, 22);
const of = { kind: 'scst.target', id: 'iscsi/iqn.a', attribute: 'sessions' };

function houseWith(points: readonly (readonly [number, number, number, number])[]): FakeHouse {
  const house = new FakeHouse([kind]);
  house.numbersAnswer = { type: 'points', step: 30_000, points };
  return house;
}

test('points are answered with their step and unit', async () => {
  const house = houseWith([[house0, 1, 2, 3]]);
  const from = house.clock - minutes(60);
  assert.deepEqual(await outputOf(house, 'metrics.history', of), {
    ...of,
    unit: 'sessions',
    from: new Date(from).toISOString(),
    to: new Date(house.clock).toISOString(),
    step: 30_000,
    points: [[house0, 1, 2, 3]],
  });
  assert.deepEqual(house.numbersAsked, [{ ...of, from, to: house.clock }]);
});

const ranges = [
  { asked: { from: '2h', to: '30m', step: '5m' }, back: [120, 30], step: minutes(5) },
  { asked: { from: '15m' }, back: [15, 0] },
  { asked: { to: '1d' }, back: [1500, 1440] },
] as const;
for (const { asked, back, ...rest } of ranges)
  test(`a range may be said as ${JSON.stringify(asked)}`, async () => {
    const house = houseWith([]);
    await outputOf(house, 'metrics.history', { ...of, ...asked });
    const [from, to] = back.map((ago) => house.clock - minutes(ago));
    assert.deepEqual(house.numbersAsked, [{ ...of, from, to, ...rest }]);
  });

test('a range may be said as RFC 3339 or as milliseconds, and reach into the future', async () => {
  const house = houseWith([]);
  const asked = { from: '2026-11-21T00:00:00+02:00', to: String(house.clock + 9e9) };
  await outputOf(house, 'metrics.history', { ...of, ...asked });
  const from = Date.UTC(2026, 10, 20, 22);
  assert.deepEqual(house.numbersAsked, [{ ...of, from, to: house.clock + 9e9 }]);
});

test('a duration is in milliseconds, whatever the kind says', async () => {
  const output = await outputOf(houseWith([]), 'metrics.history', { ...of, attribute: 'latency' });
  assert.partialDeepStrictEqual(output, { unit: 'milliseconds', points: [] });
});

const refused = [
  [{ kind: 'scst.traget' }, 'kind-unknown', /did you mean .*scst\.target/],
  [{ attribute: 'session' }, 'attribute-unknown', /did you mean .*sessions/],
  [{ attribute: 'toString' }, 'attribute-unknown', /no attribute/],
  [{ attribute: 'driver' }, 'invalid-input', /driver is a word: only numbers/],
  [{ from: '1h', to: '2h' }, 'invalid-input', /must lie before/],
  [{ from: '1h', to: '1h' }, 'invalid-input', /must lie before/],
  [{ from: 'yesterday' }, 'invalid-input', /from: must be RFC 3339/],
  [{ from: '20261122' }, 'invalid-input', /from: must be RFC 3339/],
  [{ step: '0s' }, 'invalid-input', /step: must be a duration/],
  [{ step: '5' }, 'invalid-input', /step: must be a duration/],
  [{ stepp: '5m' }, 'invalid-input', /stepp/],
] as const;
for (const [more, code, says] of refused)
  test(`${JSON.stringify(more)} is refused as ${code}`, async () => {
    const answer = await run(houseWith([]), 'metrics.history', { ...of, ...more });
    assert.ok(answer.type === 'refused');
    assert.equal(answer.refusal.code, code);
    assert.match(answer.refusal.message, says);
  });

test('what was never recorded is unknown, unless it is there', async () => {
  const house = new FakeHouse([kind]);
  const answer = await run(house, 'metrics.history', of);
  assert.ok(answer.type === 'refused' && answer.refusal.code === 'resource-unknown');
  const times = { changedAt: house0, readAt: house0, staleSince: null };
  house.inventory.push({ ...of, ...times, collector: 'scst', attributes: {} });
  assert.partialDeepStrictEqual(await outputOf(house, 'metrics.history', of), { points: [] });
});

test('a history that cannot be read is said to be, with the reason', async () => {
  const house = new FakeHouse([kind]);
  house.numbersAnswer = { type: 'unavailable', why: 'the file is torn' };
  const answer = await run(house, 'metrics.history', of);
  assert.ok(answer.type === 'refused' && answer.refusal.code === 'history-unavailable');
  assert.equal(answer.refusal.message, 'the file is torn');
});
