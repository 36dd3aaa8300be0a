/**
 * Deletes what is older than the limits, and the oldest of the finest tier when it is too much.
 * A sequence of short transactions; freed pages are used again.
 */
import { days, type EpochMs } from '../domain/time.ts';
import { releasePages, usedBytes } from '../platform/sqlite/space.ts';
import { inTransaction, makeDay, type Opened, type Steps } from './compact.ts';
import type { HistoryLimits } from './history.ts';
import { day, floorTo, long, medium, raw, type Tier, tiers } from './tiers.ts';

/** A clock that is years ahead for an hour must not cost the history of years. */
const aheadMax = days(1);

interface Victim {
  readonly tier: Tier;
  readonly start: EpochMs;
}

/** Now, but not more than a day after the last time: a longer pause is made good day by day. */
function carefulNow({ tables }: Opened, now: EpochMs): EpochMs {
  const before = tables.pruned.find();
  return before === undefined ? now : Math.min(now, before + aheadMax);
}

const isDue = ({ tables }: Opened, start: EpochMs): boolean =>
  tables.due.list().includes(floorTo(start, day));

/** The oldest fine chunks of a day of which the coarser ones are made. */
function findMade(opened: Opened): Victim | undefined {
  const { chunks } = opened.tables;
  let start = chunks.nextStart(raw, 0);
  while (start !== undefined && isDue(opened, start))
    start = chunks.nextStart(raw, floorTo(start, day) + day);
  return start === undefined ? undefined : { tier: raw, start };
}

function findOldest({ tables }: Opened, tier: Tier): Victim | undefined {
  const start = tables.chunks.nextStart(tier, 0);
  return start === undefined ? undefined : { tier, start };
}

function* deleteAll(opened: Opened, { tier, start }: Victim): Steps {
  const { chunks } = opened.tables;
  while (inTransaction(opened, () => chunks.deleteSome(tier, start)) > 0) yield;
}

function* deleteOlder(opened: Opened, tier: Tier, before: EpochMs): Steps {
  const find = (): Victim | undefined =>
    tier === raw ? findMade(opened) : findOldest(opened, tier);
  for (let one = find(); one !== undefined && one.start + tier.span <= before; one = find())
    yield* deleteAll(opened, one);
}

function* deleteUntilSmall(opened: Opened, bytes: number): Steps {
  while (usedBytes(opened.db) > bytes) {
    const spare = findMade(opened) ?? findOldest(opened, medium) ?? findOldest(opened, long);
    const victim = spare ?? findOldest(opened, raw);
    if (victim === undefined) return;
    if (victim.tier === raw && spare === undefined)
      yield* makeDay(opened, floorTo(victim.start, day));
    yield* deleteAll(opened, victim);
  }
}

export function* retentionSteps(opened: Opened, limits: HistoryLimits, now: EpochMs): Steps {
  const { pruned, series } = opened.tables;
  const at = carefulNow(opened, now);
  inTransaction(opened, () => pruned.put(at));
  for (const tier of tiers) yield* deleteOlder(opened, tier, at - limits[tier.name]);
  const longest = Math.max(limits.raw, limits.medium, limits.long);
  inTransaction(opened, () => series.forgetBefore(at - longest - long.span));
  yield* deleteUntilSmall(opened, limits.bytes);
  const pages = Number(opened.db.pragma('page_count', { simple: true }));
  const pageBytes = Number(opened.db.pragma('page_size', { simple: true }));
  if (pages * pageBytes > limits.bytes) yield* releasePages(opened.db);
}
