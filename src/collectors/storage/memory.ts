/**
 * Pools and disks that were seen once. What is remembered and not there is missing; without this
 * a pool that is not imported after a restart would be no fact at all.
 */
import type { EpochMs } from '../../domain/time.ts';
import { days } from '../../domain/time.ts';
import type { Watcher } from '../collector.ts';
import { isRow, type Row } from '../json.ts';
import { Kept } from '../kept.ts';
import { type PoolType, poolTypes } from './kinds.ts';

export interface SeenPool {
  readonly type: PoolType;
  readonly firstSeenAt: EpochMs;
  readonly lastScrubAt?: EpochMs;
  readonly scrubErrors?: number;
  readonly lostAt?: EpochMs;
}

export interface SeenDisk {
  readonly identifiedBy: string;
  readonly node: string;
  readonly model: string;
  readonly sizeBytes: number;
  readonly usedBy: string;
  readonly lostAt?: EpochMs;
}

const cursorName = 'seen';
/** Whoever has not mended it by then has taken it away for good. */
const forgottenAfter = days(90);
/** Of each; what is seen later is not remembered. An appliance has some hundreds of disks. */
const rememberedMax = 2000;

const isPool = (row: Row): boolean =>
  poolTypes.some((type) => type === row.type) && typeof row.firstSeenAt === 'number';
const isDisk = (row: Row): boolean =>
  ['identifiedBy', 'node', 'model', 'usedBy'].every((name) => typeof row[name] === 'string') &&
  typeof row.sizeBytes === 'number';

const rowsWhere = <T>(rows: unknown, isGood: (row: Row) => boolean): [string, T][] =>
  Object.entries(isRow(rows) ? rows : {}).flatMap(([id, row]) =>
    isRow(row) && isGood(row) ? [[id, row as T]] : [],
  );

export class Memory {
  readonly pools = new Map<string, SeenPool>();
  readonly disks = new Map<string, SeenDisk>();
  #kept: Kept | undefined;

  load(watcher: Watcher): void {
    this.#kept = new Kept(watcher, cursorName);
    const kept = this.#kept.read();
    const { pools, disks } = isRow(kept) ? kept : {};
    for (const [id, pool] of rowsWhere<SeenPool>(pools, isPool)) this.pools.set(id, pool);
    for (const [id, disk] of rowsWhere<SeenDisk>(disks, isDisk)) this.disks.set(id, disk);
  }

  /** Forgets what was lost long ago, and keeps the rest. */
  save(now: EpochMs): void {
    for (const seen of [this.pools, this.disks])
      for (const [id, { lostAt }] of seen)
        if (lostAt !== undefined && now - lostAt > forgottenAfter) seen.delete(id);
    const pools = Object.fromEntries(this.pools);
    const disks = Object.fromEntries(this.disks);
    this.#kept?.write({ pools, disks });
  }

  keepPool(id: string, pool: SeenPool): void {
    if (this.pools.size < rememberedMax || this.pools.has(id)) this.pools.set(id, pool);
  }

  keepDisk(id: string, disk: SeenDisk): void {
    if (this.disks.size < rememberedMax || this.disks.has(id)) this.disks.set(id, disk);
  }
}
