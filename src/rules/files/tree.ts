/**
 * YAML text -> a tree of values that know where they are written, so that every complaint can
 * name file, line and column, also after drop-ins were merged in.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Complaint } from '../../domain/rule.ts';

/** A text with its name; `lines` knows where its lines begin. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly lines: LineCounter;
}

interface Place {
  readonly source: Source;
  /** Offsets in the text of the source. */
  readonly start: number;
  readonly end: number;
}

export type Scalar = string | number | boolean | null;

export interface ScalarTree extends Place {
  readonly type: 'scalar';
  readonly value: Scalar;
}
export interface ListTree extends Place {
  readonly type: 'list';
  readonly items: readonly Tree[];
}
export interface Field {
  readonly key: ScalarTree;
  readonly value: Tree;
}
export interface MapTree extends Place {
  readonly type: 'map';
  readonly fields: ReadonlyMap<string, Field>;
}
export type Tree = ScalarTree | ListTree | MapTree;

/** Collects complaints. `offset` counts in the value of a scalar, not in the file. */
export type Complain = (
  place: Place,
  message: string,
  more?: { readonly offset?: number; readonly level?: Complaint['level'] },
) => void;

// Limits of one file; a file beyond one of them is refused. Far above any rule set by hand:
// the shipped catalogue has 181 rules of about 1 KB.
export const fileLengthMax = 1_000_000;
const nodesMax = 100_000;
const aliasesMax = 100;
const depthMax = 24;

/**
 * Offset in the file of a character of a scalar's value. The two texts differ by quotes, escapes,
 * indentation and folding; characters that only one of them has are skipped.
 */
function offsetInFile(tree: Place & { readonly value?: Scalar }, offset: number): number {
  const { text } = tree.source;
  const value = typeof tree.value === 'string' ? tree.value : '';
  let at = tree.start;
  if (text[at] === '"' || text[at] === "'") at++;
  else if (text[at] === '|' || text[at] === '>') at = text.indexOf('\n', at) + 1 || tree.end;
  for (let i = 0; at < tree.end; ) {
    if (text[at] === value[i]) {
      if (i === offset) return at;
      i++;
      at++;
    } else if (/\s/.test(value[i] ?? '') && !/\s/.test(text[at] ?? '')) {
      if (i === offset) return at;
      i++;
    } else if (/[\s\\']/.test(text[at] ?? '')) at++;
    else break;
    if (i >= value.length) return Math.min(at, tree.end);
  }
  return tree.start;
}

/** A collector of complaints, and the function that adds to it. */
export function complaintsInto(complaints: Complaint[]): Complain {
  return (place, message, { offset, level = 'error' } = {}) => {
    const at = offset === undefined ? place.start : offsetInFile(place, offset);
    const { line, col } = place.source.lines.linePos(at);
    complaints.push({ file: place.source.path, line, column: col, level, message });
  };
}

class TooLarge extends Error {}

interface Growth {
  nodes: number;
  aliases: number;
}

type ParsedDocument = ReturnType<typeof parseDocument>;

interface Growing {
  readonly source: Source;
  readonly document: ParsedDocument;
  readonly complain: Complain;
  readonly size: Growth;
}

const placeOf = ({ source }: Growing, node: Node): Place => {
  const [start, end] = node.range ?? [0, 0];
  return { source, start, end };
};

/** `{{ x }}` without quotes is a map as a key: its text then is the name, which nothing knows. */
const keyOf = (tree: Tree): ScalarTree =>
  tree.type === 'scalar'
    ? tree
    : { ...tree, type: 'scalar', value: tree.source.text.slice(tree.start, tree.end) };

function grow(g: Growing, given: unknown, depth: number): Tree {
  let node = given as Node | null;
  if (++g.size.nodes > nodesMax) throw new TooLarge(`holds more than ${nodesMax} values`);
  if (depth > depthMax) throw new TooLarge(`is nested more than ${depthMax} deep`);
  if (isAlias(node)) {
    // Each resolution searches the whole document.
    if (++g.size.aliases > aliasesMax) throw new TooLarge(`uses more than ${aliasesMax} aliases`);
    const target = node.resolve(g.document);
    if (target === undefined) g.complain(placeOf(g, node), `unknown alias "*${node.source}"`);
    node = target ?? null;
  }
  if (node === null) return { type: 'scalar', value: null, source: g.source, start: 0, end: 0 };
  const place = placeOf(g, node);
  if (isSeq(node)) {
    return { ...place, type: 'list', items: node.items.map((item) => grow(g, item, depth + 1)) };
  }
  if (isMap(node)) {
    const fields = new Map<string, Field>();
    for (const { key, value } of node.items) {
      const name = keyOf(grow(g, key, depth + 1));
      const grown = grow(g, value, depth + 1);
      // "name:" with nothing behind it has no place of its own.
      fields.set(String(name.value), {
        key: name,
        value: grown.end === 0 ? { ...grown, start: name.start, end: name.end } : grown,
      });
    }
    return { ...place, type: 'map', fields };
  }
  const value = isScalar(node) ? node.value : null;
  if (typeof value === 'bigint') return { ...place, type: 'scalar', value: Number(value) };
  const known = ['string', 'number', 'boolean'].includes(typeof value);
  return { ...place, type: 'scalar', value: known ? (value as Scalar) : null };
}

const hints: Readonly<Record<string, string>> = {
  TAG_RESOLVE_FAILED: ': a text that begins with ! needs quotes',
  BLOCK_AS_IMPLICIT_KEY: ': a text with ": " in it needs quotes',
  UNEXPECTED_TOKEN: ': a text that begins with a quote or a bracket needs quotes around all of it',
};

/** The tree of a text; undefined when it is not YAML (the complaints say why). */
export function parseTree(path: string, text: string, complain: Complain): Tree | undefined {
  const source: Source = { path, text, lines: new LineCounter() };
  const whole: Place = { source, start: 0, end: 0 };
  if (text.length > fileLengthMax) {
    complain(whole, `is longer than ${fileLengthMax} characters`);
    return undefined;
  }
  try {
    const document = parseDocument(text, {
      lineCounter: source.lines,
      uniqueKeys: true,
      prettyErrors: false,
    });
    for (const { code, message, pos } of [...document.errors, ...document.warnings])
      complain({ source, start: pos[0], end: pos[1] }, `${message}${hints[code] ?? ''}`);
    if (document.errors.length + document.warnings.length > 0) return undefined;
    const size = { nodes: 0, aliases: 0 };
    return grow({ source, document, complain, size }, document.contents, 0);
  } catch (error) {
    // Nesting beyond the stack and unknown aliases are thrown by the package.
    const why = error instanceof Error ? error.message : String(error);
    complain(whole, error instanceof TooLarge ? why : `cannot be read as YAML: ${why}`);
    return undefined;
  }
}

/** The plain value of a tree. */
export function plain(tree: Tree): unknown {
  if (tree.type === 'scalar') return tree.value;
  if (tree.type === 'list') return tree.items.map(plain);
  return Object.fromEntries([...tree.fields].map(([name, { value }]) => [name, plain(value)]));
}

/** `over` changes single fields of `base`; maps are merged, null takes a field away. */
export function merge(base: MapTree, over: MapTree): MapTree {
  const fields = new Map(base.fields);
  for (const [name, field] of over.fields) {
    const before = fields.get(name)?.value;
    const { value } = field;
    if (value.type === 'scalar' && value.value === null) fields.delete(name);
    else if (before?.type === 'map' && value.type === 'map')
      fields.set(name, { key: field.key, value: merge(before, value) });
    else fields.set(name, field);
  }
  return { ...base, fields };
}
