/** The door to files: the few synchronous reads that rules, settings and collectors need. */
import type { Dirent } from 'node:fs';
import { closeSync, constants, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';

export interface FileEntry {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'link' | 'other';
}

export interface Files {
  /** The text, or undefined when there is no such file. Throws an error with `code` otherwise. */
  readText(path: string): string | undefined;
  /** Entries in name order, or undefined when there is no such folder. */
  list(path: string): readonly FileEntry[] | undefined;
  /** The target of a symbolic link, undefined when the path is none. */
  readLink(path: string): string | undefined;
}

/** Rule files, settings and attributes are far smaller; what is larger is refused with EFBIG. */
const fileBytesMax = 16 * 1024 * 1024;
const chunkBytes = 64 * 1024;

/** The answer for "there is no such thing" is undefined; every other trouble is thrown. */
function unless<T>(codes: readonly string[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && codes.includes(String(error.code))) {
      return undefined;
    }
    throw error;
  }
}

/** Reads to the end, because files of /proc and /sys say they have 0 or 4096 bytes. */
function readBytes(path: string): Buffer {
  // O_NONBLOCK: a FIFO in a folder of rules must not hang the daemon.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Buffer[] = [];
    for (let total = 0; total <= fileBytesMax; ) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const count = readSync(fd, chunk);
      if (count === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, count));
      total += count;
    }
    const why = `EFBIG: file too large (over ${fileBytesMax} bytes), read '${path}'`;
    throw Object.assign(new Error(why), { code: 'EFBIG' });
  } finally {
    closeSync(fd);
  }
}

function typeOf(entry: Dirent): FileEntry['type'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

const byName = (a: FileEntry, b: FileEntry): number => (a.name < b.name ? -1 : 1);

export const systemFiles: Files = {
  readText: (path) => unless(['ENOENT', 'ENOTDIR'], () => readBytes(path).toString('utf8')),
  list: (path) =>
    unless(['ENOENT', 'ENOTDIR'], () =>
      readdirSync(path, { withFileTypes: true })
        .map((entry) => ({ name: entry.name, type: typeOf(entry) }))
        .sort(byName),
    ),
  readLink: (path) => unless(['ENOENT', 'ENOTDIR', 'EINVAL'], () => readlinkSync(path)),
};
