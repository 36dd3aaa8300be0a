/** Rule files in force -> rules as they are written, drop-ins merged in, not yet checked. */

import { didYouMean } from '../../domain/nearest.ts';
import { type Complaint, pathsNotRules } from '../../domain/rule.ts';
import { type Fields, readList, readText, refuseUnknownFields } from './fields.ts';
import { filesInForce, type RuleFile } from './files.ts';
import {
  type Complain,
  complaintsInto,
  type MapTree,
  merge,
  parseTree,
  type Tree,
} from './tree.ts';

export interface Draft {
  readonly id: string;
  readonly map: MapTree;
  /** Paths. */
  readonly file: string;
  readonly dropIns: readonly string[];
  readonly line: number;
}

/** What a rule file holds beside its rules: tests that concern several of them. */
export interface FileTests {
  readonly file: string;
  readonly tests: readonly Tree[];
  /** Ids of the rules of the file. */
  readonly rules: readonly string[];
}

export interface Drafts {
  readonly drafts: readonly Draft[];
  readonly fileTests: readonly FileTests[];
}

/** Of all files together; the shipped catalogue has 181. */
const rulesMax = 2000;
const idPattern = /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/;
const idLengthMax = 100;
/** Stand in alerts that no rule file has made. */
const ourIds: readonly string[] = ['raised-by-hand', 'flapping'];

const lineOf = (tree: Tree): number => tree.source.lines.linePos(tree.start).line;

interface Written {
  readonly id: string;
  readonly map: MapTree;
}

function readRule(tree: Tree, complain: Complain): Written | undefined {
  if (tree.type !== 'map') {
    complain(tree, 'a rule is a map of fields, beginning with "id"');
    return undefined;
  }
  const fields: Fields = { map: tree, what: 'the rule', complain };
  const id = readText(fields, 'id', { needed: true });
  if (id === undefined) return undefined;
  if (!idPattern.test(id.text) || id.text.length > idLengthMax) {
    const form = `small letters, digits and hyphens, at most ${idLengthMax}`;
    complain(id.tree, `an id is made of ${form}, not "${id.text.slice(0, idLengthMax)}"`);
    return undefined;
  }
  if (ourIds.includes(id.text)) {
    complain(id.tree, `"${id.text}" is what tocsin calls its own alerts; choose another id`);
    return undefined;
  }
  if (pathsNotRules.includes(id.text)) {
    complain(id.tree, `"${id.text}" is a path of the API, not a rule; choose another id`);
    return undefined;
  }
  return { id: id.text, map: tree };
}

interface Root {
  readonly rules: readonly Written[];
  readonly tests: readonly Tree[];
}

function readRoot(file: RuleFile, complaints: Complaint[]): Root {
  const complain = complaintsInto(complaints);
  const nothing: Root = { rules: [], tests: [] };
  if (file.unreadable !== undefined) {
    const message = `cannot be read: ${file.unreadable}`;
    complaints.push({ file: file.path, line: 0, column: 0, level: 'error', message });
    return nothing;
  }
  const tree = parseTree(file.path, file.text ?? '', complain);
  if (tree === undefined || (tree.type === 'scalar' && tree.value === null)) return nothing;
  if (tree.type !== 'map') {
    complain(tree, 'a rule file begins with "rules:"');
    return nothing;
  }
  const fields: Fields = { map: tree, what: 'the file', complain };
  refuseUnknownFields(fields, file.dropInOf === undefined ? ['rules', 'tests'] : ['rules']);
  const rules = readList(fields, 'rules').flatMap((rule) => readRule(rule, complain) ?? []);
  return { rules, tests: readList(fields, 'tests') };
}

function applyDropIn(dropIn: RuleFile, drafts: Map<string, Draft>, complaints: Complaint[]): void {
  const complain = complaintsInto(complaints);
  for (const { id, map } of readRoot(dropIn, complaints).rules) {
    const draft = drafts.get(id);
    if (draft === undefined) {
      const hint = didYouMean(id, drafts.keys());
      complain(map, `${dropIn.dropInOf} has no rule "${id}" that could be changed${hint}`);
      continue;
    }
    const dropIns = [...draft.dropIns, dropIn.path];
    drafts.set(id, { ...draft, map: merge(draft.map, map), dropIns });
  }
}

/** In order of file name, then position. */
export function readDrafts(files: readonly RuleFile[], complaints: Complaint[]): Drafts {
  const complain = complaintsInto(complaints);
  const all = new Map<string, Draft>();
  const fileTests: FileTests[] = [];
  const { inForce, orphans } = filesInForce(files);
  for (const { file, dropIns } of inForce) {
    const { rules, tests } = readRoot(file, complaints);
    const drafts = new Map<string, Draft>();
    for (const { id, map } of rules) {
      const before = all.get(id) ?? drafts.get(id);
      const place = before && `${before.file}:${before.line}`;
      if (place) complain(map.fields.get('id')?.value ?? map, `"${id}" is already at ${place}`);
      else drafts.set(id, { id, map, file: file.path, dropIns: [], line: lineOf(map) });
    }
    for (const dropIn of dropIns) applyDropIn(dropIn, drafts, complaints);
    for (const draft of drafts.values()) all.set(draft.id, draft);
    if (tests.length > 0) fileTests.push({ file: file.path, tests, rules: [...drafts.keys()] });
  }
  for (const { path, text, dropInOf } of orphans) {
    if (text === null) continue;
    const message = `changes nothing: there is no rule file ${dropInOf}`;
    complaints.push({ file: path, line: 0, column: 0, level: 'warning', message });
  }
  if (all.size > rulesMax) {
    const message = `there are ${all.size} rules, more than ${rulesMax}`;
    complaints.push({ file: '', line: 0, column: 0, level: 'error', message });
  }
  return { drafts: [...all.values()], fileTests };
}
