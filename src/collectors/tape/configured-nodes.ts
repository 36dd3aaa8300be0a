/**
 * Which configuration of backup software names a drive by its number? After a change of numbers
 * that software writes to another drive than it means (rules.md D-19).
 */
import { isKnown, isUnreadable } from '../../domain/reading.ts';
import type { Files } from '../../platform/files.ts';
import { readFact } from '../attribute.ts';

/** Folders of Bareos, Bacula and Amanda below /etc; the deepest is bareos-sd.d/device. */
const places = ['amanda', 'bacula', 'bareos'];
const depthMax = 3;
const filesMax = 500;

function listFiles(files: Files, folder: string, depth: number): readonly string[] {
  const entries = readFact(folder, () => files.list(folder));
  if (entries === null || isUnreadable(entries)) return [];
  return entries.flatMap(({ name, type }) => {
    const path = `${folder}/${name}`;
    if (type === 'directory') return depth < depthMax ? listFiles(files, path, depth + 1) : [];
    return type === 'file' && name.endsWith('.conf') ? [path] : [];
  });
}

/**
 * The first file that names `/dev/NODE` or `/dev/nNODE`; null for none. A file that may not be read
 * is passed over: the change of numbers is told anyway.
 */
export function findNaming(files: Files, etc: string, node: string): string | null {
  const named = new RegExp(`/dev/n?${node}[alm]?(?![\\w-])`);
  const all = places.flatMap((place) => listFiles(files, `${etc}/${place}`, 1));
  for (const path of all.slice(0, filesMax)) {
    const text = readFact(path, () => files.readText(path));
    if (isKnown(text) && named.test(text)) return path;
  }
  return null;
}
