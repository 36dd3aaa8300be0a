/** What alerts say more since schema 3: of old documents, and over restarts. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Alert } from '../domain/alert.ts';
import { days, minutes } from '../domain/time.ts';
import type { Db } from '../platform/sqlite/connection.ts';
import { openDatabase } from './open.ts';
import {
  alertId,
  alertOf,
  changeOf,
  committed,
  resolvedAt,
  start,
  temporaryFolder,
  temporaryStore,
} from './samples.fixture.ts';
import { migrations } from './schema/migrations.ts';

const newFields = [
  'evidence',
  'origin',
  'stillTrue',
  'acknowledgedUntil',
  'acknowledgedUntilChange',
  'alternatives',
];

/** One change of each alert, as a program of schema 2 writes it. */
function writeOld(db: Db, alerts: readonly Alert[]): void {
  const alert = db.prepare(
    `INSERT INTO alerts (id, rule, kind, resource_id, severity, source, phase, acknowledged,
       starts_at, firing_at, ended_at, seq, evidence_seq, words)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '')`,
  );
  const change = db.prepare(
    'INSERT INTO changes (seq, alert_id, at, reason, doc) VALUES (?, ?, ?, ?, ?)',
  );
  db.transaction(() => {
    for (const one of alerts) {
      const { id, rule, resource, severity, source, phase, startsAt, firingAt, seq } = one;
      const row = [id, rule, resource.kind, resource.id, severity, source, phase];
      alert.run(...row, 0, startsAt, firingAt, one.resolvedAt, seq);
      const facts = Object.entries(one).filter(([name]) => !newFields.includes(name));
      change.run(seq, id, one.updatedAt, 'raised', JSON.stringify(Object.fromEntries(facts)));
    }
    db.prepare(
      `INSERT INTO meta VALUES ('last_seq', ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
    ).run(BigInt(alerts.length));
  })();
}

/** Path of a database as schema 2 left it, with one change of each alert. */
function oldDatabase(t: TestContext, alerts: readonly Alert[], held: readonly string[]): string {
  const path = join(temporaryFolder(t), 'tocsin.db');
  const { db } = openDatabase(path, { now: start, migrations: migrations.slice(0, 2) });
  writeOld(db, alerts);
  for (const name of held) db.prepare('INSERT INTO expiries VALUES (?, 1)').run(name);
  db.close();
  return path;
}

test('old documents say afterwards what new ones say, and nothing else of them changes', async (t) => {
  const byHand = alertOf(2, { rule: 'raised-by-hand', evidence: [] });
  const expected = [alertOf(1, { evidence: [] }), { ...byHand, origin: 'hand' as const }];
  const store = await temporaryStore(t, { path: oldDatabase(t, [...expected], []) });
  const { alerts, lastSeq } = await store.remember();
  assert.deepEqual(alerts, expected);
  assert.equal(lastSeq, 2);
});

test('what an older program writes into a newer file says the same', async (t) => {
  const path = join(temporaryFolder(t), 'tocsin.db');
  const { db } = openDatabase(path, { now: start });
  const said = { message: 'it says "acknowledgedUntilChange": x', evidence: [] };
  writeOld(db, [alertOf(1, said)]);
  db.close();
  const store = await temporaryStore(t, { path });
  assert.deepEqual((await store.remember()).alerts, [alertOf(1, said)]);
});

test('what was held by an instant alone is an alert that is still true', async (t) => {
  const before = resolvedAt(1, start + 5000, { resolvedBy: 'operator:uid:0', evidence: [] });
  const later = resolvedAt(2, start + 9000, { ...before, id: alertId(2), seq: 2 });
  const path = oldDatabase(
    t,
    [before, later],
    ['held unit-failed systemd.unit backup-1.service', 'held gone systemd.unit x'],
  );
  const store = await temporaryStore(t, { path });
  const { alerts, expiries } = await store.remember();
  assert.deepEqual(alerts, [{ ...later, stillTrue: true }]);
  assert.deepEqual(expiries, { 'held gone systemd.unit x': 1 });
});

test('an alert that is still true is remembered and never deleted, until it is cleared', async (t) => {
  const store = await temporaryStore(t);
  const ended = resolvedAt(1, start, { resolvedBy: 'operator:uid:0', stillTrue: true });
  await committed(store, { changes: [changeOf(1, ended)] });
  const limits = { age: days(1), bytes: Number.MAX_SAFE_INTEGER };
  await store.prune(limits, start + days(9));
  assert.deepEqual((await store.remember()).alerts, [{ ...ended, seq: 1 }]);
  assert.deepEqual(await store.listResolved({ limit: 9 }), [{ ...ended, seq: 1 }]);
  const cleared = changeOf(2, { ...ended, stillTrue: false }, { reason: 'cleared' });
  await committed(store, { changes: [cleared] });
  assert.deepEqual((await store.remember()).alerts, []);
  assert.equal((await store.findAlert(ended.id))?.stillTrue, false);
  await store.prune(limits, start + days(9));
  assert.equal(await store.findAlert(ended.id), undefined);
});

test('turns are what flap detection counts, of the last day', async (t) => {
  const store = await temporaryStore(t);
  const key = 'unit-failed systemd.unit backup-1.service';
  const now = start + days(3);
  const steps: readonly [number, Partial<Alert>, string][] = [
    [now - days(2), {}, 'raised'],
    [now - minutes(9), {}, 'raised'],
    [now - minutes(8), { phase: 'resolved', resolvedBy: 'recovered' }, 'resolved'],
    [now - minutes(7), {}, 'updated'],
    [now - minutes(6), { severity: 'warning' }, 'severity'],
    [now - minutes(5), { phase: 'resolved', resolvedBy: 'operator:uid:0' }, 'resolved'],
    [now - minutes(4), { id: alertId(2), mutedBy: ['silence'] }, 'raised'],
    [now - minutes(3), { id: alertId(3), origin: 'pushed' }, 'raised'],
    [now - minutes(2), { id: alertId(4), rule: 'flapping' }, 'raised'],
    [now, { id: alertId(5), mutedBy: [alertId(4)] }, 'raised'],
  ];
  const changes = steps.map(([at, facts, reason], i) => {
    const alert = alertOf(1, { ...facts, updatedAt: at });
    return { ...changeOf(i + 1, alert), reason } as ReturnType<typeof changeOf>;
  });
  await committed(store, { changes });
  const { turns } = await store.remember();
  assert.deepEqual(turns, { [key]: [1, 2, 4, 9].map((i) => changes[i]?.at) });
});
