/** What systemd announces. Never asks anything because of UnitNew: asking would load the unit. */
import type { Event } from '../../domain/reading.ts';
import { type Facts, factsOf, type Properties } from './facts.ts';
import { unitInterface } from './names.ts';
import {
  forget,
  put,
  readingsOf,
  recordAt,
  recordOf,
  refsOf,
  rememberCounted,
  rememberDeparted,
  rememberJob,
  type State,
  type UnitRecord,
} from './state.ts';
import { release, step } from './step.ts';
import { foldTimer, type TimeNow } from './timers.ts';

/**
 * PropertiesChanged of a unit. systemd sends the type's interface first and the unit's own right
 * after it, so that clients can take both as one (send_changed_signal in src/core/dbus-unit.c).
 */
export function applySignal(
  state: State,
  signal: { readonly path: string; readonly interface: string; readonly properties: Properties },
  time: TimeNow,
): void {
  const record = recordAt(state, signal.path);
  // While systemd reads its files anew it announces every unit; the listing that follows tells.
  if (record === undefined || state.reloading) return;
  state.signals += 1;
  record.touched = state.signals;
  if (signal.interface !== unitInterface) {
    const facts: Facts = factsOf(signal.properties);
    record.held = { ...record.held, ...facts };
    if (record.timer !== undefined) record.timer = foldTimer(record.timer, signal.properties, time);
    return;
  }
  state.fresh.delete(record.name);
  step(state, record, signal.properties, { foundBy: 'signal', settled: false }, time);
  askWhatItIs(state, record);
}

/** A unit that does something is held loaded by what it does: one question loads nothing. */
function askWhatItIs(state: State, record: UnitRecord): void {
  const idle = record.attributes.activeState === 'inactive';
  if (!record.watched || record.detail !== 'none' || idle || state.reloading) return;
  record.detail = 'asked';
  state.told.wants.push({ type: 'detail', name: record.name, unannounced: false });
}

/** A unit is in memory. Asked is nothing: a question would load and drop it, again and again. */
export function applyNew(state: State, name: string): void {
  const known = state.units.get(name);
  if (state.reloading || (known !== undefined && !known.unloaded)) return;
  if (state.watching.watched(name)) state.fresh.add(name);
}

/** A unit was dropped from memory: gone, unless it must exist, or another's failure blocks it. */
export function applyRemoved(state: State, name: string): void {
  const record = state.units.get(name);
  state.fresh.delete(name);
  if (record === undefined || state.reloading || record.unloaded) return;
  state.signals += 1;
  settle(state, record);
  if (record.detail === 'asked') rememberDeparted(state, name, record);
  const blocked = record.watched && record.attributes.jobResult === 'dependency';
  if (!record.declared && !blocked) {
    forget(state, record);
    state.told.gone.push(...refsOf(record));
    return;
  }
  putUnloaded(state, record, record.attributes.loadState === 'not-found');
  state.told.wants.push({ type: 'file-state', name });
}

/** A failed unit that is collected at once is not started again: its failure was final. */
function settle(state: State, record: UnitRecord): void {
  release(state, record, false);
  const { activeState, restarting, stateChangeAt } = record.attributes;
  if (activeState !== 'failed' || restarting !== true) return;
  put(record, { restarting: false });
  state.told.resources.push(...readingsOf(record, stateChangeAt));
}

/** What can be said of a unit that is not loaded, without loading it. */
export function putUnloaded(state: State, record: UnitRecord, missing: boolean): void {
  record.touched = state.signals;
  record.unloaded = true;
  record.changeUsec = 0;
  record.detail = 'none';
  record.held = {};
  const { jobResult, blockedBy } = record.attributes;
  const news = put(record, {
    activeState: 'inactive',
    subState: 'dead',
    loadState: missing ? 'not-found' : 'loaded',
    present: !missing,
    wanted: record.declared,
    restarting: false,
    gaveUp: false,
    jobResult: jobResult ?? null,
    blockedBy: blockedBy ?? null,
  });
  if (news) state.told.resources.push(...readingsOf(record));
}

/** Ends of jobs that are worth an event; `canceled` and `skipped` are somebody's wish. */
const badResults: ReadonlySet<string> = new Set([
  'failed',
  'dependency',
  'timeout',
  'assert',
  'unsupported',
  'invalid',
]);

/** Name of a job among the runs that have been told: the journal tells of both once more. */
export const jobRun = (id: number | string): string => `job ${id}`;

export function applyJobRemoved(
  state: State,
  job: { readonly id: number; readonly unit: string; readonly result: string },
  bootId: string,
  time: TimeNow,
): void {
  const bad = badResults.has(job.result);
  state.failedJobs.delete(job.unit);
  if (bad) rememberJob(state, job.unit, job.result);
  const record = bad ? recordOf(state, job.unit) : state.units.get(job.unit);
  if (record === undefined || !record.watched) return;
  const news = put(record, { jobResult: bad ? job.result : null, blockedBy: null });
  if (record.attributes.activeState === undefined) putUnloaded(state, record, false);
  else if (news) state.told.resources.push(...readingsOf(record));
  if (!bad) return;
  const event: Event = {
    event: 'job-failed',
    kind: 'systemd.unit',
    id: job.unit,
    at: time.now,
    foundBy: 'signal',
    attributes: { jobResult: job.result, blockedBy: null },
    key: `${job.id}@${bootId}`,
  };
  rememberCounted(state, jobRun(job.id));
  if (job.result === 'dependency') state.told.wants.push({ type: 'blame', name: job.unit, event });
  else state.told.events.push(event);
}

/** systemd reads its files anew: nothing that a file says is certain any more. */
export function applyReloading(state: State, reloading: boolean): void {
  state.reloading = reloading;
  state.natures.forget();
  for (const record of state.units.values()) record.natureOld = true;
}

/** Nothing more will be heard: what waited for a word is told as it is known. */
export function applyLost(state: State): void {
  state.reloading = false;
  for (const record of state.units.values()) {
    release(state, record, false);
    // Asked for anew after the next listing: the word on its failure may have been lost.
    if (record.attributes.restarting === true) record.detail = 'none';
  }
}
