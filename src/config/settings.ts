/**
 * The settings: one table says what may be set, how it is read, what it is by default and what
 * it is for. Types, checks and the man page tocsin.yaml(5) come from it.
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

const patterns = (value: readonly string[], help: string): Setting<readonly string[]> => ({
  default: value,
  help,
  expects: 'a list of unit names or patterns such as [nginx.service, "backup-*.service"]',
  spelled: JSON.stringify(value),
  read: (given) =>
    Array.isArray(given) && given.every((one) => typeof one === 'string' && one !== '')
      ? { value: given as string[] }
      : undefined,
});

const duration = (value: Ms, help: string): Setting<Ms> => ({
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

const size = (spelled: string, help: string, minimum: number): Setting<number> => {
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

const count = (value: number, help: string, minimum: number, maximum: number): Setting<number> => ({
  default: value,
  help,
  expects: `a whole number from ${minimum} to ${maximum}`,
  spelled: String(value),
  read: (given) =>
    typeof given === 'number' && Number.isInteger(given) && given >= minimum && given <= maximum
      ? { value: given }
      : undefined,
});

export const settingsTable = {
  systemd: {
    watch: patterns(
      ['*.service', '*.mount', '*.socket', '*.timer', '*.path', '*.target'],
      'Units to watch. A name without * ? [ also means that the unit must exist.',
    ),
    ignore: patterns(
      ['run-*', 'user@*.service', 'user-runtime-dir@*.service'],
      'Units not to watch, even when a pattern of "watch" matches. A name in "watch" wins.',
    ),
  },
  retention: {
    age: duration(parseDuration('365d') ?? 0, 'How long resolved alerts and events are kept.'),
    size: size(
      '512MiB',
      'Largest size of tocsin.db; the oldest resolved alerts and events go first.',
      16 * sizes.MiB,
    ),
  },
  stream: {
    clients: count(1000, 'Stream clients at a time; one more is answered 503.', 1, 20_000),
    clientBuffer: size(
      '1MiB',
      'What may wait for one slow stream client before it must resync.',
      65_536,
    ),
  },
} as const;

type Values<T> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : Values<T[K]>;
};
export type Settings = Values<typeof settingsTable>;

export function defaultSettings(): Settings {
  const section = (table: object): object =>
    Object.fromEntries(
      Object.entries(table).map(([name, entry]) => [
        name,
        isSetting(entry) ? entry.default : section(entry as object),
      ]),
    );
  return section(settingsTable) as Settings;
}

export const isSetting = (entry: unknown): entry is Setting<unknown> =>
  typeof entry === 'object' && entry !== null && 'read' in entry;
