import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { days, hours } from '../domain/time.ts';
import { usedBytes } from '../platform/sqlite/space.ts';
import { inTransaction } from './compact.ts';
import { chunkGrid } from './grid.ts';
import { limits, start, temporaryPath } from './history.fixture.ts';
import type { HistoryLimits } from './history.ts';
import { type OpenedHistory, openHistory } from './open.ts';
import { retentionSteps } from './retention.ts';
import { floorTo, long, medium, raw, type Tier, tiers } from './tiers.ts';

const series = 8;
const now = start + days(200);

/** Chunks of all tiers for as long as each is kept and somewhat longer. */
function filled(t: TestContext): OpenedHistory {
  const opened = openHistory(temporaryPath(t), now);
  t.after(() => opened.db.close());
  const { chunks } = opened.tables;
  inTransaction(opened, () => {
    for (const tier of tiers) {
      const span = Math.min(limits[tier.name], days(100)) + 3 * tier.span;
      for (let at = floorTo(now - span, tier.span); at < now; at += tier.span)
        for (let n = 1; n <= series; n++) chunks.write(tier, n, noisy(tier, at, n));
    }
  });
  return opened;
}

function noisy(tier: Tier, at: number, n: number) {
  const grid = chunkGrid(tier, at);
  grid.count.fill(1);
  for (const numbers of [grid.min, grid.avg, grid.max])
    for (const slot of numbers.keys()) numbers[slot] = Math.sin(n * 7919 + slot * 13 + at);
  return grid;
}

function prune(opened: OpenedHistory, changed: Partial<HistoryLimits> = {}, at = now): void {
  for (const _ of retentionSteps(opened, { ...limits, ...changed }, at));
}

const begins = ({ tables }: OpenedHistory) => tiers.map((tier) => tables.chunks.nextStart(tier, 0));
test('each tier goes when its own time is over, and not before', (t) => {
  const opened = filled(t);
  prune(opened);
  const [fine = 0, middle = 0, coarse = 0] = begins(opened);
  assert.equal(fine, now - limits.raw);
  assert.equal(middle, now - limits.medium);
  assert.equal(coarse, floorTo(now - days(100) - 3 * long.span, long.span));
});

test('what is not in coarser chunks yet is not deleted for its age', (t) => {
  const opened = filled(t);
  opened.tables.due.add(now - days(3));
  prune(opened, { raw: hours(1) });
  assert.equal(begins(opened)[0], now - limits.raw - 3 * raw.span);
});

test('when it is too much the oldest of the finest tier goes first', (t) => {
  const opened = filled(t);
  prune(opened);
  const before = begins(opened);
  const bytes = usedBytes(opened.db) - 60_000;
  prune(opened, { bytes });
  const after = begins(opened);
  assert.ok(usedBytes(opened.db) <= bytes);
  assert.ok((after[0] ?? 0) > (before[0] ?? 0));
  assert.deepEqual(after.slice(1), before.slice(1));
  prune(opened, { bytes: 300_000 });
  assert.deepEqual(begins(opened).slice(0, 1), [undefined]);
  assert.ok(usedBytes(opened.db) <= 300_000);
});

test('pages are given back when the file is larger than it may be', (t) => {
  const opened = filled(t);
  const pages = () => Number(opened.db.pragma('page_count', { simple: true }));
  const before = pages();
  prune(opened, { bytes: 300_000 });
  assert.ok(pages() < before / 2, `${pages()} of ${before} pages are left`);
});

test('a clock that is years ahead for a while does not cost the history of years', (t) => {
  const opened = filled(t);
  prune(opened);
  const before = begins(opened);
  prune(opened, {}, now + days(3650));
  prune(opened, {}, now + hours(1));
  const [, middle = 0, coarse] = begins(opened);
  assert.ok(middle - (before[1] ?? 0) <= medium.span);
  assert.equal(coarse, before[2]);
});
