import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../domain/alert.ts';
import {
  alertId,
  alertOf,
  batchOf,
  changeOf,
  committed,
  eventOf,
  events,
  raisings,
  resolvedAt,
  start,
  temporaryStore,
} from './samples.fixture.ts';
import type { AlertQuery } from './store.ts';

const text = 'a\u0000b "quoted" \u{1F514} \u202e line\nnext \\ %_ äÖ';

test('what was committed is the same after closing and opening again', async (t) => {
  const store = await temporaryStore(t);
  const hostile = alertOf(2, {
    title: text,
    labels: { [text]: text },
    value: 0.1,
    cause: alertId(1),
  });
  const changes = [changeOf(1, alertOf(1)), changeOf(2, hostile, { by: 'uid:0', comment: text })];
  const blind = [{ source: 'systemd', since: start, until: null, why: text }];
  const rest = {
    cursors: { journal: text },
    digests: { r: 'd' },
    expiries: { [alertId(2)]: start },
  };
  await committed(store, { changes, blind, ...rest, events: events(1, 2) });
  await store.close();

  const again = await temporaryStore(t, { path: store.path });
  const remembered = await again.remember();
  assert.deepEqual(remembered, {
    alerts: changes.map((change) => change.alert),
    ...rest,
    occurrences: {
      'unit-failed systemd.unit backup-1.service': 1,
      'unit-failed systemd.unit backup-2.service': 1,
    },
    turns: {
      'unit-failed systemd.unit backup-1.service': [changes[0]?.at],
      'unit-failed systemd.unit backup-2.service': [changes[1]?.at],
    },
    tasks: [],
    mutes: [],
    access: { tokens: [], sessions: [] },
    lastSeq: 2,
    lastSeenAt: start + 2001.125,
  });
  assert.deepEqual(await again.changesAfter(0, 10), changes);
  assert.deepEqual(await again.changesAfter(1, 10), changes.slice(1));
  assert.deepEqual(await again.changesOf(alertId(2)), changes.slice(1));
  assert.deepEqual(await again.findAlert(alertId(2)), changes[1]?.alert);
  assert.equal(await again.findAlert('none'), undefined);
  assert.deepEqual(await again.listBlind(start + 9e9), blind);
  const stored = await again.listEvents({ limit: 10 });
  assert.deepEqual(stored, [
    { ...eventOf(2), number: 2 },
    { ...eventOf(1), number: 1 },
  ]);
});

test('a new database remembers nothing and says so', async (t) => {
  const store = await temporaryStore(t);
  assert.deepEqual(store.opened, { setAside: null, why: null, schema: 4, migrated: null });
  assert.deepEqual(await store.remember(), {
    alerts: [],
    digests: {},
    occurrences: {},
    access: { tokens: [], sessions: [] },
    expiries: {},
    turns: {},
    cursors: {},
    tasks: [],
    mutes: [],
    lastSeq: 0,
    lastSeenAt: null,
  });
  assert.equal(await store.oldestSeq(), 0);
});

test('evidence is kept with every change, whether it changes or not', async (t) => {
  const store = await temporaryStore(t);
  const other: Alert['evidence'] = [{ type: 'note', title: 'None', lines: ['journal unreadable'] }];
  const alerts = [
    alertOf(1, { evidence: [] }),
    alertOf(1),
    alertOf(1, { stale: true }),
    alertOf(1, { evidence: other }),
    alertOf(1, { evidence: [] }),
    alertOf(1),
  ];
  const changes = alerts.map((alert, i) => changeOf(i + 1, alert));
  for (const change of changes) await committed(store, { changes: [change] });
  assert.deepEqual(await store.changesOf(alertId(1)), changes);
  assert.deepEqual((await store.remember()).alerts, [changes[5]?.alert]);
});

test('a gap in the numbers is refused, and harms no other batch', async (t) => {
  const store = await temporaryStore(t);
  const answers = await Promise.allSettled([
    store.commit(batchOf({ changes: raisings(1, 2) })),
    store.commit(batchOf({ changes: raisings(4, 4), cursors: { wrong: '1' } })),
    store.commit(batchOf({ changes: raisings(3, 3), cursors: { right: '1' } })),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  await assert.rejects(store.commit(batchOf({ changes: raisings(5, 5) })), {
    name: 'SeqRefused',
    message: 'change 5 (raised) cannot follow change 3',
  });
  const { lastSeq, cursors } = await store.remember();
  assert.deepEqual({ lastSeq, cursors }, { lastSeq: 3, cursors: { right: '1' } });
});

test('the same batch once more changes nothing, another change with its number is refused', async (t) => {
  const store = await temporaryStore(t);
  const batch = { changes: raisings(1, 3), events: events(1, 3) };
  assert.equal((await committed(store, batch)).events.length, 3);
  assert.equal((await committed(store, batch)).events.length, 0);
  await committed(store, { changes: raisings(2, 4) });
  assert.deepEqual(await store.changesAfter(0, 10), raisings(1, 4));
  const other = changeOf(4, alertOf(7));
  await assert.rejects(store.commit(batchOf({ changes: [other] })), { name: 'SeqRefused' });
});

test('an event with the same kind, id, event and key is stored once', async (t) => {
  const store = await temporaryStore(t);
  const late = { ...eventOf(1), foundBy: 'journal' as const };
  const first = await committed(store, { events: [eventOf(1), late, eventOf(2)] });
  assert.deepEqual(first.events, [
    { ...eventOf(1), number: 1 },
    { ...eventOf(2), number: first.events[1]?.number },
  ]);
  assert.deepEqual((await committed(store, { events: [late] })).events, []);
  const other = { ...eventOf(1), id: 'another.service' };
  assert.equal((await committed(store, { events: [other] })).events.length, 1);
});

test('many batches that wait are all durable, in order', async (t) => {
  const store = await temporaryStore(t);
  const answers = await Promise.all(
    raisings(1, 500).map((change) => store.commit(batchOf({ changes: [change] }))),
  );
  assert.ok(answers.every(({ type }) => type === 'committed'));
  assert.deepEqual(await store.changesAfter(0, 1000), raisings(1, 500));
});

test('digests and expiries replace what was stored', async (t) => {
  const store = await temporaryStore(t);
  const expiries = { [alertId(1)]: start, [alertId(2)]: start };
  await committed(store, { changes: raisings(1, 2), digests: { a: '1', b: '2' }, expiries });
  await committed(store, { changes: [changeOf(3, resolvedAt(2, start + 9000))] });
  assert.deepEqual((await store.remember()).expiries, expiries);
  await committed(store, { digests: { b: '3' }, expiries: {} });
  const { digests, expiries: left } = await store.remember();
  assert.deepEqual({ digests, left }, { digests: { b: '3' }, left: {} });
});

test('lastSeenAt is the instant of the last commit, or the newest that was stored', async (t) => {
  const store = await temporaryStore(t);
  const seen = async () => (await store.remember()).lastSeenAt;
  await committed(store, { events: [eventOf(5)] });
  assert.equal(await seen(), start + 5001);
  await committed(store, { at: start + 9000, cursors: { journal: 'x' } });
  assert.equal(await seen(), start + 9000);
  await committed(store, { events: [eventOf(6)], cursors: { journal: 'y' } });
  assert.equal(await seen(), start + 9000);
  await committed(store, { at: start, cursors: { journal: 'z' } });
  assert.equal(await seen(), start);
});

const dropped = resolvedAt(9, start + 90_000, { firingAt: null });
const history = [
  resolvedAt(1, start + 50_000),
  resolvedAt(2, start + 50_000, { severity: 'warning', source: 'tape', rule: 'tape-drive-hot' }),
  resolvedAt(3, start + 50_000, { acknowledged: true, title: 'ÄRGER 100 %_' }),
  resolvedAt(4, start + 50_000, { resource: { kind: 'tape.drive', id: 'HU1' } }),
  resolvedAt(5, start + 50_000, { startsAt: start + 4000.125, message: 'Bad Thing' }),
  dropped,
  alertOf(10),
];
const cases: readonly { readonly name: string; query: Partial<AlertQuery>; found: number[] }[] = [
  {
    name: 'newest first, by startsAt then id; no dropped one, none that fires',
    query: {},
    found: [5, 4, 3, 2, 1],
  },
  { name: 'at most the limit', query: { limit: 2 }, found: [5, 4] },
  {
    name: 'the page after an alert of the same instant',
    query: { after: { startsAt: start + 4000.125, id: alertId(5) } },
    found: [4, 3, 2, 1],
  },
  { name: 'severity', query: { severity: ['warning', 'info'] }, found: [2] },
  { name: 'source and rule', query: { source: ['tape'], rule: ['tape-drive-hot'] }, found: [2] },
  { name: 'an empty list matches nothing', query: { rule: [] }, found: [] },
  { name: 'resource kind', query: { resourceKind: 'tape.drive' }, found: [4] },
  {
    name: 'resource',
    query: { resourceKind: 'systemd.unit', resourceId: 'backup-3.service' },
    found: [3],
  },
  { name: 'acknowledged', query: { acknowledged: true }, found: [3] },
  { name: 'not acknowledged', query: { acknowledged: false }, found: [5, 4, 2, 1] },
  {
    name: 'since and until include their bounds',
    query: { since: start + 2000.125, until: start + 3000.125 },
    found: [3, 2],
  },
  { name: 'words without regard to case, also beyond ASCII', query: { q: 'ärger' }, found: [3] },
  { name: 'all words, in title or message', query: { q: ' thing BACKUP-5 ' }, found: [5] },
  { name: 'a wildcard of SQL is a character', query: { q: '%_' }, found: [3] },
  { name: 'a quote is a character', query: { q: `'"` }, found: [] },
];

test('resolved alerts are found by', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, { changes: history.map((alert, i) => changeOf(i + 1, alert)) });
  for (const { name, query, found } of cases)
    await t.test(name, async () => {
      const alerts = await store.listResolved({ limit: 100, ...query });
      assert.deepEqual(
        alerts.map(({ id }) => id),
        found.map(alertId),
      );
    });
  assert.equal((await store.findAlert(dropped.id))?.firingAt, null);
});

test('events are found newest first, by kind, id, event, time and number', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, { events: events(1, 9) });
  const keys = async (query: object) =>
    (await store.listEvents({ limit: 100, ...query })).map(({ key }) => Number(key.slice(11)));
  assert.deepEqual(await keys({ kind: 'systemd.unit', id: 'backup-1.service' }), [7, 4, 1]);
  assert.deepEqual(await keys({ since: start + 3000, until: start + 4000 }), [4, 3]);
  assert.deepEqual(await keys({ before: 3 }), [2, 1]);
  assert.deepEqual(await keys({ event: 'other' }), []);
  assert.deepEqual(await keys({ limit: 1 }), [9]);
});

test('a blind time that ends takes the place of the one that lasted', async (t) => {
  const store = await temporaryStore(t);
  const lasting = { source: 'systemd', since: start, until: null, why: 'bus lost' };
  await committed(store, { blind: [lasting] });
  await committed(store, { blind: [{ ...lasting, until: start + 5000 }] });
  assert.deepEqual(await store.listBlind(start + 5000), [{ ...lasting, until: start + 5000 }]);
  assert.deepEqual(await store.listBlind(start + 5001), []);
});

test('after closing, commits are answered as broken and reads are refused', async (t) => {
  const store = await temporaryStore(t);
  const last = store.commit(batchOf({ changes: raisings(1, 1) }));
  const closing = store.close();
  assert.equal((await last).type, 'committed');
  await closing;
  await store.close();
  assert.equal((await store.commit(batchOf({}))).type, 'broken');
  await assert.rejects(store.remember(), { name: 'ThreadLost' });
});
