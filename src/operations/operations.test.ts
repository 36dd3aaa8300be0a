import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Check } from 'typebox/value';
import { defineKind, flag, instant, word } from '../domain/kind.ts';
import type { RuleSummary } from '../domain/rule.ts';
import { fakeStart } from './fake-alerts.ts';
import { FakeHouse } from './fake-house.ts';
import type { Caller, Role } from './house.ts';
import type { Operation } from './operation.ts';
import { operations } from './registry.ts';
import { anonymous, runOperation } from './run.ts';

const unitKind = defineKind('systemd.unit', {
  title: 'Unit',
  identity: 'NAME',
  attributes: {
    watched: flag({ help: 'h', source: 's' }),
    activeState: word({ help: 'h', source: 's' }),
    inactiveEnterAt: instant({ help: 'h', source: 's' }),
  },
  events: {
    'run-failed': { help: 'h', attributes: { startedAt: instant({ help: 'h', source: 's' }) } },
  },
});

const rule: RuleSummary = {
  id: 'unit-failed',
  kind: 'systemd.unit',
  form: 'condition',
  source: 'system',
  severities: ['critical'],
  title: '{{ unit.id }} failed',
  enabled: true,
  file: '/usr/lib/tocsin/rules.d/systemd.yaml',
  line: 3,
  dropIns: [],
  digest: 'abc',
  definition: { when: 'unit.activeState == "failed"' },
};

function furnishedHouse(): FakeHouse {
  const house = new FakeHouse([unitKind]);
  house.fire();
  house.inventory.push({
    kind: 'systemd.unit',
    id: 'unit-1.service',
    collector: 'systemd',
    attributes: {
      watched: true,
      activeState: { unreadable: 'bus lost' },
      inactiveEnterAt: fakeStart,
    },
    changedAt: fakeStart,
    readAt: fakeStart + 1,
    staleSince: null,
  });
  house.stored.push({
    number: 7,
    event: 'run-failed',
    kind: 'systemd.unit',
    id: 'unit-1.service',
    at: fakeStart + 1000,
    detectedAt: fakeStart + 1002,
    foundBy: 'signal',
    attributes: { startedAt: fakeStart },
    key: 'k',
  });
  house.ruleSummaries.push(rule);
  house.healthAnswer = {
    status: 'degraded',
    components: {
      systemd: { status: 'degraded', reason: 'bus lost', since: fakeStart, blindSince: fakeStart },
    },
  };
  house.clock = fakeStart + 60_000;
  return house;
}

const callerOf = (role: Role): Caller => ({ role, name: 'uid:1000' });

/** Runs the operation with this name; the whole answer. */
function run(house: FakeHouse, name: string, json: unknown, caller = callerOf('admin')) {
  const found = operations.find((one) => one.name === name);
  assert.ok(found, `no operation ${name}`);
  return runOperation(house, found, { json }, caller);
}

/** The output, held against the operation's own schema. */
async function outputOf(house: FakeHouse, name: string, json: unknown): Promise<unknown> {
  const answer = await run(house, name, json);
  assert.ok(answer.type === 'done', `${name}: ${JSON.stringify(answer)}`);
  const { output } = operations.find((one) => one.name === name) as Operation;
  assert.ok(Check(output, JSON.parse(JSON.stringify(answer.output))), `${name}: not as declared`);
  return answer.output;
}

/** An input that each operation takes in the furnished house, so that none is left out below. */
const inputs: Readonly<Record<string, (id: string) => unknown>> = {
  'health.status': () => ({}),
  'alert.list': () => ({}),
  'alert.raise': () => ({ severity: 'info', source: 'task', title: 'Tape ordered' }),
  'alert.acknowledgeMany': (id) => ({ ids: [id] }),
  'alert.get': (id) => ({ id }),
  'alert.timeline': (id) => ({ id }),
  'alert.acknowledge': (id) => ({ id }),
  'alert.unacknowledge': (id) => ({ id }),
  'alert.resolve': (id) => ({ id }),
  'alert.comment': (id) => ({ id, comment: 'seen' }),
  'stream.follow': () => ({ since: 0 }),
  'event.list': () => ({}),
  'resource.list': () => ({}),
  'resource.get': () => ({ kind: 'systemd.unit', id: 'unit-1.service' }),
  'rule.list': () => ({}),
  'rule.get': () => ({ id: 'unit-failed' }),
  'rule.validate': () => ({ text: 'rules: []' }),
};

const alertIn = (house: FakeHouse): string => house.activeAlerts()[0]?.id ?? '';

for (const operation of operations) {
  test(`${operation.name} answers as it declares`, async () => {
    const house = furnishedHouse();
    await outputOf(house, operation.name, inputs[operation.name]?.(alertIn(house)));
  });
}

const needs = { none: 'none', read: 'viewer', write: 'operator', admin: 'admin' } as const;
const roles: readonly Role[] = ['none', 'viewer', 'operator', 'admin'];

for (const operation of operations) {
  for (const role of roles) {
    const may = roles.indexOf(role) >= roles.indexOf(needs[operation.permission]);
    test(`${operation.name} is ${may ? 'open' : 'closed'} to the role ${role}`, async () => {
      const house = furnishedHouse();
      const input = inputs[operation.name]?.(alertIn(house));
      const answer = await run(house, operation.name, input, callerOf(role));
      assert.equal(answer.type, may ? 'done' : 'refused');
      if (answer.type === 'refused') assert.equal(answer.refusal.code, 'not-permitted');
    });
  }
}

test('whoever is unknown is asked who it is, before the input is looked at', async () => {
  const answer = await run(furnishedHouse(), 'alert.get', { nonsense: 1 }, anonymous);
  assert.ok(answer.type === 'refused' && answer.refusal.code === 'unauthenticated');
});

test('acknowledging twice changes nothing the second time', async () => {
  const house = furnishedHouse();
  const id = alertIn(house);
  await outputOf(house, 'alert.acknowledge', { id, comment: 'on it' });
  const { length } = house.changes;
  const again = await outputOf(house, 'alert.acknowledge', { id });
  assert.equal(house.changes.length, length);
  assert.partialDeepStrictEqual(again, { acknowledged: true, acknowledgedBy: 'uid:1000' });
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

test('raised again with the same key it is updated, and without key by title and resource', async () => {
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

test('instants of resources and events are shown as RFC 3339, unreadable facts with the reason', async () => {
  const house = furnishedHouse();
  assert.partialDeepStrictEqual(await outputOf(house, 'resource.list', { id: 'unit-1.service' }), {
    items: [
      {
        attributes: {
          watched: true,
          activeState: { unreadable: 'bus lost' },
          inactiveEnterAt: '2026-11-22T06:14:00.123Z',
        },
      },
    ],
  });
  assert.partialDeepStrictEqual(await outputOf(house, 'event.list', { event: 'run-failed' }), {
    items: [{ number: 7, attributes: { startedAt: '2026-11-22T06:14:00.123Z' } }],
  });
});

test('health shows its parts and blind times to those who may read, and the status to all', async () => {
  const house = furnishedHouse();
  const all = await outputOf(house, 'health.status', {});
  assert.partialDeepStrictEqual(all, {
    status: 'degraded',
    components: { systemd: { reason: 'bus lost', blindSince: '2026-11-22T06:14:00.123Z' } },
    blind: [{ source: 'systemd', until: '2026-11-22T06:13:59.123Z' }],
  });
  const answer = await run(house, 'health.status', {}, anonymous);
  assert.ok(answer.type === 'done');
  assert.deepEqual(answer.output, { status: 'degraded' });
});

test('an unknown rule is answered with the nearest', async () => {
  const answer = await run(furnishedHouse(), 'rule.get', { id: 'unit-faild' });
  assert.ok(answer.type === 'refused');
  assert.match(answer.refusal.message, /did you mean "unit-failed"/);
});

test('resources and events come in pages without a double or a gap', async () => {
  const house = furnishedHouse();
  const [unit] = house.inventory;
  const [event] = house.stored;
  assert.ok(unit && event);
  for (let i = 10; i < 30; i++) {
    house.inventory.push({ ...unit, id: `unit-${i}.service` });
    house.stored.push({ ...event, number: i });
  }
  for (const name of ['resource.list', 'event.list']) {
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const input = { limit: 4, ...(cursor !== null && { cursor }) };
      const output = await outputOf(house, name, input);
      const page = output as {
        items: { id?: string; number?: number }[];
        nextCursor: string | null;
      };
      seen.push(...page.items.map((one) => one.id ?? one.number));
      cursor = page.nextCursor;
    } while (cursor !== null);
    assert.equal(seen.length, 21, name);
    assert.equal(new Set(seen).size, 21, name);
  }
});

test('a reader resumes where it was, or is told that the past is gone', async () => {
  const house = new FakeHouse();
  for (let i = 0; i < 10; i++) house.fire();
  const follow = (since?: number) =>
    outputOf(house, 'stream.follow', since === undefined ? {} : { since });
  assert.deepEqual(await follow(), { from: 10, resync: false });
  assert.deepEqual(await follow(0), { from: 0, resync: false });
  house.forget(4);
  assert.deepEqual(await follow(4), { from: 4, resync: false });
  assert.deepEqual(await follow(3), { from: 10, resync: true });
  assert.deepEqual(await follow(11), { from: 10, resync: true });
  assert.deepEqual(await follow(10), { from: 10, resync: false });
});
