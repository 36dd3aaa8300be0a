/**
 * Opening a database of ours: the file is sound and has our schema afterwards, or the error says
 * why not. What is not sound is set aside, never deleted and never used.
 */
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type EpochMs, rfc3339 } from '../../domain/time.ts';
import { connect, type Db, prepareWriter, type WriterTuning } from './connection.ts';
import { isCorruption, isUnreadable } from './failure.ts';
import { checkSchema, type Migrated, type Migration, migrate, NotOurs } from './migrate.ts';

/** Corrupt files kept beside the database; the oldest are deleted beyond this. */
const setAsideMax = 3;

/** How one database of ours is opened. */
export interface Opening extends WriterTuning {
  readonly migrations: readonly Migration[];
  /**
   * A larger file is not read as a whole at the start. quick_check takes 0.13 s for 100 MB in
   * the page cache (measured), and as long as the disk needs for what is not in it.
   */
  readonly quickCheckBytesMax: number;
  /** The tables that decide what happens next are checked in any case. */
  readonly stateTables: readonly string[];
}

class NotSound extends Error {
  override readonly name = 'NotSound';
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
export function setAside(path: string, now: EpochMs): string | null {
  const stem = `${path}.corrupt-${rfc3339(now).replaceAll(/[-:]/g, '')}`;
  let target = stem;
  for (let n = 2; existsSync(target); n++) target = `${stem}.${n}`;
  const moved = existsSync(path);
  for (const suffix of ['', '-wal', '-shm'])
    if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
  forgetOldestSetAside(path);
  return moved ? target : null;
}

function assertSound(db: Db, path: string, opening: Opening): void {
  const small = statSync(path).size <= opening.quickCheckBytesMax;
  const known = db.prepare<[], string>('SELECT name FROM sqlite_schema').pluck().all();
  const state = opening.stateTables.filter((name) => known.includes(name));
  const checks = small ? ['quick_check(1)'] : state.map((name) => `quick_check('${name}')`);
  for (const check of checks) {
    const answer = db.pragma(check, { simple: true });
    if (answer !== 'ok') throw new NotSound(String(answer).replaceAll('\n', ' '));
  }
}

/**
 * Whether it is the file itself that is wrong, so that setting it aside helps: also when the disk
 * cannot read it. (Of most pages quick_check says that in words, which is NotSound.)
 */
export const isUnsound = (error: unknown): error is Error =>
  error instanceof NotSound ||
  error instanceof NotOurs ||
  isCorruption(error) ||
  isUnreadable(error);

export interface Opened {
  readonly db: Db;
  readonly schema: number;
  readonly migrated: Migrated | null;
}

/** The writing connection; throws what `isUnsound` knows, SchemaTooNew, or the system's error. */
export function openSound(path: string, opening: Opening): Opened {
  // SQLite would make it readable for all; -wal and -shm take its mode.
  if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o640));
  let done: Omit<Opened, 'db'> = { schema: 0, migrated: null };
  const prepare = (db: Db): void => {
    // First of all: a file from the future must not even be switched to another journal mode.
    checkSchema(db, path, opening.migrations);
    prepareWriter(db, opening);
    assertSound(db, path, opening);
    done = migrate(db, path, opening.migrations);
  };
  const db = connect(path, { readonly: false, prepare });
  return { db, ...done };
}
