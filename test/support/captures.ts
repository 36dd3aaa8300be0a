/**
 * What a real kernel showed, captured as text: one line for each path (see the head of a capture),
 * often only the differences from another capture. Read as a fake of the door to files, or planted
 * as a real tree for a daemon that is started with --sysfs-root and the other roots.
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import type { FileEntry, Files } from '../../src/platform/files.ts';

export type Entry =
  | { readonly type: 'file'; readonly bytes: Buffer }
  | { readonly type: 'link'; readonly target: string }
  | { readonly type: 'folder' }
  | { readonly type: 'node'; readonly device: 'block' | 'character' }
  | { readonly type: 'error'; readonly code: string };

/** By absolute path, in order. Folders that hold something are there although no line names them. */
export type Capture = ReadonlyMap<string, Entry>;

const line = /^(\S.*?) (=|->|!|%|x|-) ?(.*)$/;

function entryOf(sign: string, rest: string): Entry | undefined {
  if (sign === '=') return { type: 'file', bytes: Buffer.from(JSON.parse(rest) as string) };
  if (sign === 'x') return { type: 'file', bytes: Buffer.from(rest, 'hex') };
  if (sign === '->') return { type: 'link', target: rest };
  if (sign === '!') return { type: 'error', code: rest };
  if (sign === '%') return { type: 'node', device: rest.startsWith('blk') ? 'block' : 'character' };
  return undefined;
}

const known = new Map<string, Capture>();

/** `folder` holds NAME.txt and the captures that it is based on. Read once in a process. */
export function readCapture(folder: string, name: string): Capture {
  const key = join(folder, name);
  const found = known.get(key) ?? parseCapture(folder, name);
  known.set(key, found);
  return found;
}

function parseCapture(folder: string, name: string): Capture {
  const entries = new Map<string, Entry>();
  for (const text of readFileSync(join(folder, `${name}.txt`), 'utf8').split('\n')) {
    if (text === '' || text.startsWith('#')) continue;
    if (text.startsWith('base ')) {
      for (const [path, entry] of readCapture(folder, text.slice(5))) entries.set(path, entry);
    } else if (text.endsWith('/')) entries.set(text.slice(0, -1), { type: 'folder' });
    else {
      const [, path = '', sign = '', rest = ''] = line.exec(text) ?? [];
      const entry = entryOf(sign, rest);
      if (path === '') throw new Error(`${name}: not a line of a capture: ${text}`);
      if (entry === undefined) entries.delete(path);
      else entries.set(path, entry);
    }
  }
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Another capture with some paths changed: text for a file, undefined for gone. */
export function changed(
  capture: Capture,
  changes: Readonly<Record<string, string | Entry | undefined>>,
): Capture {
  const entries = new Map(capture);
  for (const [path, change] of Object.entries(changes)) {
    if (change === undefined) {
      for (const known of capture.keys()) {
        if (known === path || known.startsWith(`${path}/`)) entries.delete(known);
      }
    } else if (typeof change === 'string')
      entries.set(path, { type: 'file', bytes: Buffer.from(change) });
    else entries.set(path, change);
  }
  return entries;
}

/** A fake of the door to files that shows the capture, its errors included. */
export function capturedFiles(capture: Capture): Files {
  const folders = new Map<string, Map<string, FileEntry['type']>>([['/', new Map()]]);
  const typeOf = (entry: Entry): FileEntry['type'] =>
    entry.type === 'folder'
      ? 'directory'
      : entry.type === 'node'
        ? 'other'
        : entry.type === 'link'
          ? 'link'
          : 'file';
  const place = (path: string, type: FileEntry['type']): void => {
    const parent = posix.dirname(path);
    if (!folders.has(parent)) {
      folders.set(parent, new Map());
      place(parent, 'directory');
    }
    folders.get(parent)?.set(posix.basename(path), type);
    if (type === 'directory' && !folders.has(path)) folders.set(path, new Map());
  };
  for (const [path, entry] of capture) place(path, typeOf(entry));

  const places = new Map<string, string | undefined>();
  /** The path with every link on the way followed; undefined when it leads nowhere. */
  const real = (path: string): string | undefined => {
    if (!places.has(path)) places.set(path, follow(path, 0));
    return places.get(path);
  };
  const follow = (path: string, depth: number): string | undefined => {
    if (depth > 20) return undefined;
    const parts = posix.normalize(path).split('/').filter(Boolean);
    let at = '';
    for (const [i, part] of parts.entries()) {
      at = `${at}/${part}`;
      const entry = capture.get(at);
      if (entry?.type !== 'link') continue;
      const target = posix.resolve(posix.dirname(at), entry.target);
      return follow(posix.join(target, ...parts.slice(i + 1)), depth + 1);
    }
    return at === '' ? '/' : at;
  };
  const refuse = (code: string, path: string): never => {
    throw Object.assign(new Error(`${code}: '${path}'`), { code });
  };
  const bytesOf = (path: string, gone: readonly string[]): Buffer | undefined => {
    const entry = capture.get(real(path) ?? '');
    if (entry?.type === 'error')
      return gone.includes(entry.code) ? undefined : refuse(entry.code, path);
    if (entry?.type === 'file') return entry.bytes;
    return folders.has(real(path) ?? '') ? refuse('EISDIR', path) : undefined;
  };
  const goneCodes = ['ENOENT', 'ENODEV', 'ENXIO'];
  return {
    readText: (path) => bytesOf(path, ['ENOENT'])?.toString('utf8'),
    readAttribute: (path) => bytesOf(path, goneCodes)?.toString('utf8').trimEnd(),
    readBinary: (path) => bytesOf(path, goneCodes),
    list: (path) => {
      const entry = capture.get(real(path) ?? '');
      if (entry?.type === 'error' && entry.code !== 'ENOENT') refuse(entry.code, path);
      const names = folders.get(real(path) ?? '');
      if (names === undefined) return undefined;
      return [...names].map(([name, type]) => ({ name, type })).sort(byName);
    },
    readLink: (path) => {
      const entry = capture.get(posix.join(real(posix.dirname(path)) ?? '', posix.basename(path)));
      return entry?.type === 'link' ? entry.target : undefined;
    },
    stat: (path) => {
      const found = real(path) ?? '';
      const entry = capture.get(found);
      const facts = { size: 0, rdev: 0, modifiedAt: 0 };
      if (entry?.type === 'node') return { ...facts, type: entry.device };
      if (entry?.type === 'file') return { ...facts, type: 'file', size: entry.bytes.length };
      return folders.has(found) ? { ...facts, type: 'directory' } : undefined;
    },
  };
}

const byName = (a: FileEntry, b: FileEntry): number => (a.name < b.name ? -1 : 1);

/**
 * Makes the capture a real tree under `root`: `/sys/…` becomes `ROOT/sys/…`. A node becomes an
 * empty file. A refused read becomes a link to /proc/self/mem, whose first byte gives EIO to
 * everybody, root included.
 */
export function plantTree(capture: Capture, root: string): void {
  for (const [path, entry] of capture) {
    const place = join(root, path);
    mkdirSync(entry.type === 'folder' ? place : dirname(place), { recursive: true });
    if (entry.type === 'file') writeFileSync(place, entry.bytes);
    else if (entry.type === 'node') writeFileSync(place, '');
    else if (entry.type === 'error') symlinkSync('/proc/self/mem', place);
    else if (entry.type === 'link') {
      // A link to an absolute place stays inside the tree.
      const target = entry.target.startsWith('/') ? join(root, entry.target) : entry.target;
      symlinkSync(target, place);
    }
  }
}
