/** Opens history.db; one that is not sound is set aside, and a new one begins. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EpochMs } from '../domain/time.ts';
import type { Db } from '../platform/sqlite/connection.ts';
import { type Inodes, readInodes } from '../platform/sqlite/moved.ts';
import { isUnsound, type Opening, openSound, setAside } from '../platform/sqlite/open.ts';
import { migrations } from './schema.ts';
import { prepareTables, type Tables } from './tables/tables.ts';

const opening: Opening = {
  migrations,
  // What the power takes are the last ticks: a sync for each would cost more than they are worth.
  synchronous: 'NORMAL',
  cacheKib: 1024,
  // Chunks have up to 6 KB: with smaller pages half of each would be empty.
  pageBytes: 16_384,
  quickCheckBytesMax: 64 * 1024 * 1024,
  stateTables: ['meta', 'series', 'due'],
};

export interface OpenedHistory {
  readonly db: Db;
  readonly tables: Tables;
  readonly inodes: Inodes;
  /** Where the old file went, and why; null when all was well. */
  readonly lost: { readonly file: string; readonly why: string } | null;
}

/** Throws SchemaTooNew, or the system's error when the file cannot be opened at all. */
export function openHistory(path: string, now: EpochMs): OpenedHistory {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  let lost: OpenedHistory['lost'] = null;
  let db: Db;
  try {
    db = openSound(path, opening).db;
  } catch (error) {
    if (!isUnsound(error)) throw error;
    lost = { file: setAside(path, now) ?? path, why: error.message };
    db = openSound(path, opening).db;
  }
  return { db, tables: prepareTables(db), inodes: readInodes(path), lost };
}
