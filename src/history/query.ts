/**
 * Reads the past of one number: from the tier that fits the range, with what has not reached that
 * tier yet from the finer ones and from the ticks, so that a chart ends with the last tick.
 */
import { days, type EpochMs, type Ms } from '../domain/time.ts';
import { createGrid, foldInto, type Grid, pointsOf } from './grid.ts';
import { type HistoryAnswer, type HistoryQuery, pointsMax } from './history.ts';
import type { Tables } from './tables/tables.ts';
import { ceilTo, day, floorTo, hour, raw, type Tier, tiers } from './tiers.ts';

/** A clock that was set wrong may have left points far away: a chart is not longer than this. */
const rangeMax = days(3660);
/** The first and the last point may each reach over an end of the range. */
const stepsMax = pointsMax - 2;

interface Range {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Where something is stored at all. */
interface Extent extends Range {
  /** By number of the tier: where it begins, what is to be made of finer ones included. */
  readonly begins: readonly EpochMs[];
}

function extentOf({ chunks, ticks }: Tables): Extent {
  const hours = ticks.hours();
  const [firstTick = Infinity, lastTick = -Infinity] = [hours[0], hours.at(-1)];
  let begin = firstTick;
  const begins = tiers.map((tier) => {
    begin = Math.min(begin, chunks.nextStart(tier, 0) ?? Infinity);
    return begin;
  });
  const ends = tiers.map((tier) => (chunks.lastStart(tier) ?? -Infinity) + tier.span);
  return { begins, from: begin, to: Math.max(lastTick + hour, ...ends) };
}

function clip({ from, to }: Range, extent: Extent): Range {
  const until = Math.min(to, extent.to);
  return { from: Math.max(from, extent.from, until - rangeMax), to: until };
}

/** Fine chunk of an hour with what ticks say of it. */
function readHour({ chunks, ticks }: Tables, series: number, at: EpochMs, hasTicks: boolean): Grid {
  const grid = chunks.read(raw, at, series);
  if (hasTicks) ticks.readInto(at, at + hour, series, series, () => grid);
  return grid;
}

/** Hours of the range that must be read finely, because the tier does not have them yet. */
function freshHours(tables: Tables, tier: Tier, { from, to }: Range): readonly EpochMs[] {
  const hours = new Set(tables.ticks.hours());
  const addAll = (begin: EpochMs, end: EpochMs): void => {
    for (let at = Math.max(begin, floorTo(from, hour)); at < Math.min(end, to); at += hour)
      hours.add(at);
  };
  if (tier === raw) addAll(floorTo(from, hour), to);
  else for (const start of tables.due.list()) addAll(start, start + day);
  return [...hours].filter((at) => at + hour > from && at < to);
}

function readGrid(tables: Tables, series: number, tier: Tier, { from, to }: Range): Grid {
  const start = floorTo(from, tier.step);
  const grid = createGrid(start, tier.step, Math.ceil((to - start) / tier.step));
  if (tier !== raw)
    for (let at = floorTo(start, tier.span); at < to; at += tier.span) {
      const chunk = tables.chunks.find(tier, at, series);
      if (chunk !== undefined) foldInto(grid, chunk);
    }
  const withTicks = new Set(tables.ticks.hours());
  for (const at of freshHours(tables, tier, { from: start, to }))
    foldInto(grid, readHour(tables, series, at, withTicks.has(at)));
  return grid;
}

/** The coarsest tier that is as fine as wanted. */
const tierFor = (step: Ms): Tier => tiers.findLast((tier) => tier.step <= step) ?? raw;

const knowsAnything = ({ count }: Grid): boolean => count.some((samples) => samples > 0);

/**
 * The tier for the step; a coarser one where that is all there is of the begin of the range,
 * because a chart that begins late is worse than a coarse one.
 */
function chooseTier(tables: Tables, series: number, range: Range, step: Ms, extent: Extent): Tier {
  let tier = tierFor(step);
  for (const coarser of tiers.slice(tier.number + 1)) {
    const begin = Math.min(range.to, extent.begins[tier.number] ?? Infinity);
    if (range.from >= begin) break;
    const older = { from: range.from, to: begin };
    if (!knowsAnything(readGrid(tables, series, coarser, older))) continue;
    tier = coarser;
  }
  return tier;
}

export function readHistory(tables: Tables, query: HistoryQuery): HistoryAnswer {
  const series = tables.series.find(query);
  if (series === undefined) return { type: 'unknown' };
  const extent = extentOf(tables);
  const asked = Math.max(raw.step, query.step ?? 0);
  const least = ceilTo(asked, tierFor(asked).step);
  // A point that reaches into the range belongs to it, also where nothing came after its begin.
  const range = clip({ from: floorTo(query.from, least), to: query.to }, extent);
  if (range.from >= range.to) return { type: 'points', step: least, points: [] };
  const wanted = Math.max(asked, (range.to - range.from) / stepsMax);
  const tier = chooseTier(tables, series, range, wanted, extent);
  const step = ceilTo(wanted, tier.step);
  const whole = { from: floorTo(range.from, step), to: ceilTo(range.to, step) };
  const points = pointsOf(readGrid(tables, series, tier, whole), step);
  return { type: 'points', step, points };
}
