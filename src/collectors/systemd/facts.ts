/**
 * D-Bus properties to facts. Pure; takes what it knows and drops the rest at once: GetAll of a
 * service holds some 400 properties, of which 30 are kept.
 */
import type { EpochMs } from '../../domain/time.ts';
import type { BusValue } from '../../platform/system-bus.ts';

export type Properties = Readonly<Record<string, BusValue>>;

/** "Not known" and "never" in counters and timers (USEC_INFINITY). */
const uint64Max = 2n ** 64n - 1n;

// The words of systemd are few and come again in each message: one copy of each is kept.
const internedMax = 2000;
const interned = new Map<string, string>();

function intern(text: string): string {
  const known = interned.get(text);
  if (known !== undefined) return known;
  if (text.length <= 32 && interned.size < internedMax) interned.set(text, text);
  return text;
}

export const textOf = (value: BusValue | undefined): string | undefined =>
  typeof value === 'string' ? intern(value) : undefined;

export const flagOf = (value: BusValue | undefined): boolean | undefined =>
  typeof value === 'boolean' ? value : undefined;

/** The number; null for UINT64_MAX, undefined when it is none. */
export function numberOf(value: BusValue | undefined): number | null | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return value === uint64Max ? null : Number(value);
  return undefined;
}

/** Realtime microseconds to an instant; 0 and UINT64_MAX mean that it never was. */
export function instantOf(value: BusValue | undefined): EpochMs | null | undefined {
  const usec = numberOf(value);
  return usec === undefined ? undefined : usec ? usec / 1000 : null;
}

export const listOf = (value: BusValue | undefined): readonly BusValue[] =>
  Array.isArray(value) ? value : [];

export const namesOf = (value: BusValue | undefined): readonly string[] =>
  listOf(value).filter((name) => typeof name === 'string');

export const propertiesOf = (value: BusValue | undefined): Properties =>
  typeof value === 'object' && !Array.isArray(value) ? (value as Properties) : {};

/** 16 bytes to the 32 digits that the journal shows; null before the first run. */
function invocationOf(value: BusValue | undefined): string | null | undefined {
  if (value === undefined) return undefined;
  const digits = listOf(value).map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return digits.length === 16 ? digits.join('') : null;
}

/** si_code of the main process' end: CLD_EXITED, CLD_KILLED, CLD_DUMPED (waitid(2)). */
const exitCodes: Readonly<Record<number, string>> = { 1: 'exited', 2: 'killed', 3: 'dumped' };

/** Attribute values of a unit by name; left out what the message did not hold. */
export type Facts = Readonly<Record<string, string | number | boolean | null>>;

type Reader = (value: BusValue | undefined) => string | number | boolean | null | undefined;

const or =
  (read: Reader, convert: (value: string | number | boolean) => string | number | boolean | null) =>
  (value: BusValue | undefined) => {
    const known = read(value);
    return known === null || known === undefined ? known : convert(known);
  };

const notEmpty = or(textOf, (text) => text || null);
const notZero = or(numberOf, (n) => n || null);

/** D-Bus property -> attribute. Names are unique over the interfaces of one unit. */
const readers: Readonly<Record<string, readonly [attribute: string, read: Reader]>> = {
  ActiveState: ['activeState', textOf],
  SubState: ['subState', textOf],
  LoadState: ['loadState', textOf],
  UnitFileState: ['unitFileState', notEmpty],
  Description: ['description', textOf],
  StateChangeTimestamp: ['stateChangeAt', instantOf],
  ActiveEnterTimestamp: ['activeEnterAt', instantOf],
  InactiveEnterTimestamp: ['inactiveEnterAt', instantOf],
  InvocationID: ['invocationId', invocationOf],
  NeedDaemonReload: ['needDaemonReload', flagOf],
  Result: ['result', textOf],
  NRestarts: ['nRestarts', numberOf],
  MainPID: ['mainPid', notZero],
  ExecMainCode: ['execMainCode', or(numberOf, (n) => exitCodes[Number(n)] ?? null)],
  ExecMainStatus: ['execMainStatus', numberOf],
  MemoryCurrent: ['memoryBytes', numberOf],
  CPUUsageNSec: ['cpuSeconds', or(numberOf, (n) => Number(n) / 1e9)],
  TasksCurrent: ['tasks', numberOf],
};

export function factsOf(properties: Properties): Facts {
  const facts: Record<string, string | number | boolean | null> = {};
  for (const property in properties) {
    const reader = readers[property];
    const value = reader?.[1](properties[property]);
    if (reader !== undefined && value !== undefined) facts[reader[0]] = value;
  }
  // A status belongs to a code: 0 before the process has ended is no exit status.
  if (facts.execMainCode === null) facts.execMainStatus = null;
  return facts;
}

/** Monotonic microseconds of the last state change: orders what is known of one unit. */
export const changeUsecOf = (properties: Properties): number | undefined =>
  numberOf(properties.StateChangeTimestampMonotonic) ?? undefined;

/** When the run began, whichever word the type has for running. */
export const runBeganAt = (properties: Properties): EpochMs | null | undefined =>
  instantOf(properties.InactiveExitTimestamp);
