/** What the collector knows of systemd's units, and what it has to tell and to ask next. */
import type { ValuesOf } from '../../config/readers.ts';
import type { Event, ResourceReading, ResourceRef, Value } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Facts } from './facts.ts';
import { systemdManager, systemdTimer, systemdUnit } from './kinds.ts';
import { createWatching, typeOf, unitName, unitPath, type Watching } from './names.ts';
import { createNatures, type Nature, type Natures } from './nature.ts';
import { createRuns, type Runs } from './runs.ts';
import type { systemdSettings } from './settings.ts';
import { newTimer, type TimerRecord, timerReading } from './timers.ts';
import type { Values } from './transition.ts';

export interface UnitRecord {
  readonly name: string;
  readonly type: string;
  readonly path: string;
  readonly watched: boolean;
  readonly declared: boolean;
  /** Never changed in place: readings and the inventory share it. */
  attributes: Values;
  /** Monotonic microseconds of the state in `attributes`. */
  changeUsec: number;
  beganAt: EpochMs | null;
  /** Facts of the type's own interface: they come just before those of the unit. */
  held: Facts;
  nature: Nature | undefined;
  /** Files were read anew since `nature` was read. */
  natureOld: boolean;
  detail: 'none' | 'asked' | 'known';
  countedRun: string | null;
  /** Events of a failure that wait for the word whether systemd restarts the unit. */
  waiting: readonly Event[];
  timer: TimerRecord | undefined;
  timerTold: TimerRecord | undefined;
  /** Number of the latest signal about it. */
  touched: number;
  /** systemd has dropped it from memory, and it is kept here: declared, or blocked by another. */
  unloaded: boolean;
}

export type Departed = Pick<UnitRecord, 'attributes' | 'beganAt'>;

/** A question to systemd. The answer comes back to the function named. */
export type Want =
  /** All properties of the unit -> `applyDetail`. */
  | { readonly type: 'detail'; readonly name: string; readonly unannounced: boolean }
  /** Is it still failed? -> `applyConfirmation`. */
  | { readonly type: 'confirm'; readonly name: string; readonly usec: number }
  /** Is there a file for it? Loads nothing. -> `applyFileState`. */
  | { readonly type: 'file-state'; readonly name: string }
  /** Which failed unit keeps it from starting? -> `applyBlame`. */
  | { readonly type: 'blame'; readonly name: string; readonly event: Event };

export interface Told {
  readonly resources: ResourceReading[];
  readonly gone: ResourceRef[];
  readonly events: Event[];
  readonly wants: Want[];
  /** Differences that no signal had announced. */
  recovered: number;
}

export interface State {
  readonly watching: Watching;
  readonly natures: Natures;
  readonly runs: Runs;
  readonly units: Map<string, UnitRecord>;
  /** Object path -> record; null for those that are of no interest. */
  readonly paths: Map<string, UnitRecord | null>;
  /** Results of the latest failed jobs by unit, to find causes among units that are not shown. */
  readonly failedJobs: Map<string, string>;
  /** Last state of units that went before systemd had said what they are: were they tasks? */
  readonly departed: Map<string, Departed>;
  /** Runs whose failure has been told lately: the journal tells of them once more. */
  readonly counted: Map<string, true>;
  told: Told;
  /** Attributes of the manager's resource. */
  manager: ResourceReading['attributes'];
  /** Names of watched units whose unsignalled facts are still to be read anew, in turn. */
  turn: string[];
  /**
   * Watched units that are new in memory and said nothing yet. A mount that was made by hand is
   * announced by UnitNew alone; asking for it would load what is only looked at, a listing not.
   */
  readonly fresh: Set<string>;
  /** Counts signals. */
  signals: number;
  /** Between Reloading(true) and (false) all units are announced as removed and new. */
  reloading: boolean;
  listed: boolean;
}

// Paths of devices and scopes that come and go; thrown away as a whole when there are too many.
const pathsMax = 20_000;
const failedJobsMax = 256;
const departedMax = 256;
const countedMax = 4096;

const nothing = (): Told => ({ resources: [], gone: [], events: [], wants: [], recovered: 0 });

export const createState = (settings: ValuesOf<typeof systemdSettings>): State => ({
  watching: createWatching(settings),
  natures: createNatures(),
  runs: createRuns(),
  units: new Map(),
  paths: new Map(),
  failedJobs: new Map(),
  departed: new Map(),
  counted: new Map(),
  told: nothing(),
  manager: {},
  turn: [],
  fresh: new Set(),
  signals: 0,
  reloading: false,
  listed: false,
});

/** Adds to a map that forgets its oldest entry beyond `most`. */
function remember<V>(map: Map<string, V>, most: number, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.size > most ? map.keys().next().value : undefined;
  if (oldest !== undefined) map.delete(oldest);
}

export const rememberJob = (state: State, unit: string, result: string): void =>
  remember(state.failedJobs, failedJobsMax, unit, result);

export const rememberDeparted = (state: State, name: string, departed: Departed): void =>
  remember(state.departed, departedMax, name, departed);

export const rememberCounted = (state: State, run: string): void =>
  remember(state.counted, countedMax, run, true);

export const isCounted = (state: State, run: string): boolean => state.counted.has(run);

/** What has to be told and asked since the last call; undefined when there is nothing. */
export function drain(state: State): Told | undefined {
  const { told, runs } = state;
  for (const id of runs.takeDropped()) told.gone.push({ kind: 'task.run', id });
  const { resources, gone, events, wants, recovered } = told;
  if (resources.length + gone.length + events.length + wants.length + recovered === 0)
    return undefined;
  state.told = nothing();
  return told;
}

/** The record of a unit, made when there is none; undefined for units that are not shown. */
export function recordOf(state: State, name: string): UnitRecord | undefined {
  const known = state.units.get(name);
  if (known !== undefined || !state.watching.shown(name)) return known;
  const watched = state.watching.watched(name);
  const declared = state.watching.declared.has(name);
  const type = typeOf(name);
  const nature = state.natures.find(name);
  const record: UnitRecord = {
    name,
    type,
    path: unitPath(name),
    watched,
    declared,
    attributes: { type, watched, declared, present: true, ...judgedByNature(declared, nature) },
    changeUsec: 0,
    beganAt: null,
    held: {},
    nature,
    natureOld: false,
    detail: 'none',
    countedRun: null,
    waiting: [],
    timer: type === 'timer' ? newTimer : undefined,
    timerTold: undefined,
    touched: 0,
    unloaded: false,
  };
  state.units.set(name, record);
  state.paths.set(record.path, record);
  return record;
}

/** The record behind an object path. */
export function recordAt(state: State, path: string): UnitRecord | undefined {
  const known = state.paths.get(path);
  if (known !== undefined) return known ?? undefined;
  const name = unitName(path);
  const record = name === undefined ? undefined : recordOf(state, name);
  if (state.paths.size >= pathsMax) {
    state.paths.clear();
    for (const unit of state.units.values()) state.paths.set(unit.path, unit);
  }
  state.paths.set(path, record ?? null);
  return record;
}

export function forget(state: State, record: UnitRecord): void {
  state.units.delete(record.name);
  state.paths.delete(record.path);
  if (record.nature !== undefined && !record.natureOld)
    state.natures.keep(record.name, record.nature);
}

/** Judgements that follow from what the unit is. */
export function judgedByNature(declared: boolean, nature: Nature | undefined): Values {
  if (nature === undefined) return {};
  const { oneshot, remains, requiredBy, needs, startsAfter } = nature;
  const mustRun = declared && remains;
  return { oneshot, mustRun, requiredBy: requiredBy.join(' ') || null, needs, startsAfter };
}

/** The readings of one unit: itself, and its timer. */
export const readingsOf = (record: UnitRecord, at?: Value | null): ResourceReading[] => [
  {
    kind: systemdUnit.name,
    id: record.name,
    attributes: record.attributes,
    ...(typeof at === 'number' && { at }),
  },
  ...(record.timer === undefined
    ? []
    : [timerReading(record.name, record.attributes, record.timer)]),
];

export const refsOf = (record: UnitRecord): ResourceRef[] => [
  { kind: systemdUnit.name, id: record.name },
  ...(record.timer === undefined ? [] : [{ kind: systemdTimer.name, id: record.name }]),
];

/** Puts the values into the record; true when any of them is new. */
export function put(record: UnitRecord, values: Values): boolean {
  for (const name in values)
    if (record.attributes[name] !== values[name]) {
      record.attributes = { ...record.attributes, ...values };
      return true;
    }
  return false;
}

/** All that is known, as one reading. Units without a known state are left out. */
export const snapshot = (state: State): ResourceReading[] => [
  { kind: systemdManager.name, id: 'system', attributes: state.manager },
  ...[...state.units.values()]
    .filter((record) => record.attributes.activeState !== undefined)
    .flatMap((record) => readingsOf(record, record.attributes.stateChangeAt)),
  ...state.runs.list(),
];
