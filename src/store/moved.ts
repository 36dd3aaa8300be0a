/**
 * A database whose file was deleted or replaced while it was open. SQLite goes on writing into the
 * file that no longer has a name (measured), so everything after that would be lost at the next start.
 */
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { type EpochMs, rfc3339 } from '../domain/time.ts';
import type { Db } from './connection.ts';
import { copyInto } from './schema/migrate.ts';

export const isMoved = (path: string, inode: number): boolean =>
  statSync(path, { throwIfNoEntry: false })?.ino !== inode;

/**
 * Writes the data out of the open connection, back to the path when nothing is there now, and
 * closes it. Returns what happened, in words.
 */
export function bringBack(db: Db, path: string, now: EpochMs): string {
  if (existsSync(path)) {
    const target = `${path}.replaced-${rfc3339(now).replaceAll(/[-:]/g, '')}`;
    copyInto(db, target);
    db.close();
    return `${path} was replaced by another file while it was open; the data is in ${target}`;
  }
  const target = `${path}.rescued`;
  copyInto(db, target);
  db.close();
  // Those of the deleted file; beside another database they would be taken for its own.
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  renameSync(target, path);
  return `${path} was deleted while it was open; the data was written back`;
}
