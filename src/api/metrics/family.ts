/**
 * Metric families: names, types and units as Prometheus wants them, derived from attributes
 * (https://prometheus.io/docs/practices/naming/): base units, once and at the end, `_total`
 * for what only grows.
 */
import type { Attribute, Kind } from '../../domain/kind.ts';
import { type Ms, seconds } from '../../domain/time.ts';

export interface Family {
  /** As in Prometheus' text format: a counter's ends in `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** A base unit with which the name ends, without `_total`. */
  readonly unit?: string;
  readonly help: string;
}

/** An attribute as a family; how its values become numbers. */
export interface AttributeFamily extends Family {
  readonly attribute: string;
  /** `word`: one series with the label `value`, which is one of `values`, and 1. */
  readonly form: 'flag' | 'number' | 'word';
  /** Into the unit that the name tells. */
  readonly convert: (value: number) => number;
  readonly values?: readonly string[];
}

/** What is measured; every other unit is the name of what is counted, and no part of a name. */
const baseUnits = ['seconds', 'bytes', 'ratio', 'celsius', 'volts', 'amperes', 'joules', 'grams'];

/** `execMainStatus` -> `exec_main_status`, `load15` stays. */
export const snakeCase = (text: string): string =>
  text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();

const asIs = (value: number): number => value;
const inSeconds = (value: Ms): number => value / seconds(1);

interface ForeignUnit {
  /** What the attribute's name may end with, which the metric's does not. */
  readonly ending: string;
  readonly unit: string;
  readonly convert: (value: number) => number;
}

const ofBits = (bits: string, size: number): ForeignUnit => ({
  ending: `_${bits}`,
  unit: 'bytes_per_second',
  convert: (value) => (value * size) / 8,
});

/** Units of an attribute that Prometheus' conventions do not know, in those that they do. */
const foreignUnits: Readonly<Record<string, ForeignUnit>> = {
  milliseconds: { ending: '_(ms|milliseconds)', unit: 'seconds', convert: inSeconds },
  minutes: { ending: '_minutes', unit: 'seconds', convert: (value) => value * 60 },
  hours: { ending: '_hours', unit: 'seconds', convert: (value) => value * 3600 },
  percent: { ending: '_percent', unit: 'ratio', convert: (value) => value / 100 },
  'megabits per second': ofBits('megabits', 1e6),
  'gigabits per second': ofBits('gigabits', 1e9),
};

/** A gauge or counter; a unit that its name ends with is not said twice. */
function nameNumber(snake: string, unit: string): Pick<AttributeFamily, 'name' | 'convert'> {
  const foreign = foreignUnits[unit];
  const isMeasured = baseUnits.includes(unit);
  if (foreign === undefined)
    return { name: isMeasured ? withUnit(snake, unit) : snake, convert: asIs };
  const bare = snake.replace(new RegExp(`${foreign.ending}$`), '');
  return { name: withUnit(bare, foreign.unit), convert: foreign.convert };
}

/** tocsin's own kinds have its name in theirs. */
const prefixOf = (kind: Kind): string => `tocsin_${snakeCase(kind.name.replace(/^tocsin\./, ''))}`;

const withUnit = (name: string, unit: string): string =>
  name === unit || name.endsWith(`_${unit}`) ? name : `${name}_${unit}`;

/** `lastTriggerAt` -> `last_trigger_timestamp_seconds`. */
const instantName = (attribute: string): string =>
  `${snakeCase(attribute.replace(/At$/, ''))}_timestamp_seconds`;

const unitOf = (name: string): { readonly unit?: string } => {
  const unit = baseUnits.find((one) => name.endsWith(`_${one}`));
  return unit === undefined ? {} : { unit };
};

type Told = Pick<AttributeFamily, 'name' | 'type' | 'form' | 'convert' | 'values'>;

/** A text that is not one of a few words is no metric: its value would be a label without bound. */
function tell(name: string, attribute: Attribute): Told | undefined {
  const snake = snakeCase(name);
  const { type, unit, values } = attribute;
  switch (type) {
    case 'flag':
      return { name: snake, type: 'gauge', form: 'flag', convert: asIs };
    case 'word':
      return values && { name: snake, type: 'gauge', form: 'word', convert: asIs, values };
    case 'instant':
      return { name: instantName(name), type: 'gauge', form: 'number', convert: inSeconds };
    case 'duration': {
      const bare = snake.replace(/_(ms|seconds)$/, '');
      const told = `${bare}_seconds`;
      return { name: told, type: 'gauge', form: 'number', convert: inSeconds };
    }
    default: {
      const told = unit === undefined ? { name: snake, convert: asIs } : nameNumber(snake, unit);
      return { ...told, type, form: 'number' };
    }
  }
}

function familyOf(kind: Kind, name: string, attribute: Attribute): AttributeFamily | undefined {
  const told = tell(name, attribute);
  if (told === undefined) return undefined;
  const whole = `${prefixOf(kind)}_${told.name}`;
  const total = told.type === 'counter' && !whole.endsWith('_total') ? '_total' : '';
  return {
    ...told,
    ...unitOf(whole),
    name: `${whole}${total}`,
    help: attribute.help,
    attribute: name,
  };
}

/** What a kind's resources are exposed as, one family an attribute. */
export const familiesOf = (kind: Kind): readonly AttributeFamily[] =>
  Object.entries(kind.attributes).flatMap(
    ([name, attribute]) => familyOf(kind, name, attribute) ?? [],
  );
