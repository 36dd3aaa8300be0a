/** Rule files from the command line beside those in force, and all of them loaded. */
import { basename, dirname } from 'node:path';
import { kinds } from '../../collectors/registry.ts';
import { optionTable } from '../../config/options.ts';
import type { Complaint } from '../../domain/rule.ts';
import type { Files } from '../../platform/files.ts';
import { collectRuleFiles, filesInForce, type RuleFile } from '../../rules/files/files.ts';
import { type LoadedRules, loadRules } from '../../rules/files/load.ts';
import type { Context } from '../command.ts';
import { Stop } from '../exit.ts';
import { textOf } from '../values.ts';

export { kinds };

export interface GivenFile {
  readonly path: string;
  readonly text: string;
}

/** The files that are meant; a folder stands for its *.yaml. One that is not there ends it all. */
export function readGiven(files: Files, paths: readonly string[]): readonly GivenFile[] {
  return paths.flatMap((path) => {
    const entries = files.list(path);
    const all =
      entries === undefined
        ? [path]
        : entries.filter(({ name }) => name.endsWith('.yaml')).map(({ name }) => `${path}/${name}`);
    return all.map((one) => {
      const text = files.readText(one);
      if (text === undefined) throw new Stop('unknown', `there is no file ${one}`);
      return { path: one, text };
    });
  });
}

/** Folders of rules, in rising order. An empty text means none. */
export function foldersOf({ values, io }: Pick<Context, 'values' | 'io'>): readonly string[] {
  const text =
    textOf(values, 'rules-dir') ??
    io.environment.TOCSIN_RULES_DIR ??
    optionTable['rules-dir'].default;
  return text.split(':').filter((folder) => folder !== '');
}

/** The given files as if they stood in one more folder, above all others. */
function candidatesOf(given: readonly GivenFile[], folder: number): readonly RuleFile[] {
  const names = given.map(({ path }) => basename(path));
  return given.map(({ path, text }, i): RuleFile => {
    const folderName = basename(dirname(path));
    const name = names[i] ?? path;
    // Two files of one name would replace each other; here both are meant.
    const isAlone = names.indexOf(name) === i;
    const place = { folder, path, text, name: isAlone ? name : `${name} ${path}` };
    return folderName.endsWith('.yaml.d') ? { ...place, dropInOf: folderName.slice(0, -2) } : place;
  });
}

export interface Loaded {
  readonly loaded: LoadedRules;
  /** Paths of all files in force, the given ones included. */
  readonly paths: readonly string[];
  /** What is wrong because of the given files; without any, all that is wrong. */
  readonly complaints: readonly Complaint[];
}

const keyOf = (complaint: Complaint): string => JSON.stringify(complaint);

export function loadWith(
  files: Files,
  folders: readonly string[],
  given: readonly GivenFile[],
): Loaded {
  const present = collectRuleFiles(files, folders);
  const all = [...present, ...candidatesOf(given, folders.length)];
  const loaded = loadRules(all, kinds);
  const { inForce } = filesInForce(all);
  const paths = inForce.flatMap(({ file, dropIns }) => [file, ...dropIns]).map(({ path }) => path);
  if (given.length === 0) return { loaded, paths, complaints: loaded.complaints };
  const own = new Set(given.map(({ path }) => path));
  const before = new Set(loadRules(present, kinds).complaints.map(keyOf));
  const complaints = loaded.complaints.filter(
    (complaint) => own.has(complaint.file) || !before.has(keyOf(complaint)),
  );
  return { loaded, paths, complaints };
}
