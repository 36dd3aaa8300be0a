/**
 * Reads the input of an operation against its schema: the text of path and query is turned into
 * what the schema says, then everything is checked. Complaints name the field and what it accepts.
 *
 * Our own instead of typebox/value (+5 MB of memory and one complaint per arm of a union). It knows
 * the keywords that our schemas use; input.test.ts holds it against typebox's own check.
 */
import type { TSchema } from 'typebox';
import { didYouMean } from '../domain/nearest.ts';
import type { InputError } from './refusals.ts';

/** The JSON Schema keywords that operations use. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** In the query the values may be joined by commas. */
  readonly 'x-commas'?: boolean;
  /** What the pattern means, for complaints: `a duration such as 5m`. */
  readonly 'x-expects'?: string;
}

/** Complaints beyond this are of no help. */
const errorsMax = 20;
/** Every pattern is a constant of a schema: there are few, and they are compiled once. */
const patterns = new Map<string, RegExp>();

function patternOf(source: string): RegExp {
  const known = patterns.get(source) ?? new RegExp(source, 'u');
  patterns.set(source, known);
  return known;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};

const hasType = (value: unknown, type: string): boolean => {
  const found = typeOf(value);
  return found === type || (type === 'number' && found === 'integer' && Number.isFinite(value));
};

const words: Readonly<Record<string, string>> = {
  array: 'a list',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  string: 'a text',
  object: 'an object',
  null: 'null',
};

/** At most this much of a wrong value is repeated in a complaint. */
const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 60);

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

function checkText(schema: Schema, value: string): string | undefined {
  const isBounded = schema.minLength !== undefined || schema.maxLength !== undefined;
  // As JSON Schema counts: characters, not UTF-16 units.
  const length = isBounded ? Array.from(value).length : 0;
  if (length < (schema.minLength ?? 0)) return `must not be shorter than ${schema.minLength}`;
  if (length > (schema.maxLength ?? length)) {
    return `must not be longer than ${schema.maxLength} characters`;
  }
  if (schema.pattern !== undefined && !patternOf(schema.pattern).test(value)) {
    return `must be ${schema['x-expects'] ?? `like ${schema.pattern}`}; ${shown(value)} is not`;
  }
  return undefined;
}

function checkNumber(schema: Schema, value: number): string | undefined {
  const { minimum = value, maximum = value } = schema;
  if (value >= minimum && value <= maximum) return undefined;
  return schema.maximum === undefined
    ? `must be at least ${minimum}`
    : `must be from ${schema.minimum ?? 0} to ${maximum}`;
}

/** Adds what is wrong with `value` to `errors`. */
type Check = (schema: Schema, value: unknown, pointer: string, errors: InputError[]) => void;

const checkArray: Check = (schema, value, pointer, errors) => {
  const list = value as readonly unknown[];
  if (list.length < (schema.minItems ?? 0)) {
    errors.push({ pointer, detail: `must have at least ${schema.minItems} entries` });
  } else if (list.length > (schema.maxItems ?? list.length)) {
    errors.push({ pointer, detail: `must have at most ${schema.maxItems} entries` });
  } else {
    list.forEach((one, i) => {
      check(schema.items ?? {}, one, `${pointer}/${i}`, errors);
    });
  }
};

/** The schema of one property; undefined when the object must not have it. */
function propertySchema(schema: Schema, name: string): Schema | undefined {
  if (Object.hasOwn(schema.properties ?? {}, name)) return schema.properties?.[name];
  const found = Object.entries(schema.patternProperties ?? {}).find(([pattern]) =>
    patternOf(pattern).test(name),
  );
  if (found !== undefined) return found[1];
  return schema.additionalProperties === false ? undefined : {};
}

const checkObject: Check = (schema, value, pointer, errors) => {
  const object = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(object);
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(object, name)) errors.push({ pointer, detail: `"${name}" is missing` });
  }
  if (names.length > (schema.maxProperties ?? names.length)) {
    errors.push({ pointer, detail: `must have at most ${schema.maxProperties} entries` });
    return;
  }
  for (const name of names) {
    // Thousands of unknown names would cost a fifth of a second, and be answered with 300 kB.
    if (errors.length >= errorsMax) return;
    const property = propertySchema(schema, name);
    const at = `${pointer}/${escaped(name)}`;
    if (property !== undefined) check(property, object[name], at, errors);
    else {
      const hint = didYouMean(name, Object.keys(schema.properties ?? {}));
      errors.push({ pointer: at, detail: `is not known here${hint}` });
    }
  }
};

const check: Check = (schema, value, pointer, errors) => {
  if (errors.length >= errorsMax) return;
  const complain = (detail: string | undefined): void => {
    if (detail !== undefined) errors.push({ pointer, detail });
  };
  if (schema.anyOf !== undefined) {
    const tries = schema.anyOf.map((arm) => {
      const found: InputError[] = [];
      check(arm, value, pointer, found);
      return { arm, found };
    });
    if (tries.some(({ found }) => found.length === 0)) return;
    // Only what is wrong with the arm that was meant, judged by its type.
    const meant = tries.find(({ arm }) => arm.type === undefined || hasType(value, arm.type));
    if (meant !== undefined) errors.push(...meant.found);
    else complain(`must be ${schema.anyOf.map((arm) => words[arm.type ?? ''] ?? '').join(' or ')}`);
    return;
  }
  if (schema.enum !== undefined) {
    if (schema.enum.includes(value)) return;
    complain(`must be one of ${schema.enum.join(', ')}; ${shown(value)} is not`);
  } else if (schema.const !== undefined) {
    if (value !== schema.const) complain(`must be ${shown(schema.const)}`);
  } else if (schema.type === undefined) return;
  else if (!hasType(value, schema.type)) {
    complain(`must be ${words[schema.type] ?? schema.type}; ${shown(value)} is not`);
  } else if (typeof value === 'string') complain(checkText(schema, value));
  else if (typeof value === 'number') complain(checkNumber(schema, value));
  else if (schema.type === 'array') checkArray(schema, value, pointer, errors);
  else if (schema.type === 'object') checkObject(schema, value, pointer, errors);
};

/** The value a text of path or query stands for; the text itself where it stands for none. */
function valueOfText(schema: Schema, text: string): unknown {
  if (schema.type === 'integer' && /^-?\d{1,16}$/.test(text)) return Number(text);
  if (schema.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function fromTexts(schema: Schema, texts: readonly string[]): unknown {
  if (schema.type === 'array') {
    const all = schema['x-commas'] ? texts.flatMap((text) => text.split(',')) : texts;
    return all.map((text) => valueOfText(schema.items ?? {}, text));
  }
  const [only = ''] = texts;
  // Given twice: left as a list, which the check refuses by name.
  return texts.length === 1 ? valueOfText(schema, only) : texts;
}

/** What a door found: texts of path and query (a name can come more than once), and the body. */
export interface RawInput {
  readonly texts?: Readonly<Record<string, readonly string[]>>;
  readonly json?: unknown;
}

export type InputAnswer =
  | { readonly type: 'ok'; readonly value: unknown }
  | { readonly type: 'wrong'; readonly errors: readonly InputError[] };

/** Merges texts and body (a text wins: the path says what is meant) and checks the whole. */
export function readInput(schema: TSchema, raw: RawInput): InputAnswer {
  const known = schema as Schema;
  const body = raw.json ?? {};
  if (!isRecord(body)) {
    return { type: 'wrong', errors: [{ pointer: '#', detail: 'the body must be a JSON object' }] };
  }
  const merged = Object.entries(raw.texts ?? {}).map(
    ([name, texts]) => [name, fromTexts(propertySchema(known, name) ?? {}, texts)] as const,
  );
  // fromEntries defines own properties: a field `__proto__` is a field, and is refused by name.
  const value = Object.fromEntries([...Object.entries(body), ...merged]);
  const errors: InputError[] = [];
  check(known, value, '#', errors);
  return errors.length === 0 ? { type: 'ok', value } : { type: 'wrong', errors };
}
