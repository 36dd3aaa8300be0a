/**
 * Runs of oneshot, transient and timer-activated services as tasks: kept when the unit is
 * unloaded, so that a failed backup stays visible until it succeeds.
 */
import { type ResourceReading, reading } from '../../domain/reading.ts';
import { days, type EpochMs, hours } from '../../domain/time.ts';
import { taskRun } from '../tasks/kinds.ts';
import { isAutoRestart, type Values } from './transition.ts';

// The oldest completed runs go first, then the oldest failed ones. 400 bytes each.
export const runsMax = 1024;
// A run is stuck when it takes this many times the longest run seen before.
const stuckFactor = 3;

interface Run {
  readonly reading: ResourceReading;
  readonly invocation: string;
  readonly state: 'running' | 'completed' | 'failed';
  readonly startedAt: EpochMs | null;
  /** Longest completed run so far, in milliseconds; 0 when none was seen. */
  readonly longest: number;
}

export interface Runs {
  /** The run that this state of the unit belongs to; undefined when nothing is new. */
  observe(unit: string, after: Values, beganAt: EpochMs | null): ResourceReading | undefined;
  /**
   * A run of which the journal told afterwards. When a later one is known, that one stays the
   * latest, and is told again after the late one.
   */
  observeLate(unit: string, after: Values): readonly ResourceReading[];
  list(): readonly ResourceReading[];
  /** Names of runs that were dropped for want of room since the last call. */
  takeDropped(): readonly string[];
}

export const jobName = (unit: string): string => unit.replace(/\.service$/, '');

type State = Run['state'];

/** What the unit's state says of the run; undefined when it says nothing. */
function stateOf(after: Values, wasRunning: boolean): State | undefined {
  const { activeState, subState, result, execMainCode, execMainStatus } = after;
  const bad = result !== 'success' && result !== null && result !== undefined;
  if (activeState === 'failed' || isAutoRestart(subState)) return bad ? 'failed' : undefined;
  if (activeState === 'activating' || activeState === 'deactivating') return 'running';
  if (activeState === 'active' || activeState === 'reloading')
    return subState === 'exited' ? 'completed' : 'running';
  if (activeState !== 'inactive' || result === 'exec-condition') return undefined;
  if (bad) return 'failed';
  // A unit on its way to a new run is inactive with a new invocation and no end of a process; one
  // whose failure was reset has the old status.
  return wasRunning || (execMainCode === 'exited' && execMainStatus === 0)
    ? 'completed'
    : undefined;
}

/** Within one run: a failure stays one (reset-failed), an end is no new beginning. */
const goesOn = (from: State, to: State): boolean =>
  from === 'running' ? to !== 'running' : from === 'completed' && to === 'failed';

const numberOr = <T>(value: unknown, other: T): number | T =>
  typeof value === 'number' ? value : other;

function whyOf(after: Values): string | null {
  const { execMainCode, execMainStatus, result } = after;
  if (execMainCode === 'exited' && execMainStatus !== 0) return `exit status ${execMainStatus}`;
  if (execMainCode === 'killed' || execMainCode === 'dumped')
    return `${execMainCode} by signal ${execMainStatus} (${result})`;
  return typeof result === 'string' && result !== 'success' ? result : null;
}

function readingOf(
  unit: string,
  after: Values,
  run: Omit<Run, 'reading'>,
  endedAt: EpochMs | null,
): ResourceReading {
  const { state, startedAt, longest } = run;
  const took = endedAt !== null && startedAt !== null ? Math.max(0, endedAt - startedAt) : null;
  const room = longest > 0 ? Math.max(hours(1), longest * stuckFactor) : days(1);
  return reading(
    taskRun,
    jobName(unit),
    {
      state,
      startedAt,
      endedAt,
      durationSeconds: took === null ? null : took / 1000,
      progress: null,
      exitStatus: after.execMainCode === 'exited' ? numberOr(after.execMainStatus, null) : null,
      message: state === 'failed' ? whyOf(after) : null,
      source: 'systemd',
      unit,
      stuckAt: state === 'running' && startedAt !== null ? startedAt + room : null,
    },
    endedAt ?? startedAt ?? undefined,
  );
}

/** Instant of the latest thing known of a run. */
const latestOf = ({ reading }: Run): EpochMs => reading.at ?? 0;

export function createRuns(): Runs {
  const runs = new Map<string, Run>();
  let dropped: string[] = [];

  const makeRoom = (): void => {
    if (runs.size <= runsMax) return;
    const oldest = (state: State): string | undefined =>
      [...runs].find(([, run]) => run.state === state)?.[0];
    const name = oldest('completed') ?? oldest('failed');
    if (name !== undefined && runs.delete(name)) dropped.push(jobName(name));
  };

  const observe: Runs['observe'] = (unit, after, beganAt) => {
    const invocation = after.invocationId;
    // A unit that was loaded anew forgets its last run; what was seen of it holds.
    if (typeof invocation !== 'string') return undefined;
    const known = runs.get(unit);
    const same = known?.invocation === invocation;
    const state = stateOf(after, same && known.state === 'running');
    if (state === undefined || (same && !goesOn(known.state, state))) return undefined;
    const startedAt = beganAt ?? (same ? known.startedAt : null);
    const endedAt = state === 'running' ? null : numberOr(after.stateChangeAt, null);
    const took = endedAt !== null && startedAt !== null ? endedAt - startedAt : 0;
    const longest = Math.max(known?.longest ?? 0, state === 'completed' ? took : 0);
    const run = { invocation, state, startedAt, longest };
    const told = readingOf(unit, after, run, endedAt);
    runs.delete(unit);
    runs.set(unit, { ...run, reading: told });
    makeRoom();
    return told;
  };

  return {
    observe,
    observeLate: (unit, after) => {
      const known = runs.get(unit);
      if (known === undefined || latestOf(known) < numberOr(after.stateChangeAt, 0)) {
        const told = observe(unit, after, null);
        return told === undefined ? [] : [told];
      }
      if (known.invocation === after.invocationId || typeof after.invocationId !== 'string')
        return [];
      const late = { invocation: after.invocationId, startedAt: null, longest: 0 };
      const state = stateOf(after, true);
      if (state === undefined) return [];
      const told = readingOf(unit, after, { ...late, state }, numberOr(after.stateChangeAt, null));
      return [told, known.reading];
    },
    list: () => [...runs.values()].map((run) => run.reading),
    takeDropped: () => {
      const names = dropped;
      if (names.length > 0) dropped = [];
      return names;
    },
  };
}
