/**
 * Which rule files are in force, as systemd does it for units: a later folder's file replaces the
 * file of the same name in earlier ones, `FILE.yaml.d/*.yaml` are drop-ins of FILE.yaml from all
 * folders, and a link to /dev/null masks a file or a drop-in of that name.
 */
import type { Files as AllFiles, FileEntry } from '../../platform/files.ts';

type Files = Pick<AllFiles, 'readText' | 'list' | 'readLink'>;

export interface RuleFile {
  /** Place of its folder in the list; a higher one wins. */
  readonly folder: number;
  readonly path: string;
  readonly name: string;
  /** null: masked. */
  readonly text: string | null;
  /** Name of the file that this one changes. */
  readonly dropInOf?: string;
  /** Why it could not be read; the text is empty then. */
  readonly unreadable?: string;
}

/** A rule file in force and its drop-ins, in the order in which they apply. */
export interface RuleFileInForce {
  readonly file: RuleFile;
  readonly dropIns: readonly RuleFile[];
}

const suffix = '.yaml';

function readRuleFile(files: Files, at: Omit<RuleFile, 'text'>, entry: FileEntry): RuleFile {
  try {
    if (entry.type === 'link' && files.readLink(at.path) === '/dev/null')
      return { ...at, text: null };
    const text = files.readText(at.path);
    return text === undefined
      ? { ...at, text: '', unreadable: 'the link leads nowhere' }
      : { ...at, text };
  } catch (error) {
    return { ...at, text: '', unreadable: error instanceof Error ? error.message : String(error) };
  }
}

/** All rule files and drop-ins of the folders, masked and replaced ones too. */
export function collectRuleFiles(files: Files, folders: readonly string[]): readonly RuleFile[] {
  const found: RuleFile[] = [];
  const listed = (path: string, folder: number): readonly FileEntry[] => {
    try {
      return files.list(path) ?? [];
    } catch (error) {
      const unreadable = error instanceof Error ? error.message : String(error);
      found.push({ folder, path, name: path, text: '', unreadable });
      return [];
    }
  };
  folders.forEach((path, folder) => {
    for (const entry of listed(path, folder)) {
      const name = entry.name;
      const at = { folder, name, path: `${path}/${name}` };
      if (name.startsWith('.')) continue;
      if (name.endsWith(suffix) && entry.type !== 'directory')
        found.push(readRuleFile(files, at, entry));
      if (!name.endsWith(`${suffix}.d`)) continue;
      const dropInOf = name.slice(0, -2);
      for (const inner of listed(at.path, folder)) {
        if (!inner.name.endsWith(suffix) || inner.name.startsWith('.')) continue;
        const place = { folder, name: inner.name, path: `${at.path}/${inner.name}`, dropInOf };
        found.push(readRuleFile(files, place, inner));
      }
    }
  });
  return found;
}

/** The winner of each name, in name order, without masked ones. */
function winners(files: readonly RuleFile[]): readonly RuleFile[] {
  const byName = new Map<string, RuleFile>();
  for (const file of files) {
    const before = byName.get(file.name);
    if (before === undefined || before.folder <= file.folder) byName.set(file.name, file);
  }
  return [...byName.values()]
    .filter((file) => file.text !== null)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What is in force, in name order; and drop-ins whose file is missing or masked. */
export function filesInForce(files: readonly RuleFile[]): {
  readonly inForce: readonly RuleFileInForce[];
  readonly orphans: readonly RuleFile[];
} {
  const dropIns = files.filter((file) => file.dropInOf !== undefined);
  const inForce = winners(files.filter((file) => file.dropInOf === undefined)).map((file) => ({
    file,
    dropIns: winners(dropIns.filter((dropIn) => dropIn.dropInOf === file.name)),
  }));
  const known = new Set(
    files.filter((file) => file.dropInOf === undefined).map(({ name }) => name),
  );
  return { inForce, orphans: dropIns.filter(({ dropInOf }) => !known.has(dropInOf ?? '')) };
}
