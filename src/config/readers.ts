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
  /** Has no default that would make sense: it must be written. */
  readonly required?: true;
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

/** A text of one line; the pattern says which are taken. */
export const word = (
  value: string,
  help: string,
  { pattern = /^[^\p{Cc}]{1,1000}$/u, expects = 'a text of one line' } = {},
): Setting<string> => ({
  default: value,
  help,
  expects,
  spelled: JSON.stringify(value),
  read: (given) =>
    typeof given === 'string' && pattern.test(given) ? { value: given } : undefined,
});

/** One of some words. */
export const oneOf = <const T extends string>(
  words: readonly T[],
  value: T,
  help: string,
): Setting<T> => ({
  default: value,
  help,
  expects: `one of ${words.join(', ')}`,
  spelled: value,
  read: (given) => {
    const found = words.find((one) => one === given);
    return found === undefined ? undefined : { value: found };
  },
});

/** Some of these words. */
export const someOf = <const T extends string>(
  words: readonly T[],
  value: readonly T[],
  help: string,
): Setting<readonly T[]> => ({
  default: value,
  help,
  expects: `a list of ${words.join(', ')}`,
  spelled: JSON.stringify(value),
  read: (given) =>
    Array.isArray(given) && given.length > 0 && given.every((one) => words.includes(one as T))
      ? { value: given as T[] }
      : undefined,
});

/** Where a secret is; never the secret itself. */
export const secret = (help: string): Setting<SecretPlace | null> => ({
  default: null,
  help,
  expects:
    '{ credential: NAME } (systemd, LoadCredential=) or { file: /PATH }; secrets themselves do not belong here',
  spelled: 'null',
  read: (given) => {
    if (typeof given !== 'object' || given === null || Object.keys(given).length !== 1)
      return undefined;
    const { credential, file } = given as { credential?: unknown; file?: unknown };
    if (typeof credential === 'string' && /^[A-Za-z0-9._-]{1,255}$/.test(credential))
      return { value: { credential } };
    return typeof file === 'string' && file.startsWith('/') ? { value: { file } } : undefined;
  },
});

export type SecretPlace = { readonly credential: string } | { readonly file: string };

/** The same setting, that must be written. */
export const required = <T>(setting: Setting<T>): Setting<T> => ({ ...setting, required: true });

/** Things that people name, each of one `type`, with the settings of that type. */
export interface Family {
  readonly help: string;
  /** What each can have, whatever its type. */
  readonly common: Section;
  readonly types: Readonly<Record<string, Section>>;
}

/** Settings by name, or sections of them, or families. */
export type Section = { readonly [name: string]: Setting<unknown> | Family | Section };

/** One of a family: its type, and what was set for it over the defaults. */
export type Member = { readonly type: string } & Readonly<Record<string, unknown>>;

/** What a section yields when it is read. */
export type ValuesOf<T> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V>
    ? V
    : T[K] extends Family
      ? Readonly<Record<string, Member>>
      : ValuesOf<T[K]>;
};

export const isFamily = (entry: unknown): entry is Family =>
  typeof entry === 'object' && entry !== null && 'types' in entry && 'common' in entry;

export const isSetting = (entry: unknown): entry is Setting<unknown> =>
  typeof entry === 'object' && entry !== null && 'read' in entry;

/** What holds when nothing is written. */
export function defaultsOf<const T extends Section>(section: T): ValuesOf<T> {
  const values = Object.entries(section).map(([name, entry]) => [
    name,
    isSetting(entry) ? entry.default : isFamily(entry) ? {} : defaultsOf(entry),
  ]);
  return Object.fromEntries(values) as ValuesOf<T>;
}
