/**
 * Pools and disks that were seen once. What is remembered and not there is missing; without this
 * a pool that is not imported after a restart would be no fact at all.
 */
import type { EpochMs } from '../../domain/time.ts';
import { days } from '../../domain/time.ts';
import type { Watcher } from '../collector.ts';
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

type Row = Readonly<Record<string, unknown>>;
const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPool = (row: Row): boolean =>
  poolTypes.some((type) => type === row.type) && typeof row.firstSeenAt === 'number';
const isDisk = (row: Row): boolean =>
  ['identifiedBy', 'node', 'model', 'usedBy'].every((name) => typeof row[name] === 'string') &&
  typeof row.sizeBytes === 'number';

function parse(text: string): { pools: Row; disks: Row } {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isRow(parsed)) return { pools: {}, disks: {} };
    const { pools, disks } = parsed;
    return { pools: isRow(pools) ? pools : {}, disks: isRow(disks) ? disks : {} };
  } catch {
    // Written by another version, or torn: what is there now is learnt anew.
    return { pools: {}, disks: {} };
  }
}

const rowsWhere = <T>(rows: Row, isGood: (row: Row) => boolean): [string, T][] =>
  Object.entries(rows).flatMap(([id, row]) => (isRow(row) && isGood(row) ? [[id, row as T]] : []));

export class Memory {
  readonly pools = new Map<string, SeenPool>();
  readonly disks = new Map<string, SeenDisk>();
  #written: string | undefined;

  load(watcher: Watcher): void {
    const text = watcher.cursor(cursorName);
    if (text === undefined) return;
    const { pools, disks } = parse(text);
    for (const [id, pool] of rowsWhere<SeenPool>(pools, isPool)) this.pools.set(id, pool);
    for (const [id, disk] of rowsWhere<SeenDisk>(disks, isDisk)) this.disks.set(id, disk);
    this.#written = text;
  }

  /** Writes what has changed; nothing when nothing has. */
  save(watcher: Watcher, now: EpochMs): void {
    for (const seen of [this.pools, this.disks])
      for (const [id, { lostAt }] of seen)
        if (lostAt !== undefined && now - lostAt > forgottenAfter) seen.delete(id);
    const pools = Object.fromEntries(this.pools);
    const disks = Object.fromEntries(this.disks);
    const text = JSON.stringify({ pools, disks });
    if (text === this.#written || (this.#written === undefined && text === emptyText)) return;
    this.#written = text;
    watcher.saveCursor(cursorName, text);
  }

  keepPool(id: string, pool: SeenPool): void {
    if (this.pools.size < rememberedMax || this.pools.has(id)) this.pools.set(id, pool);
  }

  keepDisk(id: string, disk: SeenDisk): void {
    if (this.disks.size < rememberedMax || this.disks.has(id)) this.disks.set(id, disk);
  }
}

const emptyText = JSON.stringify({ pools: {}, disks: {} });
