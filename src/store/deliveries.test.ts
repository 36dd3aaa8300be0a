/** The outbox in the database: what waits is never lost, what has ended ages out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt, Message } from '../domain/message.ts';
import { days, hours, minutes } from '../domain/time.ts';
import type { DeliveryWrites } from './delivery-writes.ts';
import { alertOf, changeOf, committed, start, temporaryStore } from './samples.fixture.ts';

const nothing: DeliveryWrites = { channels: [], told: [], messages: [], attempts: [], ends: [] };

const messageOf = (n: number, alertId: string, more: Partial<Message> = {}): Message => ({
  key: `K${n}`,
  channel: 'mail',
  sequence: n,
  at: start + minutes(n),
  type: 'alerts',
  why: null,
  group: { rule: 'a' },
  groupKey: 'mail:{rule="a"}',
  items: [
    {
      key: `${alertId}/1`,
      reason: 'raised',
      alert: { ...alertOf(1), id: alertId },
      victims: 0,
      victimTitles: [],
    },
  ],
  omitted: 0,
  title: '',
  lines: [],
  drill: false,
  host: 'box',
  ...more,
});

/** As it is listed: a hundred digests with their evidence are 200 MB. */
const withoutEvidence = (message: Message): Message => ({
  ...message,
  items: message.items.map((item) => ({ ...item, alert: { ...item.alert, evidence: [] } })),
});

/** One more than it names: it has no room for `X`. */
const withUndo = (message: Message) => {
  const ids = [...message.items.map(({ alert }) => alert.id), 'X'];
  return { message, undo: JSON.stringify(Object.fromEntries(ids.map((id) => [id, null]))) };
};

const enqueued = (...messages: readonly Message[]): { readonly delivery: DeliveryWrites } => ({
  delivery: { ...nothing, messages: messages.map(withUndo) },
});

const attemptOf = (n: number, at: number, outcome: Attempt['outcome']): Attempt => ({
  key: `K${n}`,
  channel: 'mail',
  at,
  took: 12.5,
  outcome,
});
const failed = { type: 'retry', why: 'connection refused', maybe: false } as const;
const taken = { type: 'delivered', detail: '250 ok' } as const;

test('a message is found with its attempts, by channel, state, alert and number', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, enqueued(messageOf(1, 'A'), messageOf(2, 'B', { channel: 'ntfy' })));
  const first = attemptOf(1, start, failed);
  const second = attemptOf(1, start + 1000, taken);
  await committed(store, {
    delivery: {
      ...nothing,
      attempts: [
        { attempt: first, nextAt: start + 1000 },
        { attempt: second, nextAt: null },
        { attempt: second, nextAt: null },
      ],
      ends: [{ key: 'K1', state: 'delivered', at: start + 1000 }],
    },
  });
  const [ntfy, mail] = await store.listDeliveries({ limit: 9 });
  assert.deepEqual(mail, {
    number: 1,
    message: withoutEvidence(messageOf(1, 'A')),
    state: 'delivered',
    attempts: [first, second],
    nextAttemptAt: null,
  });
  assert.equal(ntfy?.state, 'waiting');
  const keys = async (query: object): Promise<string[]> =>
    (await store.listDeliveries({ limit: 9, ...query })).map(({ message }) => message.key);
  assert.deepEqual(await keys({ channel: 'mail' }), ['K1']);
  assert.deepEqual(await keys({ state: ['waiting', 'folded'] }), ['K2']);
  assert.deepEqual(await keys({ alertId: 'B' }), ['K2']);
  assert.deepEqual(await keys({ alertId: 'X' }), ['K2', 'K1']);
  assert.deepEqual(await keys({ since: start + minutes(2) }), ['K2']);
  assert.deepEqual(await keys({ before: 2 }), ['K1']);
});

test('after a restart there is what waits, what was told, and the alerts that have ended', async (t) => {
  const store = await temporaryStore(t);
  const over = { ...alertOf(1), phase: 'resolved' as const, resolvedAt: start };
  await committed(store, { changes: [changeOf(1, over), changeOf(2, alertOf(2))] });
  await committed(store, {
    cursors: { delivery: '2' },
    delivery: {
      ...enqueued(messageOf(1, over.id)).delivery,
      channels: [{ name: 'mail', doc: '{"sequence":1}', forgets: false }],
      told: [
        { channel: 'mail', alertId: over.id, doc: '{"a":1}' },
        { channel: 'mail', alertId: alertOf(2).id, doc: '{"b":1}' },
        { channel: 'mail', alertId: 'none', doc: '{}' },
      ],
      attempts: [{ attempt: attemptOf(1, start, failed), nextAt: start + 1 }],
    },
  });
  const memory = await store.deliveryMemory();
  assert.equal(memory.cursor, 2);
  assert.deepEqual(memory.channels, [{ name: 'mail', doc: '{"sequence":1}' }]);
  const byId = new Map(memory.told.map((row) => [row.alertId, row.alert?.id ?? null]));
  assert.deepEqual(
    byId,
    new Map([
      [over.id, over.id],
      [alertOf(2).id, null],
      ['none', null],
    ]),
  );
  assert.deepEqual(memory.waiting, [
    {
      message: messageOf(1, over.id),
      undo: withUndo(messageOf(1, over.id)).undo,
      nextAt: start + 1,
      failures: 1,
      lastAttemptAt: start,
    },
  ]);
});

test('a channel that begins anew forgets what it was told, and nobody else does', async (t) => {
  const store = await temporaryStore(t);
  const told = [
    { channel: 'mail', alertId: 'A', doc: '{}' },
    { channel: 'ntfy', alertId: 'A', doc: '{}' },
  ];
  await committed(store, { delivery: { ...nothing, told } });
  const fresh = { channel: 'mail', alertId: 'B', doc: '{}' };
  const channels = [{ name: 'mail', doc: '{}', forgets: true }];
  await committed(store, { delivery: { ...nothing, channels, told: [fresh] } });
  const gone = { channel: 'ntfy', alertId: 'A', doc: null };
  await committed(store, { delivery: { ...nothing, told: [gone] } });
  const memory = await store.deliveryMemory();
  assert.deepEqual(memory.told, [{ ...fresh, alert: null }]);
});

test('age takes messages that have ended, and none that waits', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, enqueued(messageOf(1, 'A'), messageOf(2, 'A')));
  await committed(store, {
    delivery: {
      ...nothing,
      attempts: [{ attempt: attemptOf(2, start, taken), nextAt: null }],
      ends: [{ key: 'K2', state: 'delivered', at: start + hours(1) }],
    },
  });
  const { deleted } = await store.prune({ age: days(1), bytes: 1e9 }, start + days(3));
  assert.equal(deleted, 1);
  const left = await store.listDeliveries({ limit: 9 });
  assert.deepEqual(
    left.map(({ message }) => message.key),
    ['K1'],
  );
  assert.equal((await store.listDeliveries({ alertId: 'A', limit: 9 })).length, 1);
});

test('the same message written twice is one', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, enqueued(messageOf(1, 'A')));
  await committed(store, enqueued(messageOf(1, 'A')));
  assert.equal((await store.listDeliveries({ limit: 9 })).length, 1);
});
