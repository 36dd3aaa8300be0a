/** The door to files: the few synchronous reads that rules, settings and collectors need. */
import type { Dirent } from 'node:fs';
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statSync,
} from 'node:fs';

import type { EpochMs } from '../domain/time.ts';

export interface FileEntry {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'link' | 'other';
}

export interface FileFacts {
  readonly type: 'file' | 'directory' | 'block' | 'character' | 'other';
  readonly size: number;
  /** Of a device node: st_rdev of stat(2). */
  readonly rdev: number;
  readonly modifiedAt: EpochMs;
}

export interface Files {
  /** The text, or undefined when there is no such file. Throws an error with `code` otherwise. */
  readText(path: string): string | undefined;
  /**
   * The first 4 KiB of an attribute of /proc or /sys, without white space at the end; undefined
   * when it is not there (also when its thing went away while it was read). 4 to 9 µs, of which
   * open(2) of a long path takes most: the same three calls in C take 3.5 to 7.3 µs.
   */
  readAttribute(path: string): string | undefined;
  /** The first 4 KiB as bytes (VPD pages); undefined when it is not there. */
  readBinary(path: string): Uint8Array | undefined;
  /** Entries in name order, or undefined when there is no such folder. */
  list(path: string): readonly FileEntry[] | undefined;
  /** The target of a symbolic link, undefined when the path is none. */
  readLink(path: string): string | undefined;
  /** Follows links. Only for paths that cannot hang: never for what lies on a mount to watch. */
  stat(path: string): FileFacts | undefined;
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

const attribute = Buffer.allocUnsafe(4096);

/** The number of bytes now in `attribute`. */
function readIntoAttribute(path: string): number {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readSync(fd, attribute, 0, attribute.length, null);
  } finally {
    closeSync(fd);
  }
}

/** ENODEV, ENXIO: the device of an open attribute has been removed meanwhile. */
const goneCodes = ['ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO'];

function factsOf(path: string): FileFacts {
  const found = statSync(path);
  const { size, rdev, mtimeMs: modifiedAt } = found;
  const type = found.isFile()
    ? 'file'
    : found.isDirectory()
      ? 'directory'
      : found.isBlockDevice()
        ? 'block'
        : found.isCharacterDevice()
          ? 'character'
          : 'other';
  return { type, size, rdev, modifiedAt };
}

function typeOf(entry: Dirent): FileEntry['type'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

const byName = (a: FileEntry, b: FileEntry): number => (a.name < b.name ? -1 : 1);

export const systemFiles: Files = {
  readText: (path) => unless(['ENOENT', 'ENOTDIR'], () => readBytes(path).toString('utf8')),
  readAttribute: (path) =>
    unless(goneCodes, () => attribute.toString('utf8', 0, readIntoAttribute(path)).trimEnd()),
  readBinary: (path) =>
    unless(goneCodes, () => Uint8Array.from(attribute.subarray(0, readIntoAttribute(path)))),
  stat: (path) => unless(['ENOENT', 'ENOTDIR'], () => factsOf(path)),
  list: (path) =>
    unless(['ENOENT', 'ENOTDIR'], () =>
      readdirSync(path, { withFileTypes: true })
        .map((entry) => ({ name: entry.name, type: typeOf(entry) }))
        .sort(byName),
    ),
  readLink: (path) => unless(['ENOENT', 'ENOTDIR', 'EINVAL'], () => readlinkSync(path)),
};
