/**
 * Turns ticks into chunks each hour, and fine chunks into coarse ones each day. A sequence of
 * short transactions, so that the next tick and queries find their way in between. Doing any of it
 * twice changes nothing: a kill in between is made good by beginning again.
 */
import type { EpochMs } from '../domain/time.ts';
import type { Db } from '../platform/sqlite/connection.ts';
import { chunkGrid, foldInto, type Grid } from './grid.ts';
import type { Tables } from './tables/tables.ts';
import { day, floorTo, hour, long, medium, raw } from './tiers.ts';

/** Series of one transaction: about 10 ms each (docs/BENCHMARKS.md). */
const hourSlice = 250;
const daySlice = 25;

export type Steps = Generator<void, void>;

export interface Opened {
  readonly db: Db;
  readonly tables: Tables;
}

export const inTransaction = <T>({ db }: Opened, call: () => T): T =>
  db.transaction(call).immediate();

function* slices(ids: readonly number[], size: number): Generator<readonly number[]> {
  for (let from = 0; from < ids.length; from += size) yield ids.slice(from, from + size);
}

const isEmpty = ({ count }: Grid): boolean => count.every((samples) => samples === 0);

function writeHour({ tables }: Opened, at: EpochMs, ids: readonly number[]): void {
  const { chunks, series, ticks } = tables;
  const [first = 0, last = 0] = [ids[0], ids.at(-1)];
  const grids = new Map(ids.map((id) => [id, chunkGrid(raw, at)]));
  ticks.readInto(at, at + hour, first, last, (id) => grids.get(id));
  for (const [id, grid] of grids) {
    if (isEmpty(grid)) continue;
    // There is one when the clock was set back into an hour that was made before.
    const known = chunks.find(raw, at, id);
    if (known !== undefined) foldInto(known, grid);
    chunks.write(raw, id, known ?? grid);
  }
  series.remember(ids, at);
}

function* makeHour(opened: Opened, at: EpochMs): Steps {
  const { due, ticks } = opened.tables;
  const instants = ticks.instants(at, at + hour);
  for (const ids of slices(ticks.seriesWithin(at, at + hour), hourSlice)) {
    inTransaction(opened, () => writeHour(opened, at, ids));
    yield;
  }
  inTransaction(opened, () => {
    ticks.delete(instants);
    due.add(floorTo(at, day));
  });
  yield;
}

function writeDay({ tables }: Opened, at: EpochMs, ids: readonly number[]): void {
  const { chunks } = tables;
  const [first = 0, last = 0] = [ids[0], ids.at(-1)];
  const grids = new Map<number, Grid>();
  for (let start = at; start < at + day; start += hour)
    for (const [id, fine] of chunks.list(raw, start, first, last)) {
      const grid = grids.get(id) ?? chunks.read(medium, at, id);
      grids.set(id, grid);
      foldInto(grid, fine);
    }
  for (const [id, grid] of grids) {
    chunks.write(medium, id, grid);
    const coarse = chunks.read(long, floorTo(at, long.span), id);
    foldInto(coarse, grid);
    chunks.write(long, id, coarse);
  }
}

/** Makes the coarser chunks of a day out of its fine ones. What was known and is not fine stays. */
export function* makeDay(opened: Opened, at: EpochMs): Steps {
  const { due, series } = opened.tables;
  for (const ids of slices(series.ids(), daySlice)) {
    inTransaction(opened, () => writeDay(opened, at, ids));
    yield;
  }
  inTransaction(opened, () => due.delete(at));
  yield;
}

/** Everything that is over at `now`. After a step of the clock that may be what lies ahead. */
export function* compactSteps(opened: Opened, now: EpochMs): Steps {
  const { due, ticks } = opened.tables;
  for (const at of ticks.hours()) if (at !== floorTo(now, hour)) yield* makeHour(opened, at);
  for (const at of due.list()) if (at !== floorTo(now, day)) yield* makeDay(opened, at);
}
