/** Alerts, changes and batches for the tests of the store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Alert, Change } from '../domain/alert.ts';
import type { Event } from '../domain/reading.ts';
import type { EpochMs } from '../domain/time.ts';
import { openStore, type StoreOptions } from './client.ts';
import type { Batch, Store } from './store.ts';

export const start: EpochMs = Date.UTC(2026, 10, 22, 6, 14);

export const alertId = (n: number): string => `01K${String(n).padStart(23, '0')}`;

/** Alert number `n`, firing, a second younger than number `n - 1`. */
export function alertOf(n: number, changed: Partial<Alert> = {}): Alert {
  const at = start + n * 1000 + 0.125;
  return {
    id: alertId(n),
    rule: 'unit-failed',
    origin: 'rule',
    fingerprint: '4a89ccb770ef3305',
    severity: 'critical',
    source: 'system',
    phase: 'firing',
    stale: false,
    title: `backup-${n}.service failed (exit-code)`,
    message: 'The unit ended with exit status 1.',
    advice: 'Look at the journal first.',
    resource: { kind: 'systemd.unit', id: `backup-${n}.service` },
    labels: { unit: `backup-${n}.service` },
    startsAt: at,
    detectedAt: at + 1,
    foundLate: false,
    firingAt: at + 1,
    updatedAt: at + 1,
    resolvedAt: null,
    resolvedBy: null,
    stillTrue: false,
    acknowledged: false,
    acknowledgedBy: null,
    acknowledgedAt: null,
    acknowledgedUntil: null,
    acknowledgedUntilChange: false,
    comment: null,
    mutedBy: [],
    cause: null,
    alternatives: [],
    victims: [],
    evidence: [{ type: 'journal', title: 'Last lines', lines: [`line of ${n}`] }],
    value: 'failed',
    occurrence: 1,
    seq: n,
    ...changed,
  };
}

export const resolvedAt = (n: number, at: EpochMs, changed: Partial<Alert> = {}): Alert =>
  alertOf(n, {
    phase: 'resolved',
    resolvedAt: at,
    updatedAt: at,
    resolvedBy: 'recovered',
    ...changed,
  });

export const changeOf = (seq: number, alert: Alert, changed: Partial<Change> = {}): Change => ({
  seq,
  at: alert.updatedAt,
  reason: alert.phase === 'resolved' ? 'resolved' : 'raised',
  by: null,
  door: null,
  comment: null,
  alert: { ...alert, seq },
  ...changed,
});

/** Changes `from` to `to`, each the raising of an alert of its own. */
export const raisings = (from: number, to: number): readonly Change[] =>
  Array.from({ length: to - from + 1 }, (_, i) => changeOf(from + i, alertOf(from + i)));

export const eventOf = (n: number): Event & { readonly detectedAt: EpochMs } => ({
  event: 'run-failed',
  kind: 'systemd.unit',
  id: `backup-${n % 3}.service`,
  at: start + n * 1000,
  detectedAt: start + n * 1000 + 1,
  foundBy: 'signal',
  attributes: { result: 'exit-code', status: 1, again: null },
  key: `invocation-${n}`,
});

export const events = (from: number, to: number): readonly ReturnType<typeof eventOf>[] =>
  Array.from({ length: to - from + 1 }, (_, i) => eventOf(from + i));

export const batchOf = (changed: Partial<Batch>): Batch => ({
  changes: [],
  events: [],
  cursors: {},
  blind: [],
  ...changed,
});

const cleanups = new WeakMap<TestContext, (() => unknown)[]>();

/** Like t.after, but the last one first: what stands on something goes before it. */
export function afterwards(t: TestContext, call: () => unknown): void {
  const known = cleanups.get(t);
  known?.push(call);
  if (known !== undefined) return;
  const calls = [call];
  cleanups.set(t, calls);
  t.after(async () => {
    for (const one of calls.reverse()) await one();
  });
}

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-store-'));
  afterwards(t, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store in a folder of its own (or at `path`), without ballast; closed after the test. */
export async function temporaryStore(
  t: TestContext,
  options: StoreOptions & { readonly path?: string } = {},
): Promise<Store & { readonly path: string }> {
  const path = options.path ?? join(temporaryFolder(t), 'tocsin.db');
  const store = await openStore(path, { ballastBytes: 0, ...options });
  afterwards(t, () => store.close());
  return { ...store, path };
}

/** Commits and fails when that was not possible. */
export async function committed(store: Store, changed: Partial<Batch>) {
  const answer = await store.commit(batchOf(changed));
  if (answer.type !== 'committed') throw new Error(`${answer.type}: ${answer.why}`);
  return answer;
}
