/** Values of options, as they were given on the command line and checked against the table. */
import { type Ms, parseDuration } from '../domain/time.ts';
import { Stop } from './exit.ts';
import { type OptionName, optionOf } from './options.ts';

/** Texts in the order in which they were given; an option without a value has the empty text. */
export type Values = ReadonlyMap<OptionName, readonly string[]>;

export const isSet = (values: Values, name: OptionName): boolean => values.has(name);

/** The last one given counts. */
export const textOf = (values: Values, name: OptionName): string | undefined =>
  values.get(name)?.at(-1);

export const textsOf = (values: Values, name: OptionName): readonly string[] =>
  values.get(name) ?? [];

/** Words of one or several values, joined by commas or not; undefined when not given. */
export function wordsOf(values: Values, name: OptionName): readonly string[] | undefined {
  const texts = values.get(name);
  if (texts === undefined) return undefined;
  const words = texts.flatMap((text) => text.split(',')).map((word) => word.trim());
  const known = optionOf(name).words;
  for (const word of words) {
    if (known?.includes(word) === false) {
      throw new Stop('usage', `--${name} ${word}: must be one or more of ${known.join(', ')}`);
    }
  }
  return words;
}

export function wordOf(values: Values, name: OptionName): string | undefined {
  const words = wordsOf(values, name) ?? [];
  if (words.length > 1) throw new Stop('usage', `--${name} can be given once here`);
  return words[0];
}

export function countOf(values: Values, name: OptionName): number | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Stop('usage', `--${name} ${text}: must be a whole number`);
}

export function durationOf(values: Values, name: OptionName): Ms | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  const span = parseDuration(text);
  if (span !== undefined && span > 0) return span;
  throw new Stop('usage', `--${name} ${text}: must be a duration such as 30s or 1h30m`);
}
