/**
 * Opening: the file is there and sound and has our schema afterwards, or people are told why not.
 * What is not sound is set aside, never deleted and never used.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type EpochMs, rfc3339 } from '../domain/time.ts';
import { connect, type Db, prepareWriter } from './connection.ts';
import { isCorruption } from './failure.ts';
import { type Inodes, readInodes } from './moved.ts';
import { checkSchema, migrate, NotOurs } from './schema/migrate.ts';
import { type Migration, migrations as ourMigrations } from './schema/migrations.ts';
import type { OpenReport } from './store.ts';
import { metaTable } from './tables/meta.ts';

export interface OpenedDatabase {
  readonly db: Db;
  readonly report: OpenReport;
  /** To notice when the path names another file. */
  readonly inodes: Inodes;
}

/** Corrupt files kept beside the database; the oldest are deleted beyond this. */
const setAsideMax = 3;
/**
 * A larger file is not read as a whole at the start. quick_check takes 0.13 s for 100 MB in
 * the page cache (measured), and as long as the disk needs for what is not in it.
 */
const quickCheckBytesMax = 256 * 1024 * 1024;
/** The tables that decide what happens next are checked in any case. */
const stateTables = ['meta', 'alerts', 'cursors', 'digests', 'expiries', 'occurrences'];

class NotSound extends Error {
  override readonly name = 'NotSound';
}

const markerOf = (path: string): string => `${path}.id`;

/** Why this cannot be our database although something is, or was, there. */
function suspicion(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  const hadOne = existsSync(markerOf(path));
  if (stats === undefined) return hadOne ? 'the file is missing' : null;
  if (!stats.isFile()) return 'it is not a file';
  return stats.size === 0 && hadOne ? 'the file is empty' : null;
}

function forgetOldestSetAside(path: string): void {
  const prefix = `${basename(path)}.corrupt-`;
  const kept = readdirSync(dirname(path)).filter(
    (name) => name.startsWith(prefix) && !/-(wal|shm)$/.test(name),
  );
  for (const name of kept.sort().slice(0, -setAsideMax))
    for (const suffix of ['', '-wal', '-shm'])
      rmSync(join(dirname(path), name + suffix), { recursive: true, force: true });
}

/** Moves the database with what belongs to it; null when nothing was there. */
function setAside(path: string, now: EpochMs): string | null {
  const stem = `${path}.corrupt-${rfc3339(now).replaceAll(/[-:]/g, '')}`;
  let target = stem;
  for (let n = 2; existsSync(target); n++) target = `${stem}.${n}`;
  const moved = existsSync(path);
  for (const suffix of ['', '-wal', '-shm'])
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  forgetOldestSetAside(path);
  return moved ? target : null;
}

function assertSound(db: Db, path: string): void {
  const small = statSync(path).size <= quickCheckBytesMax;
  const known = db.prepare<[], string>('SELECT name FROM sqlite_schema').pluck().all();
  const checks = small ? ['quick_check(1)'] : stateTables.filter((name) => known.includes(name));
  for (const check of checks) {
    const answer = db.pragma(small ? check : `quick_check('${check}')`, { simple: true });
    if (answer !== 'ok') throw new NotSound(String(answer).replaceAll('\n', ' '));
  }
}

function openSound(path: string, migrations: readonly Migration[]): { db: Db; schema: number } {
  // SQLite would make it readable for all; -wal and -shm take its mode.
  if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o640));
  let schema = 0;
  const prepare = (db: Db): void => {
    // First of all: a file from the future must not even be switched to another journal mode.
    checkSchema(db, path, migrations);
    prepareWriter(db);
    assertSound(db, path);
    schema = migrate(db, path, migrations);
  };
  return { db: connect(path, { readonly: false, prepare }), schema };
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

const isUnsound = (error: unknown): error is Error =>
  error instanceof NotSound || error instanceof NotOurs || isCorruption(error);

/** Throws SchemaTooNew, or the error of the system when the file cannot be opened at all. */
export function openDatabase(
  path: string,
  options: { readonly now: EpochMs; readonly migrations?: readonly Migration[] },
): OpenedDatabase {
  const migrations = options.migrations ?? ourMigrations;
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  let why = suspicion(path);
  let asideTo = why === null ? null : setAside(path, options.now);
  let lostSeq = 0;
  let opened: { db: Db; schema: number };
  try {
    opened = openSound(path, migrations);
  } catch (error) {
    if (!isUnsound(error)) throw error;
    why = error.message;
    asideTo = setAside(path, options.now);
    if (asideTo !== null) lostSeq = salvageLastSeq(asideTo);
    opened = openSound(path, migrations);
  }
  const { db, schema } = opened;
  writeIdentity(db, path, lostSeq);
  return { db, report: { setAside: asideTo, why, schema }, inodes: readInodes(path) };
}
