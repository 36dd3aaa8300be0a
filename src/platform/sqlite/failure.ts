/** What an error of SQLite means for a commit: wait, say that the disk is full, or restart. */
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isSqliteError } from './connection.ts';

export type Failure =
  /** Another program holds the lock: trying again soon helps. */
  | { readonly type: 'busy'; readonly why: string }
  /** No room, or not writable: may be tried again later. */
  | { readonly type: 'full'; readonly why: string }
  /** Nothing can be relied on until the file has been opened anew. */
  | { readonly type: 'broken'; readonly why: string }
  /** Not the world's fault. */
  | { readonly type: 'bug'; readonly error: unknown };

/** errno names of a folder that takes no more bytes now and may take some later. */
const laterCodes = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/** Error code of writing one file into the folder; null when that works. */
export function probeFolder(folder: string): string | null {
  const path = join(folder, '.write-probe');
  try {
    const fd = openSync(path, 'w', 0o600);
    try {
      writeSync(fd, 'probe');
      fsyncSync(fd);
    } finally {
      closeSync(fd);
      rmSync(path, { force: true });
    }
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  }
}

export const isCorruption = (error: unknown): boolean =>
  isSqliteError(error) && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);

/** The disk does not give back what was written; it has tried again itself. */
export const isUnreadable = (error: unknown): boolean =>
  isSqliteError(error) && /^SQLITE_IOERR_(READ|SHORT_READ|CORRUPTFS)$/.test(error.code);

/**
 * A failed fsync is never tried again (PostgreSQL's "fsyncgate": the kernel may have dropped the
 * pages and marked them clean), so every SQLITE_IOERR is `broken`, with two exceptions: SHMSIZE is
 * how a full disk shows when the WAL's index must grow, and a failed write is `full` when the
 * folder itself says that it is full, over quota or read-only (SQLite tells only ENOSPC apart).
 */
export function classifyFailure(error: unknown, folder: string): Failure {
  if (!isSqliteError(error)) return { type: 'bug', error };
  const { code } = error;
  const why = `${code}: ${error.message}`;
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return { type: 'busy', why };
  if (code === 'SQLITE_READONLY_DBMOVED') return { type: 'broken', why };
  if (/^SQLITE_(FULL|IOERR_SHMSIZE|READONLY|CANTOPEN)/.test(code)) return { type: 'full', why };
  if (code === 'SQLITE_IOERR_WRITE') {
    const folderSays = probeFolder(folder);
    if (folderSays !== null && laterCodes.has(folderSays))
      return { type: 'full', why: `${why} (${folderSays})` };
  }
  if (/^SQLITE_(IOERR|CORRUPT|NOTADB|NOMEM|PROTOCOL|AUTH|PERM)/.test(code))
    return { type: 'broken', why };
  return { type: 'bug', error };
}
