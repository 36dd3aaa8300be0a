/** The ticks: what was recorded since the last whole hour. One row each, however many series. */
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';
import type { Grid } from '../grid.ts';
import { hour } from '../tiers.ts';

/** One number of a tick, by its series. */
export interface Entry {
  readonly series: number;
  readonly min: number;
  readonly avg: number;
  readonly max: number;
}

interface LayoutRow {
  readonly id: number;
  readonly ids: Buffer;
}

interface TickRow {
  readonly at: EpochMs;
  /** Doubles of the series that were asked for. */
  readonly avg: Buffer;
  readonly spread: Buffer | null;
}

const doubleBytes = 8;
/** Place in the layout, min, max. */
const spreadBytes = 4 + 2 * doubleBytes;

const bytesOf = (entries: readonly Entry[], size: number): Buffer =>
  Buffer.allocUnsafe(entries.length * size);

function layoutOf(entries: readonly Entry[]): Buffer {
  const bytes = bytesOf(entries, 4);
  for (const [place, { series }] of entries.entries()) bytes.writeUInt32LE(series, place * 4);
  return bytes;
}

function averagesOf(entries: readonly Entry[]): Buffer {
  const bytes = bytesOf(entries, doubleBytes);
  for (const [place, { avg }] of entries.entries()) bytes.writeDoubleLE(avg, place * doubleBytes);
  return bytes;
}

function spreadOf(entries: readonly Entry[]): Buffer | null {
  const places = [...entries.keys()].filter((place) => {
    const entry = entries[place];
    return entry !== undefined && entry.min !== entry.max;
  });
  if (places.length === 0) return null;
  const bytes = Buffer.allocUnsafe(places.length * spreadBytes);
  let end = 0;
  for (const place of places) {
    end = bytes.writeUInt32LE(place, end);
    end = bytes.writeDoubleLE(entries[place]?.min ?? 0, end);
    end = bytes.writeDoubleLE(entries[place]?.max ?? 0, end);
  }
  return bytes;
}

/** Index of the first of `count` rising numbers that is not below `wanted`. */
function lowerBound(count: number, numberAt: (index: number) => number, wanted: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numberAt(middle) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

const placeIn = (ids: Buffer, series: number): number =>
  lowerBound(ids.length / 4, (place) => ids.readUInt32LE(place * 4), series);

/** A stretch of one layout that somebody wants to read. */
interface Stretch {
  readonly layout: number;
  readonly ids: Buffer;
  readonly first: number;
  readonly count: number;
}

function readTick(row: TickRow, { ids, first, count }: Stretch, gridOf: GridOf): void {
  const { at, avg, spread } = row;
  for (let i = 0; i < count; i++) {
    const grid = gridOf(ids.readUInt32LE((first + i) * 4));
    if (grid === undefined) continue;
    const slot = Math.floor((at - grid.start) / grid.step);
    if (slot < 0 || slot >= grid.slots) continue;
    grid.count[slot] = 1;
    grid.avg[slot] = grid.min[slot] = grid.max[slot] = avg.readDoubleLE(i * doubleBytes);
  }
  if (spread === null) return;
  const rows = spread.length / spreadBytes;
  let n = lowerBound(rows, (i) => spread.readUInt32LE(i * spreadBytes), first);
  for (; n < rows; n++) {
    const place = spread.readUInt32LE(n * spreadBytes);
    if (place >= first + count) break;
    const grid = gridOf(ids.readUInt32LE(place * 4));
    const slot = grid === undefined ? -1 : Math.floor((at - grid.start) / grid.step);
    if (grid === undefined || slot < 0 || slot >= grid.slots) continue;
    grid.min[slot] = spread.readDoubleLE(n * spreadBytes + 4);
    grid.max[slot] = spread.readDoubleLE(n * spreadBytes + 4 + doubleBytes);
  }
}

type GridOf = (series: number) => Grid | undefined;

export class TickTable {
  readonly #upsert;
  readonly #insertLayout;
  readonly #layouts;
  readonly #read;
  readonly #hours;
  readonly #instants;
  readonly #delete;
  readonly #forgetLayouts;
  #current: LayoutRow | undefined;

  constructor(db: Db) {
    this.#upsert = db.prepare<[number, number, Buffer, Buffer | null]>(
      'INSERT OR REPLACE INTO ticks (at, layout, avg, spread) VALUES (?, ?, ?, ?)',
    );
    this.#insertLayout = db.prepare<[Buffer]>('INSERT INTO layouts (ids) VALUES (?)');
    this.#layouts = db.prepare<[number, number], LayoutRow>(
      `SELECT id, ids FROM layouts WHERE id IN
       (SELECT layout FROM ticks WHERE at >= ? AND at < ?)`,
    );
    this.#read = db.prepare<[number, number, number, number, number], TickRow>(
      `SELECT at, substr(avg, ?, ?) AS avg, spread FROM ticks
       WHERE layout = ? AND at >= ? AND at < ?`,
    );
    this.#hours = db
      .prepare<[], number>(`SELECT DISTINCT at / ${hour} FROM ticks ORDER BY 1`)
      .pluck();
    this.#instants = db
      .prepare<[number, number], number>('SELECT at FROM ticks WHERE at >= ? AND at < ?')
      .pluck();
    this.#delete = db.prepare<[number]>('DELETE FROM ticks WHERE at = ?');
    this.#forgetLayouts = db.prepare(
      'DELETE FROM layouts WHERE id NOT IN (SELECT layout FROM ticks)',
    );
  }

  /** `entries` by rising series, each once. A tick of the same instant is replaced. */
  write(at: EpochMs, entries: readonly Entry[]): void {
    const ids = layoutOf(entries);
    if (this.#current?.ids.equals(ids) !== true) {
      const { lastInsertRowid } = this.#insertLayout.run(ids);
      this.#current = { id: Number(lastInsertRowid), ids };
    }
    this.#upsert.run(at, this.#current.id, averagesOf(entries), spreadOf(entries));
  }

  /** After a transaction that failed: its layout is not in the file. */
  forgetCurrent(): void {
    this.#current = undefined;
  }

  /** Starts of the hours that have ticks, oldest first. */
  hours(): readonly EpochMs[] {
    return this.#hours.all().map((hours) => hours * hour);
  }

  instants(from: EpochMs, to: EpochMs): readonly EpochMs[] {
    return this.#instants.all(from, to);
  }

  /** All series that ticks of this time hold, rising. */
  seriesWithin(from: EpochMs, to: EpochMs): readonly number[] {
    const found = new Set<number>();
    for (const { ids } of this.#layouts.all(from, to))
      for (let at = 0; at < ids.length; at += 4) found.add(ids.readUInt32LE(at));
    return [...found].sort((a, b) => a - b);
  }

  /** Writes what ticks of this time say of the series `first` to `last` into their grids. */
  readInto(from: EpochMs, to: EpochMs, first: number, last: number, gridOf: GridOf): void {
    for (const { id: layout, ids } of this.#layouts.all(from, to)) {
      const place = placeIn(ids, first);
      const stretch = { layout, ids, first: place, count: placeIn(ids, last + 1) - place };
      if (stretch.count === 0) continue;
      const [offset, length] = [1 + place * doubleBytes, stretch.count * doubleBytes];
      for (const row of this.#read.iterate(offset, length, layout, from, to))
        readTick(row, stretch, gridOf);
    }
  }

  delete(instants: readonly EpochMs[]): void {
    for (const at of instants) this.#delete.run(at);
    this.#forgetLayouts.run();
    // Its number may be given again.
    this.#current = undefined;
  }
}
