/**
 * The flush: the volatile copy that was worked on (volatile.ts) takes the place of the database on
 * the disk. It may be killed at any point and is done again: the copy goes last, and the disk has
 * either the old database or the new one, never with a log of writes that belongs to the other.
 */
import { copyFileSync, cpSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type EpochMs, rfc3339 } from '../domain/time.ts';
import { syncPath } from '../platform/replace-file.ts';
import { connect, type Db } from '../platform/sqlite/connection.ts';
import { SchemaTooNew } from '../platform/sqlite/errors.ts';
import { checkSchema } from '../platform/sqlite/migrate.ts';
import { isUnsound, setAside } from '../platform/sqlite/open.ts';
import { migrations } from './schema/migrations.ts';
import { type Branch, type Meta, metaTable } from './tables/meta.ts';
import { copyIn, removeVolatile } from './volatile.ts';

export type Flushed =
  /** There was no copy, or the disk has it already. */
  | { readonly type: 'nothing' }
  /** The database on the disk is the copy now; one that was not sound is now at `setAside`. */
  | { readonly type: 'flushed'; readonly setAside: string | null; readonly why: string | null }
  /** It does not go on from what is on the disk, and lies beside it. */
  | { readonly type: 'apart'; readonly path: string }
  /** The disk takes writing, and yet not this: the copy stays in use. */
  | { readonly type: 'failed'; readonly why: string };

interface State extends Meta {
  readonly branch: Branch | null;
}

const isThere = (path: string): boolean => {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size > 0;
};

/** What nobody else holds has no log of writes any more when it is closed: the file is whole. */
function readWhole(path: string, check: (db: Db) => void): State {
  const db = connect(path, { readonly: false });
  let state: State;
  try {
    checkSchema(db, path, migrations);
    check(db);
    const meta = metaTable(db);
    state = { ...meta.read(), branch: meta.readBranch() };
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (log > 0) throw new Error(`another program has ${path} open`);
  return state;
}

/** Null where nothing is there that could be asked; `why` when it is not sound. */
function readDisk(path: string): { readonly state: State | null; readonly why: string | null } {
  if (!isThere(path))
    return { state: null, why: existsSync(path) ? 'it is empty, or no file' : null };
  try {
    return { state: readWhole(path, () => undefined), why: null };
  } catch (error) {
    if (!isUnsound(error)) throw error;
    return { state: null, why: error.message };
  }
}

function assertSound(db: Db): void {
  const answer = db.pragma('quick_check(1)', { simple: true });
  if (answer !== 'ok') throw new Error(`the copy in memory is damaged: ${String(answer)}`);
}

const isBeyond = (a: Meta, b: Meta): boolean =>
  a.lastSeq > b.lastSeq || (a.lastSeenAt ?? 0) > (b.lastSeenAt ?? 0);

/** Whether the copy holds all that the disk holds, or the disk all that the copy does. */
function compare(copy: State, disk: State): 'goes-on' | 'is-flushed' | 'apart' {
  const { branch } = copy;
  if (branch === null) return 'apart';
  if (disk.branch?.id === branch.id) return isBeyond(copy, disk) ? 'goes-on' : 'is-flushed';
  const began: Meta = { ...branch, completeFrom: 0 };
  return branch.instance === disk.instance && branch.instance !== null && !isBeyond(disk, began)
    ? 'goes-on'
    : 'apart';
}

function copyDurably(from: string, to: string): void {
  copyFileSync(from, to);
  syncPath(to);
}

/** What a migration has kept of the database as it was before. */
function copyBackups(from: string, to: string): void {
  if (existsSync(`${from}/backup`)) cpSync(`${from}/backup`, `${to}/backup`, { recursive: true });
}

function freeName(stem: string): string {
  let name = stem;
  for (let n = 2; existsSync(name); n++) name = `${stem}.${n}`;
  return name;
}

/** Nothing of the disk is touched, and the copy is kept where people find it. */
function* putApart(path: string, copy: string, now: EpochMs): Steps {
  const part = `${path}.flush`;
  copyDurably(copy, part);
  yield;
  const apart = freeName(`${path}.apart-${rfc3339(now).replaceAll(/[-:]/g, '')}`);
  renameSync(part, apart);
  syncPath(dirname(path));
  return { type: 'apart', path: apart };
}

function* replaceDisk(path: string, copy: string, now: EpochMs, why: string | null): Steps {
  const part = `${path}.flush`;
  copyDurably(copy, part);
  yield;
  const aside = why === null ? null : setAside(path, now);
  yield;
  // Empty, or of a database that is gone: beside the new one they would be taken for its own.
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  yield;
  renameSync(part, path);
  syncPath(dirname(path));
  return { type: 'flushed', setAside: aside, why };
}

type Steps = Generator<void, Flushed>;

/**
 * The steps of a flush; a kill between any two is made good by doing it all again. Throws
 * SchemaTooNew when the disk has a database of a newer tocsin, and the system's errors.
 */
export function* flushSteps(path: string, folder: string, now: EpochMs): Steps {
  const copy = copyIn(folder, path);
  const { state: disk, why } = readDisk(path);
  yield;
  const verdict = compareWith(copy, disk);
  yield;
  let done: Flushed = { type: 'nothing' };
  if (verdict === 'apart') done = yield* putApart(path, copy, now);
  else if (verdict === 'goes-on') {
    copyBackups(folder, dirname(path));
    done = yield* replaceDisk(path, copy, now, why);
  }
  yield;
  removeVolatile(path, folder);
  return done;
}

function compareWith(copy: string, disk: State | null): ReturnType<typeof compare> {
  const state = readWhole(copy, assertSound);
  return disk === null ? 'goes-on' : compare(state, disk);
}

/** Of a copy or a flush that was broken off. */
function removeRests(path: string, folder: string): Flushed {
  try {
    rmSync(`${path}.flush`, { force: true });
    removeVolatile(path, folder);
  } catch {
    // They harm nobody; a new copy needs their place, and says so when it cannot have it.
  }
  return { type: 'nothing' };
}

/** Throws SchemaTooNew; all else is a reason to go on with the copy. */
export function flushVolatile(path: string, folder: string, now: EpochMs): Flushed {
  if (!existsSync(copyIn(folder, path))) return removeRests(path, folder);
  const steps = flushSteps(path, folder, now);
  try {
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) return value;
    }
  } catch (error) {
    if (error instanceof SchemaTooNew) throw error;
    return { type: 'failed', why: (error as Error).message };
  }
}
