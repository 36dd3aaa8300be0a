import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeStart } from './fake-alerts.ts';
import { FakeHouse } from './fake-house.ts';
import { alertIn, furnishedHouse, outputOf, run } from './furnished-house.fixture.ts';

test('acknowledging twice changes nothing the second time', async () => {
  const house = furnishedHouse();
  const id = alertIn(house);
  await outputOf(house, 'alert.acknowledge', { id, comment: 'on it' });
  const { length } = house.changes;
  const again = await outputOf(house, 'alert.acknowledge', { id });
  assert.equal(house.changes.length, length);
  assert.partialDeepStrictEqual(again, { acknowledged: true, acknowledgedBy: 'uid:1000' });
});

test('until it changes is another acknowledgement than until it is resolved', async () => {
  const house = furnishedHouse();
  const id = alertIn(house);
  await outputOf(house, 'alert.acknowledge', { id, comment: 'on it' });
  const again = await outputOf(house, 'alert.acknowledge', { id, until: 'change' });
  assert.partialDeepStrictEqual(again, { acknowledgedUntilChange: true, comment: 'on it' });
  const { length } = house.changes;
  await outputOf(house, 'alert.acknowledge', { id, until: 'change' });
  assert.equal(house.changes.length, length);
  const plain = await outputOf(house, 'alert.acknowledge', { id });
  assert.partialDeepStrictEqual(plain, { acknowledgedUntilChange: false });
  const wrong = await run(house, 'alert.acknowledge', { id, until: 'changes' });
  assert.ok(wrong.type === 'refused' && wrong.refusal.code === 'invalid-input');
});

test('what is resolved cannot be acknowledged, and unknown ids are unknown', async () => {
  const house = furnishedHouse();
  const { id } = house.resolve(alertIn(house));
  const late = await run(house, 'alert.acknowledge', { id });
  assert.ok(late.type === 'refused' && late.refusal.code === 'conflict');
  const unknown = await run(house, 'alert.get', { id: '01NONE' });
  assert.ok(unknown.type === 'refused' && unknown.refusal.code === 'alert-unknown');
});

test('many are acknowledged, with an answer for each', async () => {
  const house = furnishedHouse();
  const first = alertIn(house);
  const second = house.resolve(house.fire().id).id;
  const output = await outputOf(house, 'alert.acknowledgeMany', { ids: [first, second, 'none'] });
  assert.partialDeepStrictEqual(output, {
    items: [
      { id: first, result: 'acknowledged', problem: null },
      { id: second, result: 'refused', problem: { code: 'conflict', status: 409 } },
      { id: 'none', result: 'refused', alert: null, problem: { code: 'alert-unknown' } },
    ],
  });
  const again = await outputOf(house, 'alert.acknowledgeMany', { filter: 'unit=~"unit-1.*"' });
  assert.partialDeepStrictEqual(again, { items: [{ id: first, result: 'unchanged' }] });
});

test('many are refused without a choice, with both, and with an empty filter', async () => {
  for (const input of [{}, { ids: ['a'], filter: 'a=b' }, { filter: [] }, { filter: '{}' }]) {
    const answer = await run(furnishedHouse(), 'alert.acknowledgeMany', input);
    assert.ok(answer.type === 'refused', JSON.stringify(input));
    assert.equal(answer.refusal.code, 'invalid-input');
  }
});

test('raised again it is updated: with the same key, or by title and resource', async () => {
  const house = furnishedHouse();
  const raise = (more: object) =>
    outputOf(house, 'alert.raise', { severity: 'info', source: 'task', title: 't', ...more });
  const first = (await raise({})) as { id: string };
  house.clock += 1000;
  assert.partialDeepStrictEqual(await raise({ message: 'more' }), {
    id: first.id,
    message: 'more',
  });
  const other = (await raise({ key: 'other' })) as { id: string };
  assert.notEqual(other.id, first.id);
});

test('an alert that names no resource is about this machine', async () => {
  const house = furnishedHouse();
  const [unit] = house.inventory;
  assert.ok(unit);
  house.inventory.push({ ...unit, kind: 'system.host', id: 'box1' });
  const input = { severity: 'info', source: 'task', title: 't', expiresAfter: '1h' };
  const raised = await outputOf(house, 'alert.raise', input);
  assert.partialDeepStrictEqual(raised, { resource: { kind: 'system.host', id: 'box1' } });
});

const badAlerts: readonly { name: string; input: object; pointer: string }[] = [
  { name: 'a title of two lines', input: { title: 'a\nb' }, pointer: '#/title' },
  { name: 'an expiry that is none', input: { expiresAfter: 'soon' }, pointer: '#/expiresAfter' },
  { name: 'an expiry of nothing', input: { expiresAfter: '0s' }, pointer: '#/expiresAfter' },
  {
    name: 'a label of Prometheus',
    input: { labels: { __name__: 'x' } },
    pointer: '#/labels/__name__',
  },
  {
    name: 'a kind that is none',
    input: { resource: { kind: '../x', id: 'y' } },
    pointer: '#/resource/kind',
  },
];

for (const { name, input, pointer } of badAlerts) {
  test(`${name} is refused`, async () => {
    const whole = { severity: 'info', source: 'task', title: 't', ...input };
    const answer = await run(furnishedHouse(), 'alert.raise', whole);
    assert.ok(answer.type === 'refused');
    assert.equal(answer.refusal.errors[0]?.pointer, pointer);
  });
}

test('the timeline has events, changes and comments in order, in pages', async () => {
  const house = furnishedHouse();
  const id = alertIn(house);
  const [event] = house.stored;
  assert.ok(event);
  // Of another unit, and before the occurrence: neither belongs to it.
  house.stored.push({ ...event, number: 8, id: 'other.service' });
  house.stored.push({ ...event, number: 6, at: fakeStart - 1 });
  house.clock = fakeStart + 70_000;
  await outputOf(house, 'alert.comment', { id, comment: 'seen' });
  house.clock = fakeStart + 80_000;
  house.resolve(id);
  const types: unknown[] = [];
  let cursor: unknown;
  do {
    const paging = cursor === undefined ? {} : { cursor };
    const output = await outputOf(house, 'alert.timeline', { id, limit: 1, ...paging });
    const { items, nextCursor } = output as {
      items: { type: string; reason?: string }[];
      nextCursor: string | null;
    };
    types.push(...items.map((one) => one.reason ?? one.type));
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
  // The fake's change of raising is stamped by its clock, which stood at the start.
  assert.deepEqual(types, ['raised', 'event', 'commented', 'resolved']);
});

test('the same deed for many says what became of each, and by whom through which door', async () => {
  const house = new FakeHouse();
  const [one, two] = [house.fire(), house.fire()];
  await house.act(two.id, { type: 'resolve', comment: null }, 'uid:1');
  const caller = { role: 'operator', name: 'token:night', door: 'api' } as const;
  const ids = [one.id, two.id, '01NONE'];
  for (const [operation, done] of [
    ['alert.commentMany', 'commented'],
    ['alert.acknowledgeMany', 'acknowledged'],
    ['alert.unacknowledgeMany', 'unacknowledged'],
    ['alert.resolveMany', 'resolved'],
  ] as const) {
    const answer = await run(house, operation, { ids, comment: 'night shift' }, caller);
    assert.equal(answer.type, 'done', operation);
    const { items } = (answer.type === 'done' ? answer.output : {}) as {
      items: readonly { result: string; problem: { code: string } | null }[];
    };
    assert.deepEqual(
      items.map(({ result, problem }) => [result, problem?.code]),
      [
        [done, undefined],
        ['refused', 'conflict'],
        ['refused', 'alert-unknown'],
      ],
      operation,
    );
  }
  assert.equal(house.changes.at(-1)?.by, 'token:night');
});
