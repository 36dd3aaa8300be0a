/**
 * A database whose file was deleted or replaced while it was open. SQLite goes on writing into the
 * file that no longer has a name (measured): all of that would be lost at the next start.
 */
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { type EpochMs, rfc3339 } from '../../domain/time.ts';
import type { Db } from './connection.ts';
import { copyInto } from './migrate.ts';

/** Inodes of the files behind a connection; undefined where there is none. */
export interface Inodes {
  readonly database: number | undefined;
  readonly log: number | undefined;
  readonly index: number | undefined;
}

const inodeOf = (path: string): number | undefined =>
  statSync(path, { throwIfNoEntry: false })?.ino;

export const readInodes = (path: string): Inodes => ({
  database: inodeOf(path),
  log: inodeOf(`${path}-wal`),
  index: inodeOf(`${path}-shm`),
});

export const isMoved = (path: string, { database }: Inodes): boolean => inodeOf(path) !== database;

/** Ours only: beside another database they would be taken for its own, and spoil it. */
function removeOurLog(path: string, ours: Inodes): void {
  const now = readInodes(path);
  if (now.log === ours.log) rmSync(`${path}-wal`, { force: true });
  if (now.index === ours.index) rmSync(`${path}-shm`, { force: true });
}

/**
 * Writes the data out of the open connection, back to the path when nothing is there now, and
 * closes it. Returns what happened, in words.
 */
export function bringBack(db: Db, path: string, inodes: Inodes, now: EpochMs): string {
  const replaced = existsSync(path);
  const stamp = rfc3339(now).replaceAll(/[-:]/g, '');
  const target = replaced ? `${path}.replaced-${stamp}` : `${path}.rescued`;
  copyInto(db, target);
  db.close();
  removeOurLog(path, inodes);
  if (replaced)
    return `${path} was replaced by another file while it was open; the data is in ${target}`;
  renameSync(target, path);
  return `${path} was deleted while it was open; the data was written back`;
}
