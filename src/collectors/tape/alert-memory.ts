/**
 * Which TapeAlert flags are set on which device, and which were: makes an event of each flag that
 * is newly set. Kept over restarts, so that one flag is one event.
 */
import type { Event } from '../../domain/reading.ts';
import { days, type EpochMs } from '../../domain/time.ts';
import { isRow } from '../json.ts';
import { type FlagTable, flagOf } from './alert-flag.ts';
import { changerFlags } from './changer-flags.ts';
import { driveFlags } from './drive-flags.ts';
import { tapeChanger, tapeDrive } from './kinds.ts';
import type { DeviceType } from './scsi.ts';
import { addSighting, judge, type Sighting, sightingsMax, type Verdict } from './verdict.ts';

export interface AlertMemory {
  /** When each flag was last read as set, by device and flag. */
  readonly active: Readonly<Record<string, Readonly<Record<string, EpochMs>>>>;
  readonly history: readonly Sighting[];
}

/** Page 2Eh forgets a flag when it is read; it counts as set for so long after that. */
const heldFor = days(1);

export interface FlagsRead {
  readonly type: DeviceType;
  readonly id: string;
  readonly flags: readonly number[];
  /** Reading cleared them (page 2Eh). */
  readonly cleared: boolean;
  readonly barcode: string | null;
  readonly at: EpochMs;
}

export interface FlagsTold {
  readonly memory: AlertMemory;
  /** Flags that are set now, lowest first. */
  readonly flags: readonly number[];
  /** About the latest flag that is set. */
  readonly verdict: Verdict | null;
  readonly events: readonly Event[];
}

export const tableOf = (type: DeviceType): FlagTable =>
  type === 'drive' ? driveFlags : changerFlags;

function eventOf(read: FlagsRead, sighting: Sighting, history: readonly Sighting[]): Event {
  const flag = flagOf(tableOf(read.type), sighting.flag);
  const { number, name, severity } = flag;
  const { barcode } = read;
  return {
    event: 'alert-flag',
    kind: (read.type === 'drive' ? tapeDrive : tapeChanger).name,
    id: read.id,
    at: read.at,
    foundBy: 'reconciliation',
    attributes: { flag: number, name, severity, barcode, ...judge(flag, history, sighting) },
    key: `${number} ${read.at}`,
  };
}

export function takeFlags(memory: AlertMemory, read: FlagsRead): FlagsTold {
  const device = `${read.type} ${read.id}`;
  const before = memory.active[device] ?? {};
  const set = new Map<number, EpochMs>(read.flags.map((flag) => [flag, read.at]));
  for (const [flag, at] of Object.entries(before)) {
    const held = read.cleared && read.at - at < heldFor;
    if (held && !set.has(Number(flag))) set.set(Number(flag), at);
  }
  let { history } = memory;
  const events: Event[] = [];
  for (const flag of read.flags.filter((one) => before[one] === undefined)) {
    const sighting = { flag, device: read.id, barcode: read.barcode, at: read.at };
    history = addSighting(history, sighting);
    events.push(eventOf(read, sighting, history));
  }
  const flags = [...set.keys()].sort((a, b) => a - b);
  const latest = history.findLast(({ device: id, flag }) => id === read.id && set.has(flag));
  const verdict =
    latest === undefined
      ? null
      : judge(flagOf(tableOf(read.type), latest.flag), history, latest).verdict;
  const active = { ...memory.active, [device]: Object.fromEntries(set) };
  if (set.size === 0) delete active[device];
  return { memory: { active, history }, flags, verdict, events };
}

function isSighting(value: unknown): value is Sighting {
  if (typeof value !== 'object' || value === null) return false;
  const { flag, device, barcode, at } = value as Partial<Sighting>;
  const isText = typeof device === 'string' && (barcode === null || typeof barcode === 'string');
  return isText && Number.isFinite(flag) && Number.isFinite(at);
}

const isActive = (value: unknown): value is Readonly<Record<string, EpochMs>> =>
  isRow(value) && Object.values(value).every((at) => Number.isFinite(at));

/** Of what was kept; what is no memory is an empty one. */
export function readAlertMemory(kept: unknown): AlertMemory {
  const { active, history } = isRow(kept) ? kept : {};
  const sightings = Array.isArray(history) ? history.filter(isSighting) : [];
  const devices = Object.entries(isRow(active) ? active : {}).filter(
    (entry): entry is [string, Readonly<Record<string, EpochMs>>] => isActive(entry[1]),
  );
  return { active: Object.fromEntries(devices), history: sightings.slice(-sightingsMax) };
}
