/** What is said when a maintenance window has closed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert, Change } from '../domain/alert.ts';
import type { Maintenance } from '../domain/mute.ts';
import { fakeAlert, fakeStart } from '../operations/fake-alerts.ts';
import { reportOf } from './maintenance-report.ts';

const window = { id: 'W', comment: 'updates' } as Maintenance;
const opening = {
  startsAt: fakeStart,
  endsAt: fakeStart + 3_600_000,
  reckonedAt: fakeStart,
  openedAfter: 0,
};

type Step = Partial<Alert> & { readonly id: string };

function feedOf(steps: readonly Step[]) {
  const changes = steps.map((step, i): Change => {
    const alert = { ...fakeAlert(1), firingAt: fakeStart, title: step.id, ...step, seq: i + 1 };
    return {
      seq: i + 1,
      at: fakeStart,
      reason: 'muted',
      by: null,
      door: null,
      comment: null,
      alert,
    };
  });
  return {
    lastSeq: () => changes.length,
    after: async (seq: number, limit: number) => changes.slice(seq, seq + limit),
  };
}
const report = (steps: readonly Step[], more: object = {}) =>
  reportOf({ ...window, ...more }, opening, feedOf(steps));

const muted = { mutedBy: ['W'] };
const free = { mutedBy: [] };
const over = { phase: 'resolved', resolvedBy: 'recovered' } as const;

for (const { name, steps, title } of [
  {
    name: 'what ended is told beside what still fires',
    steps: [
      { id: 'a', ...muted },
      { id: 'b', ...muted },
      { id: 'c', ...muted },
      { id: 'a', ...over, ...muted },
      { id: 'b', ...free },
      { id: 'c', ...free },
    ],
    title: '3 alerts, 1 recovered, 2 still firing, announced now',
  },
  {
    name: 'one that is acknowledged or silenced besides is not announced',
    steps: [
      { id: 'a', mutedBy: ['W', 'S'] },
      { id: 'b', ...muted, acknowledged: true },
      { id: 'c', ...muted },
      { id: 'a', mutedBy: ['S'] },
    ],
    title: '3 alerts, 3 still firing, 1 of them announced now',
  },
  {
    name: 'when none is announced it says so',
    steps: [{ id: 'a', ...muted, acknowledged: true }],
    title: '1 alert, 1 still firing, acknowledged or muted otherwise',
  },
  {
    name: 'alerts that it did not mute, that waited or never fired do not count',
    steps: [
      { id: 'other', ...free },
      { id: 'waits', ...muted, phase: 'pending', firingAt: null } as const,
      { id: 'dropped', ...muted, ...over, firingAt: null },
      { id: 'a', ...muted },
      { id: 'a', ...over },
    ],
    title: '1 alert, 1 recovered',
  },
])
  test(name, async () => {
    assert.equal((await report(steps))?.title, `Maintenance “updates” is over: ${title}`);
  });

test('a window in which nothing was muted is not reported', async () => {
  assert.equal(await report([{ id: 'other', ...free }]), undefined);
});

test('each alert has a line with its end, what still fires first', async () => {
  const note = await report([
    { id: 'a', ...muted, severity: 'critical' },
    { id: 'b', ...muted, severity: 'warning' },
    { id: 'a', ...over, severity: 'critical' },
  ]);
  assert.deepEqual(note?.lines, [
    'Open from 2026-11-22T06:14:00.123Z to 2026-11-22T07:14:00.123Z.',
    'still firing: warning: b',
    'recovered: critical: a',
  ]);
});

test('thousands of changes are read in pages, and lines are limited', async () => {
  const steps = Array.from({ length: 3000 }, (_, i) => ({ id: `a${i}`, ...muted }));
  const note = await report(steps, { comment: `${'long '.repeat(100)}\nand more` });
  assert.match(note?.title ?? '', /: 3000 alerts, 3000 still firing/);
  assert.ok((note?.title.length ?? 0) < 200);
  assert.equal(note?.lines.at(-1), 'and 2950 more');
});

test('the same opening is the same note, another one another', async () => {
  const first = await report([{ id: 'a', ...muted }]);
  assert.equal(first?.key, (await report([{ id: 'b', ...muted }]))?.key);
  const later = { ...opening, startsAt: fakeStart + 1 };
  const second = await reportOf(window, later, feedOf([{ id: 'a', ...muted }]));
  assert.notEqual(first?.key, second?.key);
});
