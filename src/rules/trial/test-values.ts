/** What a test of a rule says about a resource: which it is, and the values of its attributes. */
import type { Attribute, Kind } from '../../domain/kind.ts';
import { didYouMean } from '../../domain/nearest.ts';
import type { Value } from '../../domain/reading.ts';
import { type EpochMs, parseDuration } from '../../domain/time.ts';
import { type Fields, readText } from '../files/fields.ts';
import type { Complain, MapTree, Tree } from '../files/tree.ts';

export interface TestReader {
  readonly complain: Complain;
  readonly kinds: readonly Kind[];
  readonly kind: string | undefined;
  readonly start: EpochMs;
}

export const fieldsOf = (r: Pick<TestReader, 'complain'>, map: MapTree, what: string): Fields => ({
  map,
  what,
  complain: r.complain,
});

/** An instant of a test: RFC 3339, or a time on the clock of the test (`90s`, `-5m`). */
function readInstant(text: string, start: EpochMs): EpochMs | undefined {
  const before = text.startsWith('-');
  const offset = parseDuration(before ? text.slice(1) : text);
  if (offset !== undefined) return before ? start - offset : start + offset;
  const at = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

const expectedValue: Readonly<Record<Attribute['type'], string>> = {
  flag: 'true or false',
  word: 'text',
  gauge: 'a number',
  counter: 'a number',
  instant: 'an instant: RFC 3339, or 90s or -5m on the clock of the test',
  duration: 'a duration such as 5m',
};

/** The value of an attribute; undefined where it is of another type. */
function readValue({ type }: Attribute, tree: Tree, start: EpochMs): Value | null | undefined {
  if (tree.type !== 'scalar') return undefined;
  const { value } = tree;
  if (value === null) return null;
  if (type === 'flag') return typeof value === 'boolean' ? value : undefined;
  if (type === 'word') return typeof value === 'string' ? value : undefined;
  if (type === 'instant') return typeof value === 'string' ? readInstant(value, start) : undefined;
  if (type === 'duration') return typeof value === 'string' ? parseDuration(value) : undefined;
  return typeof value === 'number' ? value : undefined;
}

export interface Named {
  readonly kind: Kind;
  readonly id: string;
  /** The fields that are not about which resource it is. */
  readonly rest: readonly (readonly [string, Tree])[];
}

/** Which resource a map is about. `kind` names the kind unless it is no kind's name. */
export function readResource(r: TestReader, map: MapTree): Named | undefined {
  const fields = fieldsOf(r, map, 'the resource');
  const id = readText(fields, 'id', { needed: true });
  const given = map.fields.get('kind')?.value;
  const named =
    given?.type === 'scalar' ? r.kinds.find(({ name }) => name === given.value) : undefined;
  const kind = named ?? r.kinds.find(({ name }) => name === r.kind);
  if (kind === undefined) r.complain(given ?? map, 'write the "kind" of the resource');
  if (id === undefined || kind === undefined) return undefined;
  const rest = [...map.fields]
    .filter(([name]) => name !== 'id' && !(name === 'kind' && named !== undefined))
    .map(([name, { value }]) => [name, value] as const);
  return { kind, id: id.text, rest };
}

export function readAttributes(
  r: TestReader,
  rest: Named['rest'],
  known: Kind['attributes'],
): Record<string, Value | null> {
  const attributes: Record<string, Value | null> = {};
  for (const [name, tree] of rest) {
    const attribute = Object.hasOwn(known, name) ? known[name] : undefined;
    if (attribute === undefined) {
      r.complain(tree, `there is no attribute "${name}"${didYouMean(name, Object.keys(known))}`);
      continue;
    }
    const value = readValue(attribute, tree, r.start);
    if (value === undefined) r.complain(tree, `"${name}" must be ${expectedValue[attribute.type]}`);
    else attributes[name] = value;
  }
  return attributes;
}
