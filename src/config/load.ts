/** tocsin.yaml and its drop-ins -> checked settings; every complaint has file, line and column. */
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { didYouMean } from '../domain/nearest.ts';
import type { Complaint } from '../domain/rule.ts';
import { defaultsOf, type Family, isFamily, isSetting, type Section, word } from './readers.ts';
import { type Settings, settingsTable } from './settings.ts';

export interface SettingsFile {
  readonly path: string;
  readonly text: string;
}

/** How one looks at the files; platform/files.ts fits. */
interface Reader {
  list(folder: string): readonly { readonly name: string }[] | undefined;
  readText(path: string): string | undefined;
}

/** FILE and FILE.d/*.yaml in name order, as far as they are there: tocsin.yaml(5). */
export function readSettingsFiles(files: Reader, path: string): readonly SettingsFile[] {
  const entries = files.list(`${path}.d`) ?? [];
  const dropIns = entries.filter(({ name }) => name.endsWith('.yaml') && !name.startsWith('.'));
  return [path, ...dropIns.map(({ name }) => `${path}.d/${name}`)].flatMap((one) => {
    const text = files.readText(one);
    return text === undefined ? [] : [{ path: one, text }];
  });
}

/** A settings file longer than this (in characters) is a mistake. */
const fileLengthMax = 1_000_000;

type Tree = { [name: string]: unknown };

interface Place {
  readonly document: Document;
  /** Sections that are not in the table belong to another program. */
  readonly strangers: boolean;
  complain(offset: number | undefined, message: string): void;
}

const offsetOf = (node: unknown): number | undefined =>
  isNode(node) ? node.range?.[0] : undefined;

function readSection(map: YAMLMap, table: object, into: Tree, path: string, place: Place): void {
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? String(key.value) : '';
    const full = path === '' ? name : `${path}.${name}`;
    const entry = (table as Tree)[name];
    const names = Object.keys(table);
    if (!names.includes(name)) {
      if (place.strangers && path === '') continue;
      const hint = didYouMean(name, names);
      place.complain(
        offsetOf(key),
        `unknown setting "${full}"${hint}; known here: ${names.join(', ')}`,
      );
    } else if (isSetting(entry)) {
      const read = entry.read(isNode(value) ? value.toJS(place.document) : value);
      if (read !== undefined) into[name] = read.value;
      else place.complain(offsetOf(value) ?? offsetOf(key), `"${full}" must be ${entry.expects}`);
    } else if (isFamily(entry)) {
      if (isMap(value)) readFamily(value, entry, into[name] as Tree, full, place);
      else place.complain(offsetOf(value) ?? offsetOf(key), `"${full}" must hold named entries`);
    } else if (isMap(value)) {
      readSection(value, entry as object, into[name] as Tree, full, place);
    } else if (!isScalar(value) || value.value !== null) {
      const inner = Object.keys(entry as object).join(', ');
      place.complain(offsetOf(value) ?? offsetOf(key), `"${full}" must hold settings: ${inner}`);
    }
  }
}

/** Read before the others. */
const typeSetting = word('', 'What it is.');
const memberName = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** What is written of one member, with its type; undefined, with a complaint, without one. */
function typeOfMember(
  map: YAMLMap,
  family: Family,
  { path, known }: { readonly path: string; readonly known: Tree | undefined },
  place: Place,
): string | undefined {
  const written = map.items.find(({ key }) => isScalar(key) && key.value === 'type');
  const given =
    written === undefined ? known?.['type'] : isScalar(written.value) && written.value.value;
  const types = Object.keys(family.types);
  if (typeof given === 'string' && types.includes(given)) return given;
  const hint = typeof given === 'string' ? didYouMean(given, types) : '';
  const at = offsetOf(written?.value) ?? offsetOf(map);
  place.complain(at, `"${path}.type" must be one of ${types.join(', ')}${hint}`);
  return undefined;
}

/** A later file changes single settings of a member that an earlier one has named. */
function readFamily(map: YAMLMap, family: Family, into: Tree, path: string, place: Place): void {
  for (const { key, value } of map.items) {
    const name = isScalar(key) ? String(key.value) : '';
    const full = `${path}.${name}`;
    if (!memberName.test(name)) {
      place.complain(
        offsetOf(key),
        `"${full}": a name is of a-z, 0-9 and -, at most 63 characters`,
      );
    } else if (isMap(value)) {
      const known = into[name] as Tree | undefined;
      const type = typeOfMember(value, family, { path: full, known }, place);
      if (type === undefined) continue;
      const table = { ...family.common, ...family.types[type] };
      const isKnown = known?.['type'] === type;
      const base = isKnown ? known : structuredClone(defaultsOf(table));
      into[name] = { ...base, type };
      readSection(value, { type: typeSetting, ...table }, into[name] as Tree, full, place);
      if (!isKnown) complainOfMissing(value, table, full, place);
    } else {
      place.complain(offsetOf(value) ?? offsetOf(key), `"${full}" must hold settings`);
    }
  }
}

function complainOfMissing(map: YAMLMap, table: Section, path: string, place: Place): void {
  for (const [name, entry] of Object.entries(table)) {
    if (!isSetting(entry) || entry.required !== true || map.has(name)) continue;
    place.complain(offsetOf(map), `"${path}.${name}" is missing; it must be ${entry.expects}`);
  }
}

function readFile(
  file: SettingsFile,
  table: Section,
  strangers: boolean,
  into: Tree,
  complaints: Complaint[],
): void {
  const lines = new LineCounter();
  const say = (offset: number | undefined, message: string): void => {
    const { line, col } = lines.linePos(offset ?? 0);
    complaints.push({ file: file.path, line, column: col, level: 'error', message });
  };
  if (file.text.length > fileLengthMax) {
    say(0, `longer than ${fileLengthMax} characters: not a settings file`);
    return;
  }
  const document = parseDocument(file.text, { lineCounter: lines, uniqueKeys: true });
  for (const error of document.errors) say(error.pos[0], error.message.split('\n')[0] ?? '');
  if (document.errors.length > 0) return;
  const root = document.contents;
  if (isMap(root)) readSection(root, table, into, '', { document, strangers, complain: say });
  else if (root !== null && !(isScalar(root) && root.value === null))
    say(root.range?.[0], `must hold settings: ${Object.keys(table).join(', ')}`);
}

/**
 * The settings that the files make, later files over earlier ones, all over the defaults. With a
 * complaint there are none: a daemon keeps what it had. `sections` are those of the collectors.
 * With `strangers` other sections are left to whom they belong: tocsin-relay knows its own alone.
 */
export function loadSettings(
  files: readonly SettingsFile[],
  sections: Section,
  { strangers = false }: { readonly strangers?: boolean } = {},
): {
  readonly settings: Settings | undefined;
  readonly complaints: readonly Complaint[];
} {
  const table: Section = { ...sections, ...settingsTable };
  const settings = structuredClone(defaultsOf(table)) as Settings;
  const complaints: Complaint[] = [];
  for (const file of files) {
    try {
      readFile(file, table, strangers, settings as object as Tree, complaints);
    } catch (error) {
      // The YAML package throws for alias bombs.
      const message = `cannot be read: ${(error as Error).message}`;
      complaints.push({ file: file.path, line: 0, column: 0, level: 'error', message });
    }
  }
  return { settings: complaints.length === 0 ? settings : undefined, complaints };
}
