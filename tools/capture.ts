/**
 * Captures what this machine's kernel shows, as the text that tests read (test/support/captures.ts):
 * `node tools/capture.ts PATH…` prints it, `node tools/capture.ts --plant FILE FOLDER` makes a tree
 * of it for `tocsind --sysfs-root FOLDER/sys --proc-root FOLDER/proc …`. Attributes are read once,
 * as root; what may not be read (mode 0200) or refuses is captured as such. Never point it at /dev
 * nodes: nodes are named, and not opened.
 */
import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { release } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { plantTree, readCapture } from '../test/support/captures.ts';

/** Nothing to learn there, and much of it. */
const leftOut = /\/(power|trace_[a-z]+|uevent)$/;
const writeOnly = 0o200;

const isText = (bytes: Buffer): boolean =>
  Buffer.from(bytes.toString('utf8')).equals(bytes) && !bytes.includes(0);

function sayFile(path: string, mode: number): string {
  if ((mode & 0o777) === writeOnly) return `${path} !EACCES`;
  try {
    const bytes = readFileSync(path);
    return isText(bytes)
      ? `${path} = ${JSON.stringify(bytes.toString('utf8'))}`
      : `${path} x ${bytes.toString('hex')}`;
  } catch (error) {
    return `${path} !${(error as NodeJS.ErrnoException).code ?? 'EIO'}`;
  }
}

function sayEntry(path: string, entry: Dirent): readonly string[] {
  if (entry.isSymbolicLink()) return [`${path} -> ${readlinkSync(path)}`];
  if (entry.isDirectory()) return sayFolder(path);
  const { mode, rdev } = lstatSync(path);
  const type = entry.isBlockDevice() ? 'blk' : entry.isCharacterDevice() ? 'chr' : undefined;
  if (type !== undefined) return [`${path} % ${type} ${(rdev >> 8) & 0xfff}:${rdev & 0xff}`];
  return entry.isFile() ? [sayFile(path, mode)] : [];
}

function sayFolder(folder: string): readonly string[] {
  const lines = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !leftOut.test(`/${name}`))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => sayEntry(join(folder, entry.name), entry));
  return lines.length > 0 ? lines : [`${folder}/`];
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--plant') {
  const [file = '', folder = ''] = rest;
  if (folder === '') throw new Error('usage: node tools/capture.ts --plant FILE FOLDER');
  plantTree(readCapture(dirname(file), basename(file, '.txt')), folder);
} else if (first === undefined) {
  throw new Error('usage: node tools/capture.ts PATH… | --plant FILE FOLDER');
} else {
  console.log(`# kernel ${release()}; name here: driver and its version, and the state`);
  for (const path of [first, ...rest]) console.log(sayFolder(path).join('\n'));
}
