/**
 * What was changed on this machine lately: packages by dpkg's log, unit files and settings by the
 * time of their last change. Bounded; what cannot be read is said, never guessed.
 */
import { dirname, join } from 'node:path';
import type { Options } from '../config/options.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Edit, FindRecentEdits, RecentEdits } from '../operations/house-edits.ts';
import type { Files } from '../platform/files.ts';
import { readTail } from '../platform/tail.ts';
import { parseDpkgLog } from './dpkg-log.ts';

/** Edits that are given back, the latest; an upgrade of a whole release has thousands. */
const editsMax = 200;
/** A line has some 80 bytes: six thousand steps of dpkg. */
const logBytesMax = 512 * 1024;
/** Files and folders whose time is asked; 2 to 4 µs each, and all at once. */
const askedMax = 2000;

export interface EditPlaces {
  readonly dpkgLog: string;
  /** Where unit files lie, that of the administrator first. */
  readonly unitFolders: readonly string[];
  /** Files, and folders whose files count. */
  readonly configuration: readonly string[];
}

const settingsIn = (etc: string): readonly string[] =>
  ['fstab', 'crypttab', 'scst.conf', 'mhvtl'].map((name) => join(etc, name));

/** Another /etc than this machine's belongs to a captured tree: the rest lies beside it. */
export function placesOf({
  roots,
  config,
  rulesDirs,
}: Pick<Options, 'config' | 'rulesDirs'> & {
  readonly roots: Pick<Options['roots'], 'etc'>;
}): EditPlaces {
  const top = roots.etc === '/etc' ? '/' : dirname(roots.etc);
  return {
    dpkgLog: join(top, 'var/log/dpkg.log'),
    unitFolders: [
      join(roots.etc, 'systemd/system'),
      join(top, 'run/systemd/system'),
      join(top, 'usr/local/lib/systemd/system'),
      join(top, 'usr/lib/systemd/system'),
    ],
    configuration: [config, `${config}.d`, ...rulesDirs, ...settingsIn(roots.etc)],
  };
}

const whyOf = (error: unknown): string => {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? (error as Error).message;
};

/** One search: collects what lies within the time, and what refused. */
class Search {
  readonly edits: Edit[] = [];
  readonly unreadable: { readonly what: string; readonly why: string }[] = [];
  readonly #files: Files;
  readonly #since: EpochMs;
  readonly #until: EpochMs;
  #asked = 0;

  constructor(files: Files, since: EpochMs, until: EpochMs) {
    this.#files = files;
    this.#since = since;
    this.#until = until;
  }

  /** A file, or the files in a folder and in its folders. */
  see(path: string, type: Edit['type'], depth = 0): void {
    this.#guard(path, () => {
      const facts = this.#stat(path);
      if (facts === undefined) return;
      if (facts.type !== 'directory') {
        this.#take(facts.modifiedAt, type, path);
        return;
      }
      // A folder changes when something in it comes or goes: a unit is enabled, a file removed.
      this.#take(facts.modifiedAt, type, `${path}/`);
      if (depth > 2) return;
      for (const { name } of this.#files.list(path) ?? []) {
        this.see(join(path, name), type, depth + 1);
      }
    });
  }

  async seePackages(path: string): Promise<void> {
    try {
      const log = await readTail(path, logBytesMax);
      if (log === undefined) return;
      const edits = parseDpkgLog(log.text);
      for (const { at, type, what } of edits) this.#take(at, type, what);
      const first = edits[0]?.at ?? Infinity;
      if (log.whole && first <= this.#since) return;
      if (!log.whole && first > this.#since) {
        this.unreadable.push({ what: path, why: 'too long: only its end was read' });
      }
      // It was turned over since then.
      const before = log.whole ? await readTail(`${path}.1`, logBytesMax) : undefined;
      for (const { at, type, what } of parseDpkgLog(before?.text ?? '')) this.#take(at, type, what);
    } catch (error) {
      this.unreadable.push({ what: path, why: whyOf(error) });
    }
  }

  /** Says so when there was more to ask than is asked at once. */
  finish(): RecentEdits {
    if (this.#asked > askedMax) {
      this.unreadable.push({ what: 'further files', why: `more than ${askedMax} files` });
    }
    const sorted = this.edits.sort((a, b) => a.at - b.at);
    const omitted = Math.max(0, sorted.length - editsMax);
    return { edits: sorted.slice(omitted), omitted, unreadable: this.unreadable };
  }

  #stat(path: string): ReturnType<Files['stat']> {
    this.#asked += 1;
    return this.#asked > askedMax ? undefined : this.#files.stat(path);
  }

  #take(at: EpochMs, type: Edit['type'], what: string): void {
    if (at >= this.#since && at <= this.#until) this.edits.push({ at, type, what });
  }

  #guard(path: string, look: () => void): void {
    try {
      look();
    } catch (error) {
      this.unreadable.push({ what: path, why: whyOf(error) });
    }
  }
}

/** `backup@daily.service` -> itself and `backup@.service`. */
const fileNamesOf = (unit: string): readonly string[] => {
  const template = unit.replace(/@[^.]+\./, '@.');
  return template === unit ? [unit] : [unit, template];
};

export function createEditFinder(files: Files, places: EditPlaces): FindRecentEdits {
  return async (since, until, units) => {
    const search = new Search(files, since, until);
    await search.seePackages(places.dpkgLog);
    for (const path of places.configuration) search.see(path, 'configuration');
    const [ofAdministrator, ...others] = places.unitFolders;
    if (ofAdministrator !== undefined) search.see(ofAdministrator, 'unit-file');
    for (const folder of others) {
      for (const name of units.flatMap(fileNamesOf)) {
        search.see(join(folder, name), 'unit-file');
        search.see(join(folder, `${name}.d`), 'unit-file');
      }
    }
    return search.finish();
  };
}
