/** A folder of files that only grow, are read as a whole, and go as a whole: kept readings. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface SegmentFacts {
  readonly name: string;
  readonly bytes: number;
}

export interface Segments {
  /** In order of name. */
  list(): readonly SegmentFacts[];
  /** Makes the file where it is missing. Not durable against a loss of power. */
  append(name: string, bytes: Uint8Array): Promise<void>;
  read(name: string): Buffer;
  remove(name: string): void;
  /** Bytes that are free on its disk for us. */
  room(): number;
}

/** Each file has another name: a disk that refuses them all would be news with each. */
const withoutName = ({ message }: Error): string => message.replace(/, \w+ '[^']*'$/, '');

export function openSegments(folder: string, suffix: string): Segments {
  const pathOf = (name: string): string => join(folder, name + suffix);
  const names = (): readonly string[] => {
    try {
      return readdirSync(folder)
        .filter((name) => name.endsWith(suffix))
        .map((name) => name.slice(0, -suffix.length))
        .sort();
    } catch {
      return [];
    }
  };
  /** A frozen file system would hold us in a mkdir of what is there, and not in this look. */
  const ensureFolder = (): void => {
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  };
  return {
    list: () =>
      names().map((name) => ({
        name,
        bytes: statSync(pathOf(name), { throwIfNoEntry: false })?.size ?? 0,
      })),
    async append(name, bytes) {
      ensureFolder();
      try {
        await appendFile(pathOf(name), bytes, { mode: 0o600 });
      } catch (error) {
        throw new Error(withoutName(error as Error), { cause: error });
      }
    },
    read: (name) => readFileSync(pathOf(name)),
    remove: (name) => rmSync(pathOf(name), { force: true }),
    room() {
      ensureFolder();
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    },
  };
}
