import assert from 'node:assert/strict';
import { test } from 'node:test';
import { days, minutes } from '../domain/time.ts';
import {
  alertId,
  alertOf,
  changeOf,
  committed,
  events,
  raisings,
  resolvedAt,
  start,
  temporaryStore,
} from './samples.fixture.ts';

const noLimit = 1e12;

test('age takes resolved alerts, events and blind times, and no alert that is not resolved', async (t) => {
  const store = await temporaryStore(t);
  const ends = [resolvedAt(1, start + minutes(1)), resolvedAt(2, start + minutes(9))];
  const blind = { source: 'systemd', since: start, why: 'bus lost' };
  await committed(store, {
    changes: [...raisings(1, 3), ...ends.map((alert, i) => changeOf(4 + i, alert))],
    events: events(1, 600),
    blind: [
      { ...blind, until: start + 1 },
      { ...blind, source: 'scst', until: null },
    ],
  });
  // Older than five minutes at the tenth: alert 1, events 1 to 299, one blind time.
  const limits = { age: minutes(5), bytes: noLimit };
  assert.deepEqual(await store.prune(limits, start + minutes(10)), { deleted: 1 + 299 + 1 });
  assert.equal(await store.findAlert(alertId(1)), undefined);
  assert.deepEqual(await store.changesOf(alertId(1)), []);
  assert.deepEqual(
    (await store.listResolved({ limit: 9 })).map(({ id }) => id),
    [alertId(2)],
  );
  assert.deepEqual(
    (await store.remember()).alerts.map(({ id }) => id),
    [alertId(3)],
  );
  assert.equal((await store.listEvents({ limit: 1000 })).length, 301);
  assert.deepEqual(
    (await store.listBlind(0)).map(({ source }) => source),
    ['scst'],
  );
  assert.deepEqual(await store.prune(limits, start + minutes(10)), { deleted: 0 });
});

test('oldestSeq is where the log is complete again, and numbers go on', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, { changes: raisings(1, 4) });
  assert.equal(await store.oldestSeq(), 1);
  await committed(store, {
    changes: [changeOf(5, resolvedAt(2, start)), changeOf(6, alertOf(1, { stale: true }))],
  });
  await store.prune({ age: 0, bytes: noLimit }, start + days(1));
  assert.equal(await store.oldestSeq(), 6);
  assert.deepEqual(
    (await store.changesAfter(5, 9)).map(({ seq }) => seq),
    [6],
  );
  await committed(store, { changes: [changeOf(7, resolvedAt(3, start))] });
  await store.prune({ age: 0, bytes: noLimit }, start + days(1));
  assert.equal(await store.oldestSeq(), 8, 'the newest change is gone');
  await committed(store, { changes: [changeOf(8, alertOf(9))] });
  assert.deepEqual(
    (await store.changesAfter(7, 9)).map(({ seq }) => seq),
    [8],
  );
});

test('occurrences outlive the alerts they count', async (t) => {
  const store = await temporaryStore(t);
  const again = resolvedAt(1, start, { occurrence: 7 });
  const never = resolvedAt(2, start, { occurrence: 3, firingAt: null });
  await committed(store, { changes: [changeOf(1, again), changeOf(2, never)] });
  await store.prune({ age: 0, bytes: 0 }, start + days(1));
  assert.equal(await store.findAlert(alertId(1)), undefined);
  const { occurrences } = await store.remember();
  assert.deepEqual(occurrences, { 'unit-failed systemd.unit backup-1.service': 7 });
});

test('size takes the oldest first and gives the room back', async (t) => {
  const store = await temporaryStore(t);
  const ends = raisings(1, 2000).map(({ alert, seq }) =>
    changeOf(seq + 2000, resolvedAt(seq, alert.startsAt + 1)),
  );
  await committed(store, { changes: [...raisings(1, 2000), ...ends], events: events(1, 4000) });
  await committed(store, { changes: [changeOf(4001, alertOf(9999))] });
  const before = await store.sizeBytes();
  const bytes = 2_000_000;
  assert.ok(before > 2 * bytes, `${before} bytes are there to be deleted`);
  const { deleted } = await store.prune({ age: days(9), bytes }, start + days(1));
  assert.ok(deleted > 1000);
  assert.ok((await store.sizeBytes()) <= bytes + 100_000, `${await store.sizeBytes()} bytes left`);
  const left = await store.listResolved({ limit: 5000 });
  assert.equal(left[0]?.id, alertId(2000), 'the newest is there');
  assert.ok(left.length < 2000);
  const oldestEvent = (await store.listEvents({ limit: 5000 })).at(-1);
  const oldestAlert = left.at(-1);
  assert.ok(oldestEvent !== undefined && oldestAlert !== undefined);
  assert.equal(await store.oldestSeq(), oldestAlert.seq, 'complete from the first that is left');
  assert.deepEqual(
    (await store.remember()).alerts.map(({ id }) => id),
    [alertId(9999)],
  );
  await store.prune({ age: days(9), bytes: 0 }, start + days(1));
  assert.deepEqual(
    (await store.remember()).alerts.map(({ id }) => id),
    [alertId(9999)],
  );
  assert.equal(await store.check(), null);
});

test('commits go on while old things are deleted', async (t) => {
  const store = await temporaryStore(t);
  await committed(store, { events: events(1, 8000) });
  const order: string[] = [];
  const pruning = store
    .prune({ age: 0, bytes: noLimit }, start + days(1))
    .then(() => order.push('pruned'));
  const committing = committed(store, { changes: raisings(1, 1) }).then(() =>
    order.push('committed'),
  );
  await Promise.all([pruning, committing]);
  assert.deepEqual(order, ['committed', 'pruned']);
});

test('event numbers are never given twice', async (t) => {
  const store = await temporaryStore(t);
  const first = await committed(store, { events: events(1, 3) });
  await store.prune({ age: 0, bytes: noLimit }, start + days(1));
  const second = await committed(store, { events: events(4, 4) });
  assert.ok(Number(second.events[0]?.number) > Number(first.events[2]?.number));
});
