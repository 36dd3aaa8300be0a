/** What systemd answers: the listing of its units, and all properties of one. */
import type { Event, Value } from '../../domain/reading.ts';
import type { BusValue } from '../../platform/system-bus.ts';
import { changeUsecOf, factsOf, listOf, type Properties, textOf } from './facts.ts';
import { typeOf } from './names.ts';
import { type Nature, natureOf } from './nature.ts';
import { applyRemoved, putUnloaded } from './signals.ts';
import { judgedByNature, put, readingsOf, recordOf, type State, type UnitRecord } from './state.ts';
import { release, step, tellRun } from './step.ts';
import type { TimeNow } from './timers.ts';

interface Row {
  readonly name: string;
  readonly description: string;
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
}

/** A row of ListUnits, `ssssssouso`. */
function rowOf(value: BusValue): Row {
  const [name, description, loadState, activeState, subState] = listOf(value).map(textOf);
  return {
    name: name ?? '',
    description: description ?? '',
    loadState: loadState ?? '',
    activeState: activeState ?? '',
    subState: subState ?? '',
  };
}

const differs = (record: UnitRecord, row: Row): boolean =>
  record.attributes.activeState !== row.activeState ||
  record.attributes.subState !== row.subState ||
  record.attributes.loadState !== row.loadState;

/**
 * ListUnits: all units that are loaded. `mark` is the count of signals when it was asked: a unit
 * that was signalled since is known better than the listing knows it.
 */
export function applyListing(state: State, rows: readonly BusValue[], mark: number): void {
  const listed = new Set<string>();
  const isFirst = !state.listed;
  state.fresh.clear();
  for (const value of rows) {
    const row = rowOf(value);
    listed.add(row.name);
    const isNew = !state.units.has(row.name);
    const record = recordOf(state, row.name);
    if (record === undefined || record.touched > mark) continue;
    if (isNew || record.attributes.activeState === undefined) take(state, record, row, isFirst);
    else if (differs(record, row)) ask(state, record, row);
    else if (record.watched && record.detail === 'none' && row.loadState !== 'not-found')
      ask(state, record, row, false);
    else if (record.attributes.description !== row.description)
      put(record, { description: row.description });
  }
  for (const record of state.units.values()) {
    if (listed.has(record.name) || record.touched > mark || record.unloaded) continue;
    if (record.attributes.activeState !== 'inactive') state.told.recovered += 1;
    applyRemoved(state, record.name);
  }
  for (const name of state.watching.declared) askDeclared(state, name, listed);
  state.listed = true;
}

/** A declared unit that is not loaded. One question loads it: its nature is needed, once. */
function askDeclared(state: State, name: string, listed: ReadonlySet<string>): void {
  if (listed.has(name)) return;
  const record = recordOf(state, name);
  if (record === undefined || record.attributes.activeState !== undefined) return;
  putUnloaded(state, record, false);
  record.detail = 'asked';
  state.told.wants.push({ type: 'detail', name, unannounced: false });
}

/** A unit that is seen for the first time. */
function take(state: State, record: UnitRecord, row: Row, isFirst: boolean): void {
  const { description, loadState, activeState, subState } = row;
  put(record, { description, loadState, present: loadState !== 'not-found' });
  if (!isFirst && activeState === 'failed') state.told.recovered += 1;
  if (record.watched && loadState !== 'not-found') {
    // Its state is told with the time since when it holds, which only the answer knows.
    if (activeState === 'inactive' || activeState === 'active') {
      put(record, { activeState, subState });
      // The first look ends with a reading of everything.
      if (!isFirst) state.told.resources.push(...readingsOf(record));
    }
    record.detail = 'asked';
    state.told.wants.push({ type: 'detail', name: record.name, unannounced: false });
    return;
  }
  put(record, { activeState, subState, restarting: false, wanted: record.declared });
  state.told.resources.push(...readingsOf(record));
}

/** Perhaps something happened that no signal told of: a question finds out what, and since when. */
function ask(state: State, record: UnitRecord, row: Row, unannounced = true): void {
  if (record.watched) {
    record.detail = 'asked';
    state.told.wants.push({ type: 'detail', name: record.name, unannounced });
    return;
  }
  const { loadState, activeState, subState } = row;
  put(record, { loadState, activeState, subState });
  state.told.resources.push(...readingsOf(record));
}

/** Facts that no signal brings, and that an older answer may still bring. */
const unsignalled = [
  'unitFileState',
  'needDaemonReload',
  'memoryBytes',
  'cpuSeconds',
  'tasks',
  'description',
] as const;

/** GetAll of one unit. `unannounced`: asked because a listing differed from what is known. */
export function applyDetail(
  state: State,
  name: string,
  properties: Properties,
  unannounced: boolean,
  time: TimeNow,
): void {
  const record = state.units.get(name);
  const nature = natureOf(typeOf(name), properties);
  tellDeparted(state, name, nature);
  if (record === undefined) {
    state.natures.keep(name, nature);
    return;
  }
  record.detail = 'known';
  record.nature = nature;
  record.natureOld = false;
  const usec = changeUsecOf(properties) ?? 0;
  put(record, { present: properties.LoadState !== 'not-found' });
  if (usec >= record.changeUsec) {
    const isKnown = record.changeUsec > 0;
    if (unannounced && (usec > record.changeUsec || !isKnown)) state.told.recovered += 1;
    step(state, record, properties, { foundBy: 'reconciliation', settled: true }, time);
    return;
  }
  // Overtaken by a signal, or loaded anew and without memory: only what is not of the state.
  const facts = factsOf(properties);
  const values: Record<string, Value | null> = {};
  for (const name of unsignalled) values[name] = facts[name] ?? null;
  const loadState = facts.loadState ?? null;
  if (loadState !== 'not-found') values.loadState = loadState;
  if (put(record, { ...values, ...judgedByNature(record.declared, nature) }))
    state.told.resources.push(...readingsOf(record));
  if (nature.task) tellRun(state, record);
}

/** A unit that ended and went before it was known to be a task: its run is told now. */
function tellDeparted(state: State, name: string, nature: Nature): void {
  const departed = state.departed.get(name);
  state.departed.delete(name);
  if (departed === undefined || !nature.task) return;
  const run = state.runs.observe(name, departed.attributes, departed.beganAt);
  if (run !== undefined) state.told.resources.push(run);
}

/** The look after a failure: still failed means that systemd does not start it again. */
export function applyConfirmation(state: State, name: string, usec: number): void {
  const record = state.units.get(name);
  if (record === undefined || record.changeUsec !== usec) return;
  if (record.attributes.activeState !== 'failed') return;
  release(state, record, false);
  if (put(record, { restarting: false }))
    state.told.resources.push(...readingsOf(record, record.attributes.stateChangeAt));
}

export function applyFileState(state: State, name: string, exists: boolean): void {
  const record = state.units.get(name);
  if (record?.unloaded === true) putUnloaded(state, record, !exists);
}

/** The answer to `blame`: the event can be told, and the unit knows whom it waits for. */
export function applyBlame(
  state: State,
  name: string,
  event: Event,
  blockedBy: string | null,
): void {
  state.told.events.push({ ...event, attributes: { ...event.attributes, blockedBy } });
  const record = state.units.get(name);
  if (record?.attributes.jobResult !== 'dependency') return;
  if (put(record, { blockedBy })) state.told.resources.push(...readingsOf(record));
}

/** Units whose unsignalled facts (memory, enablement) are read anew at each look. */
const refreshPerLookMax = 64;

/** Asks again for what is never signalled: of declared units and timers, or of the next in turn. */
export function refresh(state: State, which: 'declared' | 'slice'): void {
  if (state.reloading) return;
  if (which === 'slice' && state.turn.length === 0)
    state.turn = [...state.units.values()].filter((unit) => unit.watched).map(({ name }) => name);
  const names =
    which === 'slice'
      ? state.turn.splice(0, refreshPerLookMax)
      : [...state.units.values()]
          .filter((unit) => unit.declared || (unit.watched && unit.timer !== undefined))
          .map(({ name }) => name);
  for (const name of names) {
    const unloaded = state.units.get(name)?.unloaded;
    if (unloaded === true) state.told.wants.push({ type: 'file-state', name });
    else if (unloaded === false)
      state.told.wants.push({ type: 'detail', name, unannounced: false });
  }
}
