/** The chunks: what is kept, by tier, start and series. */
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';
import { decodeChunk, encodeChunk } from '../codec/chunk.ts';
import { ByteReader, BytesWrong, ByteWriter } from '../codec/varint.ts';
import { chunkGrid, type Grid } from '../grid.ts';
import { hour, type Tier } from '../tiers.ts';

/** Rows deleted in one transaction. */
const deletedMax = 2000;

/** Series that there ever were, and hours since the epoch (till the year 3883): 2^52 in all. */
const seriesEver = 2 ** 26;
const hoursEver = 2 ** 24;

/** Tier, start and series in one number, in this order. */
function keyOf(tier: Tier, start: EpochMs, series: number): number {
  const hours = Math.min(hoursEver, Math.max(0, Math.ceil(start / hour)));
  if (series >= seriesEver)
    throw new RangeError(`series ${series} is beyond all that there can be`);
  return (tier.number * hoursEver + hours) * seriesEver + series;
}

const seriesOf = (key: number): number => key % seriesEver;
const startOf = (key: number): EpochMs => (Math.floor(key / seriesEver) % hoursEver) * hour;

interface Row {
  readonly key: number;
  readonly data: Buffer;
}

export function chunkTable(db: Db) {
  const upsert = db.prepare<[number, Buffer]>(
    'INSERT OR REPLACE INTO chunks (key, data) VALUES (?, ?)',
  );
  const get = db.prepare<[number], Buffer>('SELECT data FROM chunks WHERE key = ?').pluck();
  const among = db.prepare<[number, number], Row>(
    'SELECT key, data FROM chunks WHERE key BETWEEN ? AND ? ORDER BY key',
  );
  const first = db
    .prepare<[number, number], number | null>(
      'SELECT min(key) FROM chunks WHERE key BETWEEN ? AND ?',
    )
    .pluck();
  const last = db
    .prepare<[number, number], number | null>(
      'SELECT max(key) FROM chunks WHERE key BETWEEN ? AND ?',
    )
    .pluck();
  const remove = db.prepare<[number, number, number]>(
    `DELETE FROM chunks WHERE key IN
     (SELECT key FROM chunks WHERE key BETWEEN ? AND ? LIMIT ?)`,
  );
  const endOf = (tier: Tier): number => (tier.number + 1) * hoursEver * seriesEver - 1;
  const writer = new ByteWriter();
  /** A chunk that was damaged unseen by SQLite is as good as none, and harms no other. */
  function read(tier: Tier, start: EpochMs, data: Buffer): Grid {
    const grid = chunkGrid(tier, start);
    try {
      decodeChunk(new ByteReader(data), grid);
      return grid;
    } catch (error) {
      if (!(error instanceof BytesWrong)) throw error;
      return chunkGrid(tier, start);
    }
  }

  return {
    write: (tier: Tier, series: number, grid: Grid): void =>
      void upsert.run(keyOf(tier, grid.start, series), encodeChunk(grid, writer)),

    /** What is stored; an empty grid where nothing is. */
    read(tier: Tier, start: EpochMs, series: number): Grid {
      return this.find(tier, start, series) ?? chunkGrid(tier, start);
    },

    find(tier: Tier, start: EpochMs, series: number): Grid | undefined {
      const data = get.get(keyOf(tier, start, series));
      return data === undefined ? undefined : read(tier, start, data);
    },

    /** Of the series `from` to `to`, both included, in rising order. */
    *list(tier: Tier, start: EpochMs, from: number, to: number): Generator<[number, Grid]> {
      for (const { key, data } of among.all(keyOf(tier, start, from), keyOf(tier, start, to)))
        yield [seriesOf(key), read(tier, start, data)];
    },

    /** Start of the first chunk of any series at or after this; undefined for none. */
    nextStart(tier: Tier, from: EpochMs): EpochMs | undefined {
      const key = first.get(keyOf(tier, from, 0), endOf(tier)) ?? undefined;
      return key === undefined ? undefined : startOf(key);
    },

    /** Start of the last chunk of any series. */
    lastStart(tier: Tier): EpochMs | undefined {
      const key = last.get(keyOf(tier, 0, 0), endOf(tier)) ?? undefined;
      return key === undefined ? undefined : startOf(key);
    },

    /** Deletes some of one start; how many. */
    deleteSome: (tier: Tier, start: EpochMs): number =>
      remove.run(keyOf(tier, start, 0), keyOf(tier, start, seriesEver - 1), deletedMax).changes,
  };
}

export type ChunkTable = ReturnType<typeof chunkTable>;
