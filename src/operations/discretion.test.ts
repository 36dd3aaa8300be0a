import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery } from '../domain/delivery.ts';
import { pathsNotRules } from '../domain/rule.ts';
import { fakeStart } from './fake-alerts.ts';
import { fakeChannel } from './fake-delivery.ts';
import { FakeHouse } from './fake-house.ts';
import { callerOf, run } from './furnished-house.fixture.ts';
import { operations } from './registry.ts';

const secret = 'hunter2';

/** A house in which a receiver has said something that is not for everybody. */
function chattyHouse() {
  const house = new FakeHouse();
  const alert = house.fire();
  const settings = { severities: ['critical'], args: [secret], headers: { 'x-key': secret } };
  house.delivery.statuses.push(fakeChannel('ops', { reason: `403 ${secret}`, settings }));
  const common = { key: 'k', channel: 'ops', at: fakeStart, took: 5 };
  const message = {
    key: 'k',
    channel: 'ops',
    sequence: 1,
    at: fakeStart,
    type: 'alerts',
    why: null,
    omitted: 0,
    title: '',
    drill: false,
    items: [{ key: 'i', reason: 'raised', alert, victims: 0 }],
  };
  const delivery = {
    number: 1,
    message,
    state: 'delivered',
    attempts: [
      { ...common, outcome: { type: 'retry', why: `401 ${secret}`, maybe: false } },
      { ...common, outcome: { type: 'delivered', detail: `ok ${secret}` } },
    ],
    nextAttemptAt: null,
  };
  house.delivery.deliveries.push(delivery as unknown as Delivery);
  return { house, id: alert.id };
}

const asked: readonly { name: string; input: (id: string) => unknown }[] = [
  { name: 'channel.list', input: () => ({}) },
  { name: 'delivery.list', input: () => ({}) },
  { name: 'alert.timeline', input: (id) => ({ id }) },
  { name: 'alert.explain', input: (id) => ({ id }) },
];
for (const { name, input } of asked) {
  test(`${name} tells operators what was answered, and viewers only that it was`, async () => {
    const { house, id } = chattyHouse();
    const said = async (role: 'viewer' | 'operator'): Promise<string> =>
      JSON.stringify(await run(house, name, input(id), callerOf(role)));
    assert.ok((await said('operator')).includes(secret));
    const told = await said('viewer');
    assert.ok(!told.includes(secret), told);
    assert.match(told, /what was answered is told to operators/);
    if (name === 'channel.list') assert.match(told, /"severities":\["critical"\]/);
  });
}

test('a rule never gets the name of a path of the API', async () => {
  const words = operations.flatMap(({ path }) => /^\/api\/v1\/rules\/(\w+)$/.exec(path)?.[1] ?? []);
  assert.deepEqual(words.toSorted(), pathsNotRules.toSorted());
  for (const id of pathsNotRules) {
    const answer = await run(new FakeHouse(), 'rule.create', { id });
    assert.ok(answer.type === 'refused' && answer.refusal.code === 'invalid-input', id);
  }
});
