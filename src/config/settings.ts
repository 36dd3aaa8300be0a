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
  history: {
    raw: duration(parseDuration('2d') ?? 0, 'How long numbers are kept every 30 s, for charts.'),
    medium: duration(parseDuration('60d') ?? 0, 'How long they are kept every 5 minutes.'),
    long: duration(parseDuration('1095d') ?? 0, 'How long they are kept every hour.'),
    size: size(
      '2GiB',
      'Largest size of history.db; the oldest of the finest numbers go first.',
      64 * mebibyte,
    ),
    series: count(
      20_000,
      'Numbers recorded at a time; those that vanished longest ago make room for new ones.',
      100,
      100_000,
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
