/**
 * The daemon's own settings: what may be set, how it is read, what it is by default and what it
 * is for. Each collector declares its own section beside these, under its name. Types, checks and
 * the man page tocsin.yaml(5) come from the tables.
 */
import { parseDuration } from '../domain/time.ts';
import { count, duration, type Section, size, type ValuesOf } from './readers.ts';

const mebibyte = 1024 ** 2;

export const settingsTable = {
  retention: {
    age: duration(parseDuration('365d') ?? 0, 'How long resolved alerts and events are kept.'),
    size: size(
      '512MiB',
      'Largest size of tocsin.db; the oldest resolved alerts and events go first.',
      16 * mebibyte,
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
} as const satisfies Section;

/** The daemon's own settings, and the section of each collector under its name. */
export type Settings = ValuesOf<typeof settingsTable> & Readonly<Record<string, unknown>>;
