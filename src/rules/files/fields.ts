/** Reads single fields of a rule; what is wrong is complained about and read as left out. */
import { didYouMean } from '../../domain/nearest.ts';
import { type Ms, parseDuration } from '../../domain/time.ts';
import type { Complain, MapTree, ScalarTree, Tree } from './tree.ts';

export interface Fields {
  readonly map: MapTree;
  /** What it is, for complaints: `rule "unit-failed"`. */
  readonly what: string;
  readonly complain: Complain;
}

/** A text and the place where it is written. */
export interface Text {
  readonly text: string;
  readonly tree: ScalarTree;
}

/** Longer texts of one field are a mistake. */
const textLengthMax = 8000;

/** A scalar without a value of its own is treated like one that is left out. */
function find({ map }: Fields, name: string): Tree | undefined {
  const value = map.fields.get(name)?.value;
  return value?.type === 'scalar' && value.value === null ? undefined : value;
}

export function complainMissing(fields: Fields, name: string): void {
  fields.complain(fields.map, `${fields.what} has no "${name}"`);
}

export function refuseUnknownFields(fields: Fields, known: readonly string[]): void {
  for (const [name, { key }] of fields.map.fields) {
    if (known.includes(name)) continue;
    const hint = didYouMean(name, known) || `; known: ${known.join(', ')}`;
    fields.complain(key, `unknown field "${name}"${hint}`);
  }
}

/** A text. `as: expression` also takes `true` and `5`, which YAML does not read as text. */
export function readText(
  fields: Fields,
  name: string,
  {
    needed = false,
    as = 'text',
  }: { readonly needed?: boolean; readonly as?: 'expression' | 'text' } = {},
): Text | undefined {
  const value = find(fields, name);
  if (value === undefined) {
    if (needed) complainMissing(fields, name);
    return undefined;
  }
  if (value.type !== 'scalar') {
    const hint = 'a text that begins with { or [ needs quotes';
    fields.complain(value, `"${name}" must be text: ${hint}`);
    return undefined;
  }
  if (typeof value.value !== 'string') {
    const text = value.source.text.slice(value.start, value.end);
    if (as === 'expression') return { text, tree: { ...value, value: text } };
    fields.complain(value, `"${name}" must be text: write "${text}" with quotes`);
    return undefined;
  }
  if (value.value.length > textLengthMax) {
    fields.complain(value, `"${name}" has at most ${textLengthMax} characters`);
    return undefined;
  }
  return { text: value.value, tree: value };
}

/** One of a few words. */
export function readOneOf<const T extends string>(
  fields: Fields,
  name: string,
  allowed: readonly T[],
  { needed = false }: { readonly needed?: boolean } = {},
): T | undefined {
  const given = readText(fields, name, { needed });
  if (given === undefined) return undefined;
  const found = allowed.find((one) => one === given.text);
  if (found !== undefined) return found;
  const hint = didYouMean(given.text, allowed);
  fields.complain(
    given.tree,
    `"${name}" must be one of ${allowed.join(', ')}, not "${given.text}"${hint}`,
  );
  return undefined;
}

export function readDuration(
  fields: Fields,
  name: string,
  { least, otherwise }: { readonly least: Ms; readonly otherwise: Ms },
): Ms {
  const value = find(fields, name);
  if (value === undefined) return otherwise;
  const given = value.type === 'scalar' ? value.value : undefined;
  const length = typeof given === 'string' ? parseDuration(given) : undefined;
  if (length !== undefined && length >= least) return length;
  const shown = given === undefined ? '' : `, not "${String(given)}"`;
  const bound = length === undefined ? '' : ' of one second at least';
  fields.complain(value, `"${name}" must be a duration${bound} such as 30s, 5m or 1h30m${shown}`);
  return otherwise;
}

export function readFlag(fields: Fields, name: string, otherwise: boolean): boolean {
  const value = find(fields, name);
  if (value === undefined) return otherwise;
  if (value.type === 'scalar' && typeof value.value === 'boolean') return value.value;
  fields.complain(value, `"${name}" must be true or false`);
  return otherwise;
}

export function readMap(fields: Fields, name: string): MapTree | undefined {
  const value = find(fields, name);
  if (value === undefined || value.type === 'map') return value;
  fields.complain(value, `"${name}" must hold fields`);
  return undefined;
}

export function readList(fields: Fields, name: string): readonly Tree[] {
  const value = find(fields, name);
  if (value === undefined) return [];
  if (value.type === 'list') return value.items;
  fields.complain(value, `"${name}" must be a list`);
  return [];
}
