/**
 * A disk that takes no writing (read-only after an error, say) keeps nobody from being told: tocsin
 * works on a volatile copy of its database, in a folder of memory, until the disk takes writing
 * again; then the copy is flushed (flush.ts). The words are journald's, which does the same.
 */
import { randomUUID } from 'node:crypto';
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { EpochMs } from '../domain/time.ts';
import { connect } from '../platform/sqlite/connection.ts';
import { probeFolder } from '../platform/sqlite/failure.ts';
import { checkSchema } from '../platform/sqlite/migrate.ts';
import { isUnsound } from '../platform/sqlite/open.ts';
import { openDatabase } from './open.ts';
import { migrations } from './schema/migrations.ts';
import { metaTable } from './tables/meta.ts';

const mebibyte = 1024 * 1024;

/** It is memory, and counts as ours (MemoryHigh=384M): a larger database is not copied. */
const copiedBytesMax = 96 * mebibyte;
/** Where the copy is full; retention keeps it below. */
export const volatileBytesMax = 128 * mebibyte;
/** What the folder must have beside the copy, to go on with it. */
const roomMin = 16 * mebibyte;

/** What the kernel says of what takes no writing, and not for want of room. */
const refusals: Readonly<Record<string, string>> = {
  EROFS: 'is read-only',
  EACCES: 'may not be written by tocsin',
  EPERM: 'may not be written by tocsin',
  EIO: 'fails when it is written',
  EUCLEAN: 'is damaged',
  ENODEV: 'is gone',
  ENXIO: 'is gone',
};

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code);

/** Whether we may write what is there; access(2) knows of read-only disks and immutable files. */
function refusedFile(path: string): string | null {
  try {
    if (existsSync(path)) accessSync(path, constants.W_OK);
    return null;
  } catch (error) {
    return codeOf(error);
  }
}

function refusedFolder(folder: string): string | null {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    return probeFolder(folder);
  } catch (error) {
    return codeOf(error);
  }
}

/**
 * The name of the error with which the database at the path cannot be written; null when it can,
 * or when only room is missing. Writes a small file and waits until the disk has it.
 */
export function refusalOf(path: string): string | null {
  const codes = [
    () => refusedFolder(dirname(path)),
    ...['', '-wal', '-shm'].map((suffix) => () => refusedFile(path + suffix)),
  ];
  for (const look of codes) {
    const code = look();
    if (code !== null && code in refusals) return code;
  }
  return null;
}

export interface Volatile {
  /** The copy that is to be opened in place of the database on the disk. */
  readonly path: string;
  /** What people must know as long as it is used. */
  readonly condition: string;
}

export const copyIn = (folder: string, path: string): string => join(folder, basename(path));

/** Throws when something stays: what is old must never be taken for new. */
export function removeVolatile(path: string, folder: string): void {
  const name = basename(path);
  const ours = existsSync(folder) ? readdirSync(folder) : [];
  // The copy itself last: as long as it is there, nothing of it is forgotten.
  const found = ours.filter((one) => one.startsWith(`${name}-`) || one.startsWith(`${name}.`));
  for (const one of ['backup', ...found, name])
    rmSync(join(folder, one), { recursive: true, force: true });
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Why the database cannot be copied; null when it was. */
function copyFiles(path: string, part: string): string | null {
  const bytes = sizeOf(path) + sizeOf(`${path}-wal`);
  const mib = Math.ceil(bytes / mebibyte);
  if (sizeOf(path) === 0) return 'there is none on the disk';
  if (bytes > copiedBytesMax) return `it has ${mib} MiB, too much to be kept in memory`;
  const { bavail, bsize } = statfsSync(dirname(part));
  if (bytes + roomMin > bavail * bsize) return `it has ${mib} MiB, and there is no room for it`;
  try {
    for (const suffix of ['', '-wal'])
      if (existsSync(path + suffix)) copyFileSync(path + suffix, part + suffix);
    return null;
  } catch (error) {
    return `it cannot be read: ${(error as Error).message}`;
  }
}

/** One file, with the name of its branch in it. Throws SchemaTooNew. */
function sealCopy(part: string): void {
  const db = connect(part, { readonly: false });
  try {
    checkSchema(db, part, migrations);
    const meta = metaTable(db);
    const { instance, lastSeq, lastSeenAt } = meta.read();
    meta.writeBranch({ id: randomUUID(), instance, lastSeq, lastSeenAt, lacks: null });
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}

function removePart(part: string): void {
  for (const suffix of ['', '-wal', '-shm', '.id']) rmSync(part + suffix, { force: true });
}

/**
 * A database that holds nothing. What it will count must not meet the numbers that nobody could
 * read: it begins with the milliseconds since 1970, which no log of changes has ever reached.
 */
function makeEmpty(part: string, lacks: string, now: EpochMs): void {
  const { db } = openDatabase(part, { now });
  try {
    const lastSeq = Math.floor(now);
    const meta = metaTable(db);
    meta.write({ lastSeq, completeFrom: lastSeq + 1 });
    meta.writeBranch({ id: randomUUID(), instance: null, lastSeq, lastSeenAt: null, lacks });
  } finally {
    db.close();
  }
}

function makeCopy(path: string, part: string, now: EpochMs): void {
  removePart(part);
  let lacks = copyFiles(path, part);
  try {
    if (lacks === null) sealCopy(part);
  } catch (error) {
    if (!isUnsound(error)) {
      removePart(part);
      throw error;
    }
    lacks = `it is damaged: ${error.message}`;
  }
  if (lacks === null) return;
  removePart(part);
  makeEmpty(part, lacks, now);
}

/** Why the copy began empty; null when it did not. One that is damaged is found by who opens it. */
function readLack(copy: string): string | null {
  try {
    const db = connect(copy, { readonly: true });
    try {
      return metaTable(db).readBranch()?.lacks ?? null;
    } finally {
      db.close();
    }
  } catch {
    return null;
  }
}

/** In words: why the disk does not do. */
export const wordsOf = (path: string, code: string): string =>
  `the disk of ${dirname(path)} ${refusals[code] ?? 'takes no writing'} (${code})`;

function describe(path: string, folder: string, why: string): string {
  const lack = readLack(copyIn(folder, path));
  const without = lack === null ? '' : `. What was stored is not in it: ${lack}`;
  const kept = `what happens now is kept in memory (${folder}) and is lost if the machine stops`;
  return `${why}: ${kept}${without}`;
}

/**
 * Where to work while the disk does not do: on the copy that an earlier start has made, or on a new
 * one. Throws SchemaTooNew, and the system's error when the folder takes none either.
 */
export function openVolatile(path: string, folder: string, why: string, now: EpochMs): Volatile {
  const copy = copyIn(folder, path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(copy)) {
    const part = `${copy}.part`;
    makeCopy(path, part, now);
    // From here on it is one: a start that was killed before makes it anew.
    renameSync(part, copy);
  }
  return { path: copy, condition: describe(path, folder, why) };
}
