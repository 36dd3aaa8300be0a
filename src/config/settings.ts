/**
 * The daemon's own settings: what may be set, how it is read, what it is by default and what it
 * is for. Each collector declares its own section beside these, under its name. Types, checks and
 * the man page tocsin.yaml(5) come from the tables.
 */
import { parseDuration } from '../domain/time.ts';
import {
  count,
  duration,
  patterns,
  type Section,
  secret,
  size,
  toggle,
  type ValuesOf,
  word,
} from './readers.ts';

const mebibyte = 1024 ** 2;

export const settingsTable = {
  retention: {
    age: duration(parseDuration('365d') ?? 0, 'How long resolved alerts and events are kept.'),
    size: size(
      '512MiB',
      'Largest size of tocsin.db; the oldest resolved alerts and events go first. ' +
        'The audit of the last week stays.',
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
  heartbeat: {
    url: word(
      '',
      'Address that tocsin-relay asks (GET) again and again while tocsind works, so that somebody elsewhere ' +
        'notices when this machine no longer does: healthchecks.io, Uptime Kuma and the like. Empty: none.',
      { pattern: /^https?:\/\/[^\s\p{Cc}]{1,1000}$/u, expects: 'an http:// or https:// address' },
    ),
    secretUrl: secret('The same address, where it must stay secret; it counts more than `url`.'),
    every: duration(parseDuration('1m') ?? 0, 'How often it is asked.'),
    timeout: duration(parseDuration('10s') ?? 0, 'How long it may take to answer.'),
    fail: toggle(
      false,
      'When tocsind says that it is not well, ask the address with /fail behind it (healthchecks.io), so that ' +
        'the other side need not wait. Without it nothing is asked then.',
    ),
  },
  mutes: {
    longest: duration(
      parseDuration('30d') ?? 0,
      'Longest time that a silence may last, or a maintenance window be open.',
    ),
    remindAfter: duration(
      parseDuration('7d') ?? 0,
      'Acknowledgements and silences that are older are told once a week.',
    ),
  },
  flapping: {
    enabled: toggle(
      true,
      'Whether an alert that comes and goes is announced once as flapping, and not each time.',
    ),
    window: duration(
      parseDuration('1h') ?? 0,
      'How far back changes of an alert are counted (begun, ended, another severity): from 1m to 24h.',
    ),
    enter: count(6, 'It flaps from so many changes in the window on.', 3, 100),
    exit: count(2, 'It flaps until there are fewer changes than this in the window.', 1, 100),
  },
  readings: {
    age: duration(
      parseDuration('30d') ?? 0,
      'How long readings are kept, thinned, for `tocsin rule backtest`.',
    ),
    size: size('256MiB', 'Largest size of the folder readings; the oldest go first.', 4 * mebibyte),
  },
  access: {
    sessionIdle: duration(
      parseDuration('30m') ?? 0,
      'A session of a browser ends when nothing was asked for so long; an open page asks twice a minute.',
    ),
    session: duration(
      parseDuration('12h') ?? 0,
      'A session ends after this time, however much it is used.',
    ),
    requestsPerSecond: count(
      100,
      'Requests of one caller in a second, and four times as many at once after a pause; more are answered 429. ' +
        'Not for root and the group tocsin-admin on local.sock.',
      1,
      1_000_000,
    ),
    origins: patterns(
      [],
      'Origins of web pages that may ask beside that of the Host, for a web server in front that changes the Host.',
      '[https://appliance.example:8443]',
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

/** Whether there is anybody elsewhere who waits for a sign of life. */
export const isHeartbeatSet = ({ url, secretUrl }: Settings['heartbeat']): boolean =>
  url !== '' || secretUrl !== null;

/** The daemon's own settings, and the section of each collector under its name. */
export type Settings = ValuesOf<typeof settingsTable> & Readonly<Record<string, unknown>>;
