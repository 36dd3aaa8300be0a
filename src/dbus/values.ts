/**
 * JSON and D-Bus values, one in the place of the other.
 *
 * What an operation answers has a schema, and the D-Bus type follows from the schema and never
 * from a value, so a field always has the same type: text `s`, flag `b`, whole number `t` (`x`
 * where it can be negative), number `d`, list `a…`, names with values `a{s…}`, object `a{sv}`, and
 * what can be text, number or flag a variant of that. An entry that is null is left out.
 */
import type { TSchema } from 'typebox';
import { refuse } from '../operations/refusals.ts';
import type { BusValue, BusVariant } from '../platform/system-bus.ts';

/** How values of one schema are written. */
export interface Form {
  readonly signature: string;
  pack(value: unknown): unknown;
  /** As the value of a variant. */
  variant(value: unknown): BusVariant;
  /** What stands for null where something must stand: a property cannot be left out. */
  readonly empty: unknown;
}

/** The JSON Schema keywords that decide the type. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly minimum?: number;
}

/** The bus ends the connection of who sends a text with a zero byte or half a character. */
export const wireText = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

function form(signature: string, empty: unknown, pack: (value: unknown) => unknown): Form {
  return { signature, empty, pack, variant: (value) => ({ signature, value: pack(value) }) };
}

const same = (value: unknown): unknown => value;
const textForm = form('s', '', (value) => wireText(String(value)));
const flagForm = form('b', false, same);
const numberForm = form('d', 0, same);

/** A variant of what the value is. */
const anyForm: Form = {
  signature: 'v',
  empty: { signature: 's', value: '' },
  pack: (value) => anyForm.variant(value),
  variant(value) {
    const known = { boolean: flagForm, number: numberForm } as const;
    const type = typeof value;
    return (type === 'boolean' || type === 'number' ? known[type] : textForm).variant(value);
  },
};

function listForm(items: Schema): Form {
  const item = formOf(items);
  return form(`a${item.signature}`, [], (value) =>
    (value as readonly unknown[]).map((one) => item.pack(one)),
  );
}

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  Object.entries(value as object);

function namesForm(values: Schema): Form {
  const part = formOf(values);
  return form(
    `a{s${part.signature}}`,
    {},
    (value) => new Map(entriesOf(value).map(([name, one]) => [wireText(name), part.pack(one)])),
  );
}

function objectForm(properties: Readonly<Record<string, Schema>>): Form {
  const forms = new Map(Object.entries(properties).map(([name, one]) => [name, formOf(one)]));
  return form(
    'a{sv}',
    {},
    (value) =>
      new Map(
        entriesOf(value).flatMap(([name, one]) => {
          const known = one === null || one === undefined ? undefined : forms.get(name);
          return known === undefined ? [] : [[name, known.variant(one)] as const];
        }),
      ),
  );
}

function formOf(schema: Schema): Form {
  const arms = schema.anyOf?.filter(({ type }) => type !== 'null');
  if (arms !== undefined) return arms.length === 1 && arms[0] ? formOf(arms[0]) : anyForm;
  switch (schema.type) {
    case 'boolean':
      return flagForm;
    case 'integer':
      return form((schema.minimum ?? -1) >= 0 ? 't' : 'x', 0, same);
    case 'number':
      return numberForm;
    case 'array':
      return listForm(schema.items ?? {});
    case 'object': {
      const [values] = Object.values(schema.patternProperties ?? {});
      return values === undefined ? objectForm(schema.properties ?? {}) : namesForm(values);
    }
    default:
      return textForm;
  }
}

export const formOfSchema = (schema: TSchema): Form => formOf(schema);

/** A value of the bus as JSON. A number that JSON cannot hold exactly is refused. */
export function jsonOf(value: BusValue): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw refuse('invalid-input', `the number ${value} is too large`);
  }
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'object') return value;
  // Own properties, also for a name such as __proto__: the check of the input refuses it by name.
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, jsonOf(one)]));
}
