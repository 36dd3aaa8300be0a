/**
 * Runs of oneshot, transient and timer-activated services as tasks: kept when the unit is
 * unloaded, so that a failed backup stays visible until it succeeds.
 */
import { type ResourceReading, reading } from '../../domain/reading.ts';
import { stuckAfter, usualDuration, withTook } from '../../domain/task.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import { taskRun } from '../tasks/kinds.ts';
import { isAutoRestart, type Values } from './transition.ts';

// The oldest completed runs go first, then the oldest failed ones. 400 bytes each.
export const runsMax = 1024;

/** What is known of earlier runs of the job. */
interface Past {
  /** How long the last successful runs took, oldest first. */
  readonly took: readonly Ms[];
  readonly lastSuccessAt: EpochMs | null;
}

const noPast: Past = { took: [], lastSuccessAt: null };

interface Run extends Past {
  readonly reading: ResourceReading;
  readonly invocation: string;
  readonly state: 'running' | 'completed' | 'failed';
  readonly startedAt: EpochMs | null;
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
  /** What has to survive a restart, where a run has ended since the last call. */
  takeMemory(): string | undefined;
  /** Takes it in again; what has been seen since counts for more. */
  restore(memory: string, isWatched: (unit: string) => boolean): void;
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
  const { state, startedAt, took: before, lastSuccessAt } = run;
  const took = endedAt !== null && startedAt !== null ? Math.max(0, endedAt - startedAt) : null;
  const usual = usualDuration(before);
  return reading(
    taskRun,
    jobName(unit),
    {
      state,
      runId: run.invocation,
      startedAt,
      endedAt,
      usualSeconds: usual === null ? null : usual / 1000,
      lastSuccessAt,
      lastReportAt: null,
      silentAt: null,
      durationSeconds: took === null ? null : took / 1000,
      progress: null,
      exitStatus: after.execMainCode === 'exited' ? numberOr(after.execMainStatus, null) : null,
      message: state === 'failed' ? whyOf(after) : null,
      source: 'systemd',
      unit,
      stuckAt: state === 'running' && startedAt !== null ? startedAt + stuckAfter(before) : null,
    },
    endedAt ?? startedAt ?? undefined,
  );
}

/** Instant of the latest thing known of a run. */
const latestOf = ({ reading }: Run): EpochMs => reading.at ?? 0;

/** Jobs whose past is kept over restarts: those that ran last. 150 bytes each. */
const keptMax = 256;
/** Failed runs that are kept over restarts: their units may be gone by then. 600 bytes each. */
const keptFailedMax = 64;

/** The past of the job with this end of a run in it. */
function pastWith(
  before: Past,
  state: State,
  startedAt: number | null,
  endedAt: number | null,
): Past {
  if (state !== 'completed' || endedAt === null) return before;
  return {
    took: startedAt === null ? before.took : withTook(before.took, endedAt - startedAt),
    lastSuccessAt: Math.max(before.lastSuccessAt ?? endedAt, endedAt),
  };
}

/** As it is written: the failed runs whole, of the others what their job's past is made of. */
interface Memory {
  readonly past: Readonly<Record<string, Past>>;
  readonly failed: Readonly<Record<string, Run>>;
}

function memoryOf(runs: ReadonlyMap<string, Run>, pasts: ReadonlyMap<string, Past>): Memory {
  const failed = [...runs].filter(([, { state }]) => state === 'failed').slice(-keptFailedMax);
  return {
    past: Object.fromEntries([...pasts].slice(-keptMax)),
    failed: Object.fromEntries(failed),
  };
}

/** The run that is forgotten for want of room; undefined while there is some. */
function oldestOf(runs: ReadonlyMap<string, Run>): string | undefined {
  if (runs.size <= runsMax) return undefined;
  const oldest = (state: State): string | undefined =>
    [...runs].find(([, run]) => run.state === state)?.[0];
  return oldest('completed') ?? oldest('failed');
}

/** A run that the journal tells of after a later one is known: both, the later one last. */
function readLate(unit: string, after: Values, known: Run): readonly ResourceReading[] {
  const { invocationId } = after;
  if (known.invocation === invocationId || typeof invocationId !== 'string') return [];
  const state = stateOf(after, true);
  if (state === undefined) return [];
  const late = { invocation: invocationId, startedAt: null, state, ...noPast };
  return [readingOf(unit, after, late, numberOr(after.stateChangeAt, null)), known.reading];
}

/** Puts it last, where what is new stands; the first is forgotten beyond the limit. */
function putLast<V>(map: Map<string, V>, name: string, value: V, most: number): void {
  map.delete(name);
  map.set(name, value);
  const first = map.size > most ? map.keys().next().value : undefined;
  if (first !== undefined) map.delete(first);
}

export function createRuns(): Runs {
  const runs = new Map<string, Run>();
  const pasts = new Map<string, Past>();
  let dropped: string[] = [];
  let hasNews = false;

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
    const past = pastWith(pasts.get(unit) ?? noPast, state, startedAt, endedAt);
    const run = { invocation, state, startedAt, ...past };
    const told = readingOf(unit, after, run, endedAt);
    if (state === 'completed') putLast(pasts, unit, past, runsMax);
    hasNews ||= state !== 'running';
    putLast(runs, unit, { ...run, reading: told }, Infinity);
    const oldest = oldestOf(runs);
    if (oldest !== undefined && runs.delete(oldest)) dropped.push(jobName(oldest));
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
      return readLate(unit, after, known);
    },
    list: () => [...runs.values()].map((run) => run.reading),
    takeDropped: () => {
      const names = dropped;
      if (names.length > 0) dropped = [];
      return names;
    },
    takeMemory: () => {
      if (!hasNews) return undefined;
      hasNews = false;
      return JSON.stringify(memoryOf(runs, pasts));
    },
    restore: (memory, isWatched) => {
      const { past, failed } = JSON.parse(memory) as Memory;
      for (const [unit, one] of Object.entries(past)) if (!pasts.has(unit)) pasts.set(unit, one);
      for (const [unit, run] of Object.entries(failed))
        if (!runs.has(unit) && isWatched(unit)) runs.set(unit, run);
    },
  };
}
