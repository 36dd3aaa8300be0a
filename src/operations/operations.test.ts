import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeHouse } from './fake-house.ts';
import { alertIn, callerOf, furnishedHouse, outputOf, run } from './furnished-house.fixture.ts';
import type { Role } from './house.ts';
import type { Operation } from './operation.ts';
import { operations } from './registry.ts';
import { anonymous } from './run.ts';
import { inputs } from './sample-inputs.fixture.ts';

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

/** What it answers leaves the machine; it needs no right, and opens a door. */
const audited = ['alert.bundle', 'session.open'];
/** They need a right to change things, and leave none; each says why beside `audited: false`. */
const unaudited = ['alert.raise', 'task.report', 'task.update', 'rule.validate', 'rule.backtest'];

const changes = ({ method, name, permission }: Operation): boolean =>
  audited.includes(name) ||
  (method !== 'GET' && ['write', 'admin'].includes(permission) && !unaudited.includes(name));

for (const operation of operations) {
  const { name } = operation;
  test(`${name} leaves ${changes(operation) ? 'one row' : 'no row'} in the audit`, async () => {
    const house = furnishedHouse();
    const before = house.audit.rows.length;
    const caller = { ...callerOf('admin'), door: 'dbus', client: ':1.42' };
    const input = inputs[name]?.(alertIn(house));
    assert.equal((await run(house, name, input, caller)).type, 'done');
    const rows = house.audit.rows.slice(before);
    assert.deepEqual(
      rows.map(({ by, door, client, outcome }) => [by, door, client, outcome]),
      changes(operation) ? [['uid:1000', 'dbus', ':1.42', 'done']] : [],
    );
    for (const row of rows) assert.equal(row.operation, name);
  });
}

test('whoever is unknown is asked who it is, before the input is looked at', async () => {
  const answer = await run(furnishedHouse(), 'alert.get', { nonsense: 1 }, anonymous);
  assert.ok(answer.type === 'refused' && answer.refusal.code === 'unauthenticated');
});

test('instants are shown as RFC 3339, unreadable facts with the reason', async () => {
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

test('health shows its parts to those who may read, and the status to all', async () => {
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
