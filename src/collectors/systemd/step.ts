/** One unit takes one step: its record, what is told of it, and what has to be asked. */
import type { FoundBy, Value } from '../../domain/reading.ts';
import { changeUsecOf, factsOf, type Properties, runBeganAt } from './facts.ts';
import type { Nature } from './nature.ts';
import {
  judgedByNature,
  put,
  readingsOf,
  rememberCounted,
  type State,
  type UnitRecord,
} from './state.ts';
import { foldTimer, type TimeNow } from './timers.ts';
import { interpret, isAutoRestart, type Meaning, type Values, withRestart } from './transition.ts';

export interface Look {
  readonly foundBy: FoundBy;
  /** An answer, not a signal: what is failed in it is at rest. */
  readonly settled: boolean;
}

const knownNature = (record: UnitRecord): Nature | undefined =>
  record.natureOld ? undefined : record.nature;

/** Tells the events of a failure that waited for the word whether systemd restarts the unit. */
export function release(state: State, record: UnitRecord, willRestart: boolean): void {
  state.told.events.push(...record.waiting.map((event) => withRestart(event, willRestart)));
  record.waiting = [];
}

function tellEvents(state: State, record: UnitRecord, meaning: Meaning, after: Values): void {
  const auto = isAutoRestart(after.subState);
  const settles = auto || (after.activeState !== 'failed' && record.waiting.length > 0);
  if (settles) release(state, record, auto);
  if (meaning.open) record.waiting = [...record.waiting, ...meaning.events];
  else
    state.told.events.push(
      ...meaning.events.map((event) => withRestart(event, meaning.restarting)),
    );
}

/** A job that did not succeed is history once the unit runs. */
function judgements(state: State, record: UnitRecord, meaning: Meaning, after: Values): Values {
  const runs = after.activeState === 'active' || after.activeState === 'activating';
  const { jobResult, blockedBy } = record.attributes;
  return {
    restarting: meaning.restarting,
    gaveUp: meaning.gaveUp,
    jobResult: runs ? null : (jobResult ?? null),
    blockedBy: runs ? null : (blockedBy ?? null),
    wanted: isWanted(state, record),
  };
}

/** The settings name it, or a unit that runs needs it. */
const isWanted = (state: State, record: UnitRecord): boolean =>
  record.declared ||
  (record.nature?.requiredBy ?? []).some((name) => {
    const needs = state.units.get(name)?.attributes.activeState;
    return needs === 'active' || needs === 'activating';
  });

/**
 * Folds what a message says of a unit into its record. A message that is older than what is known
 * (an answer that was overtaken by a signal) brings nothing but what never is signalled.
 */
export function step(
  state: State,
  record: UnitRecord,
  properties: Properties,
  look: Look,
  time: TimeNow,
): void {
  const usec = changeUsecOf(properties) ?? record.changeUsec;
  const facts: Record<string, Value | null> = { ...record.held, ...factsOf(properties) };
  record.held = {};
  record.unloaded &&= look.settled;
  const before = record.attributes;
  const beforeUsec = record.changeUsec;
  const after: Values = { ...before, ...facts };
  const began = runBeganAt(properties);
  if (began !== undefined) record.beganAt = began;
  record.changeUsec = usec;
  const meaning = interpret({
    unit: {
      name: record.name,
      type: record.type,
      nature: knownNature(record),
      countedRun: record.countedRun,
    },
    before,
    after,
    beforeUsec,
    usec,
    settled: look.settled,
    foundBy: look.foundBy,
    now: time.now,
  });
  if (record.watched) {
    tellEvents(state, record, meaning, after);
    if (meaning.failedRun !== null) count(state, record, meaning.failedRun);
    if (meaning.open) state.told.wants.push({ type: 'confirm', name: record.name, usec });
  }
  finish(state, record, properties, { before, after, facts, meaning, time });
}

/**
 * Before systemd starts a failed unit again it clears the result and names the new run, and says
 * so while the unit still is failed (seen with 252). Until it has left that state, what is shown
 * is the run that failed: nothing is "failed (success)".
 */
function shown(before: Values, facts: Values): Values {
  const startsAgain =
    before.activeState === 'failed' &&
    (facts.activeState ?? 'failed') === 'failed' &&
    facts.result === 'success';
  const { result = null, invocationId = null } = before;
  return startsAgain ? { ...facts, result, invocationId } : facts;
}

function count(state: State, record: UnitRecord, run: string): void {
  record.countedRun = run;
  rememberCounted(state, run);
}

interface Taken {
  readonly before: Values;
  readonly after: Values;
  readonly facts: Values;
  readonly meaning: Meaning;
  readonly time: TimeNow;
}

function finish(state: State, record: UnitRecord, properties: Properties, taken: Taken): void {
  const { after, facts, meaning, before } = taken;
  const judged = record.watched ? judgements(state, record, meaning, after) : { restarting: false };
  const byNature = judgedByNature(record.declared, record.nature);
  const news = put(record, { ...shown(before, facts), ...byNature, ...judged });
  const timer = record.timer;
  if (timer !== undefined) record.timer = foldTimer(timer, properties, taken.time);
  // The moment belongs to the state: news of other facts have the time at which they were read.
  const moved = before.stateChangeAt !== record.attributes.stateChangeAt;
  const at = moved || after.activeState === 'failed' ? after.stateChangeAt : undefined;
  if (news || record.timer !== record.timerTold)
    state.told.resources.push(...readingsOf(record, at));
  record.timerTold = record.timer;
  if (record.watched && record.nature?.task === true) tellRun(state, record);
}

export function tellRun(state: State, record: UnitRecord): void {
  const run = state.runs.observe(record.name, record.attributes, record.beganAt);
  if (run !== undefined) state.told.resources.push(run);
}
