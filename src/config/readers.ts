/**
 * How one setting is declared: its default, what it is for, what a writer must give, and how that
 * is read. The daemon's own settings and those of each collector are tables of these.
 */
import { type Ms, parseDuration, renderDuration } from '../domain/time.ts';

/** A reader turns one YAML value into a setting, or says what is expected instead. */
export interface Setting<T> {
  readonly default: T;
  readonly help: string;
  /** What a writer must give: `a duration such as 30s or 5m`. */
  readonly expects: string;
  read(value: unknown): { readonly value: T } | undefined;
  /** The default as one would write it. */
  readonly spelled: string;
}

/** A list of names or patterns. */
export const patterns = (
  value: readonly string[],
  help: string,
  example: string,
): Setting<readonly string[]> => ({
  default: value,
  help,
  expects: `a list of names or patterns such as ${example}`,
  spelled: JSON.stringify(value),
  read: (given) =>
    Array.isArray(given) && given.every((one) => typeof one === 'string' && one !== '')
      ? { value: given as string[] }
      : undefined,
});

/** A length of time above zero. */
export const duration = (value: Ms, help: string): Setting<Ms> => ({
  default: value,
  help,
  expects: 'a duration such as 30s, 5m or 90d',
  spelled: renderDuration(value),
  read: (given) => {
    const parsed = typeof given === 'string' ? parseDuration(given) : undefined;
    return parsed === undefined || parsed <= 0 ? undefined : { value: parsed };
  },
});

const sizes = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const;

/** A number of bytes. */
export const size = (spelled: string, help: string, minimum: number): Setting<number> => {
  const read = (given: unknown): { value: number } | undefined => {
    const match = typeof given === 'string' ? /^(\d+) ?(B|KiB|MiB|GiB|TiB)$/.exec(given) : null;
    const bytes = match === null ? NaN : Number(match[1]) * sizes[match[2] as keyof typeof sizes];
    return Number.isSafeInteger(bytes) && bytes >= minimum ? { value: bytes } : undefined;
  };
  return {
    default: read(spelled)?.value ?? minimum,
    help,
    expects: `a size such as 512MiB, at least ${minimum % sizes.MiB === 0 ? `${minimum / sizes.MiB}MiB` : `${minimum / sizes.KiB}KiB`}`,
    spelled,
    read,
  };
};

/** A whole number within bounds. */
export const count = (
  value: number,
  help: string,
  minimum: number,
  maximum: number,
): Setting<number> => ({
  default: value,
  help,
  expects: `a whole number from ${minimum} to ${maximum}`,
  spelled: String(value),
  read: (given) =>
    typeof given === 'number' && Number.isInteger(given) && given >= minimum && given <= maximum
      ? { value: given }
      : undefined,
});

/** Yes or no. */
export const toggle = (value: boolean, help: string): Setting<boolean> => ({
  default: value,
  help,
  expects: 'true or false',
  spelled: String(value),
  read: (given) => (typeof given === 'boolean' ? { value: given } : undefined),
});

/** A list of things, each read by itself; a wrong one, or two of one name, refuse the list. */
export const listOf = <T>(
  help: string,
  expects: string,
  read: (value: unknown) => T | undefined,
  nameOf: (one: T) => string,
): Setting<readonly T[]> => ({
  default: [],
  help,
  expects,
  spelled: '[]',
  read: (given) => {
    if (!Array.isArray(given)) return undefined;
    const values = given.map(read);
    const known = values.filter((one) => one !== undefined);
    const names = new Set(known.map(nameOf));
    return names.size === values.length ? { value: known } : undefined;
  },
});

/** Settings by name, or sections of them. */
export type Section = { readonly [name: string]: Setting<unknown> | Section };

/** What a section yields when it is read. */
export type ValuesOf<T> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : ValuesOf<T[K]>;
};

export const isSetting = (entry: unknown): entry is Setting<unknown> =>
  typeof entry === 'object' && entry !== null && 'read' in entry;

/** What holds when nothing is written. */
export function defaultsOf<const T extends Section>(section: T): ValuesOf<T> {
  const values = Object.entries(section).map(([name, entry]) => [
    name,
    isSetting(entry) ? entry.default : defaultsOf(entry),
  ]);
  return Object.fromEntries(values) as ValuesOf<T>;
}
