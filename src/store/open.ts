/**
 * Opening: the file is there and sound and has our schema afterwards, or people are told why not.
 * What is not sound is set aside, never deleted and never used.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EpochMs } from '../domain/time.ts';
import { connect, type Db } from '../platform/sqlite/connection.ts';
import type { Migration } from '../platform/sqlite/migrate.ts';
import { type Inodes, readInodes } from '../platform/sqlite/moved.ts';
import {
  isUnsound,
  type Opened,
  type Opening,
  openSound,
  setAside,
} from '../platform/sqlite/open.ts';
import { migrations as ourMigrations } from './schema/migrations.ts';
import type { OpenReport } from './store.ts';
import { metaTable } from './tables/meta.ts';

export interface OpenedDatabase {
  readonly db: Db;
  readonly report: OpenReport;
  /** To notice when the path names another file. */
  readonly inodes: Inodes;
}

const tuning = {
  synchronous: 'FULL',
  cacheKib: 2048,
  quickCheckBytesMax: 256 * 1024 * 1024,
  stateTables: [
    'meta',
    'alerts',
    'cursors',
    'digests',
    'expiries',
    'occurrences',
    'mutes',
    'channels',
    'told',
    'tokens',
    'sessions',
  ],
} as const;

const markerOf = (path: string): string => `${path}.id`;

/** Why this cannot be our database although something is, or was, there. */
function suspicion(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  const hadOne = existsSync(markerOf(path));
  if (stats === undefined) return hadOne ? 'the file is missing' : null;
  if (!stats.isFile()) return 'it is not a file';
  return stats.size === 0 && hadOne ? 'the file is empty' : null;
}

/** The number of the last change in a file that was set aside, as far as it can still be read. */
function salvageLastSeq(path: string): number {
  try {
    const db = connect(path, { readonly: true });
    try {
      const newest = db.prepare<[], number | null>('SELECT max(seq) FROM changes').pluck().get();
      return Math.max(metaTable(db).read().lastSeq, newest ?? 0);
    } finally {
      db.close();
    }
  } catch {
    return 0; // Beyond reading: numbers start anew.
  }
}

/** Instance id and, after a loss, the number from which the log goes on. */
function writeIdentity(db: Db, path: string, lostSeq: number): void {
  const meta = metaTable(db);
  const { instance, lastSeq } = meta.read();
  const id = instance ?? randomUUID();
  if (instance === null) meta.write({ instance: id });
  if (lostSeq > lastSeq) meta.write({ lastSeq: lostSeq, completeFrom: lostSeq + 1 });
  if (instance === null || !existsSync(markerOf(path)))
    writeFileSync(markerOf(path), `${id}\n`, { mode: 0o640 });
}

/** Throws SchemaTooNew, or the error of the system when the file cannot be opened at all. */
export function openDatabase(
  path: string,
  options: { readonly now: EpochMs; readonly migrations?: readonly Migration[] },
): OpenedDatabase {
  const opening: Opening = { ...tuning, migrations: options.migrations ?? ourMigrations };
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  let why = suspicion(path);
  let asideTo = why === null ? null : setAside(path, options.now);
  let lostSeq = 0;
  let opened: Opened;
  try {
    opened = openSound(path, opening);
  } catch (error) {
    if (!isUnsound(error)) throw error;
    why = error.message;
    asideTo = setAside(path, options.now);
    if (asideTo !== null) lostSeq = salvageLastSeq(asideTo);
    opened = openSound(path, opening);
  }
  const { db, schema, migrated } = opened;
  writeIdentity(db, path, lostSeq);
  return { db, report: { setAside: asideTo, why, schema, migrated }, inodes: readInodes(path) };
}
