/** One line of `journalctl --output=json`, and who is believed. Source: journalctl(1), "json". */
import type { EpochMs } from '../domain/time.ts';

export interface JournalRecord {
  readonly cursor: string;
  readonly at: EpochMs;
  readonly bootId: string;
  /** All fields that came as text; binary ones are left out. */
  readonly fields: Readonly<Record<string, string>>;
}

/** journalctl itself prints null for longer fields; this is for one that does not. */
const fieldLengthMax = 4096;
/** Of one record: journald takes 1024 (ENTRY_FIELD_COUNT_MAX). */
const fieldsMax = 1024;

/** Microseconds as journald writes them, to milliseconds with a fraction. */
function instant(microseconds: unknown): number | undefined {
  if (typeof microseconds !== 'string' || !/^\d{1,16}$/.test(microseconds)) return undefined;
  return Number(microseconds) / 1000;
}

function textFields(line: object): Readonly<Record<string, string>> {
  const fields: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(line).slice(0, fieldsMax)) {
    // Binary values come as lists of bytes, repeated fields as lists, long ones as null.
    if (typeof value === 'string') fields[name] = value.slice(0, fieldLengthMax);
  }
  return fields;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/**
 * The record of a line, or undefined when it is none. `at` is when the record was made
 * (_SOURCE_REALTIME_TIMESTAMP) where journald knows it, else when it was received: the two
 * differ by minutes when journald was stopped.
 */
export function parseRecord(line: string): JournalRecord | undefined {
  const value = parseJson(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = textFields(value);
  const text = (name: string): string | undefined => fields[name];
  const cursor = text('__CURSOR');
  const at = instant(text('_SOURCE_REALTIME_TIMESTAMP')) ?? instant(text('__REALTIME_TIMESTAMP'));
  if (cursor === undefined || at === undefined) return undefined;
  return { cursor, at, bootId: text('_BOOT_ID') ?? '', fields };
}

/**
 * Who may be believed about units. Fields that begin with `_` are journald's own
 * (systemd.journal-fields(7), "Trusted Journal Fields"); all others, MESSAGE_ID and UNIT too,
 * can be logged by any user. Groups of matches; one of them must fit whole.
 */
const believed = [
  { _PID: '1', _UID: '0' },
  { _SYSTEMD_UNIT: 'systemd-oomd.service' },
  // Instances of systemd-coredump@.service.
  { _SYSTEMD_SLICE: 'system-systemd\\x2dcoredump.slice' },
] as const;

export const managerMatches: readonly string[] = ['_PID=1', '_UID=0'];

/** Arguments for journalctl: `A B C + D C`; fields that are equal are alternatives. */
export const believedMatches = (messageIds: readonly string[]): readonly string[] =>
  believed.flatMap((group, i) => [
    ...(i === 0 ? [] : ['+']),
    ...Object.entries(group).map(([name, value]) => `${name}=${value}`),
    ...messageIds.map((id) => `MESSAGE_ID=${id}`),
  ]);

/** The same once more on what came: journalctl's arguments must not be the only wall. */
export const isBelieved = (record: JournalRecord): boolean =>
  believed.some((group) =>
    Object.entries(group).every(([name, value]) => record.fields[name] === value),
  );
