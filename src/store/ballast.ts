/**
 * The ballast: a file beside the database that is given up when the disk is full. Without it
 * nothing could be done then, because deleting rows and checkpointing need room, too.
 */
import { randomFillSync } from 'node:crypto';
import {
  closeSync,
  fdatasyncSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

export interface Ballast {
  /** Gives its room back to the disk. False when there was none, or the disk takes no change. */
  release(): boolean;
  /** Makes it again when the disk has room; true when it is there (or none is wanted). */
  restore(): boolean;
}

/** The disk must have this many times the ballast before it is made: it must not fill the disk. */
const roomFactor = 4;
const chunkBytes = 64 * 1024;

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Random bytes, because a compressing filesystem gives no room for zeros. */
function fill(path: string, bytes: number): void {
  const fd = openSync(path, 'w', 0o600);
  try {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    for (let left = bytes; left > 0; left -= chunkBytes)
      writeSync(fd, randomFillSync(chunk), 0, Math.min(left, chunkBytes));
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

export function createBallast(databasePath: string, bytes: number): Ballast {
  const path = `${databasePath}.ballast`;
  let made = bytes === 0 || sizeOf(path) === bytes;
  return {
    release() {
      const had = sizeOf(path) > 0;
      try {
        rmSync(path, { force: true });
      } catch {
        return false; // A disk that has become read-only (EROFS): it stays, and helps nobody.
      }
      made = bytes === 0;
      return had;
    },
    restore() {
      if (made) return true;
      try {
        if (freeBytes(dirname(path)) < bytes * roomFactor) return false;
        fill(path, bytes);
        made = true;
      } catch {
        // Somebody else took the room: without it, trying again after a later commit.
        this.release();
      }
      return made;
    },
  };
}
