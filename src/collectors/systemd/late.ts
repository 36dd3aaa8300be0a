/**
 * What the journal tells of units: failures that no signal announced, because tocsin was down,
 * the bus was lost, or the unit was collected at once. Pure.
 */
import type { Event, Value } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { JournalRecord } from '../../platform/journal.ts';
import { systemdUnit } from './kinds.ts';
import { jobRun } from './signals.ts';
import {
  isCounted,
  put,
  readingsOf,
  recordOf,
  rememberCounted,
  rememberDeparted,
  rememberJob,
  type State,
} from './state.ts';
import type { Values } from './transition.ts';

/** Message ids of systemd (systemd/sd-messages.h). */
export const messages = {
  failed: 'd9b373ed55a64feb8242e02dbe79a49c',
  jobFailed: 'be02cf6855d2428ba40df7e9d022f03d',
  processEnded: '98e322203f7a4ed290d09fe03c09fe15',
  restartScheduled: '5eb03494b6584870a536b337290809b3',
  succeeded: '7ad2d189f7e94e70a38c781354912448',
  outOfMemory: 'fe6faa94e7774663a0da52717891d8ef',
} as const;

export const messageIds: readonly string[] = Object.values(messages);

/** Something that the journal says of one unit. */
export interface Late {
  readonly type: 'failed' | 'succeeded' | 'out-of-memory' | 'dependency';
  readonly unit: string;
  readonly at: EpochMs;
  readonly invocation: string | null;
  readonly values: Values;
  /** For `failed`: systemd started it again. */
  restarted: boolean;
  /** For `dependency`: job and boot. */
  readonly job: string;
  readonly bootId: string;
}

const exitWords: Readonly<Record<string, string>> = {
  exited: 'exited',
  killed: 'killed',
  dumped: 'dumped',
};

const typeOfRecord = (fields: JournalRecord['fields']): Late['type'] | undefined => {
  if (fields.MESSAGE_ID === messages.failed) return 'failed';
  if (fields.MESSAGE_ID === messages.succeeded) return 'succeeded';
  if (fields.MESSAGE_ID === messages.outOfMemory) return 'out-of-memory';
  const isDependency =
    fields.MESSAGE_ID === messages.jobFailed && fields.JOB_RESULT === 'dependency';
  return isDependency ? 'dependency' : undefined;
};

function lateOf(record: JournalRecord, ended: Values): Late | undefined {
  const { fields, at } = record;
  const type = typeOfRecord(fields);
  const unit = fields.UNIT;
  if (type === undefined || unit === undefined) return undefined;
  const invocation = fields.INVOCATION_ID ?? null;
  const state = type === 'failed' ? 'failed' : 'inactive';
  const values: Values = {
    activeState: state,
    subState: type === 'failed' ? 'failed' : 'dead',
    result: type === 'succeeded' ? 'success' : (fields.UNIT_RESULT ?? null),
    execMainCode: type === 'succeeded' ? 'exited' : null,
    execMainStatus: type === 'succeeded' ? 0 : null,
    ...ended,
    invocationId: invocation,
    stateChangeAt: at,
  };
  const job = fields.JOB_ID ?? '0';
  return { type, unit, at, invocation, values, restarted: false, job, bootId: record.bootId };
}

/** Records, oldest first, to what they say. A failure that was followed by a restart knows it. */
export function readLate(records: readonly JournalRecord[]): readonly Late[] {
  const found: Late[] = [];
  const latest = new Map<string, Late>();
  const ended = new Map<string, Values>();
  for (const record of records) {
    const { fields } = record;
    const unit = fields.UNIT;
    if (unit === undefined) continue;
    if (fields.MESSAGE_ID === messages.processEnded) {
      const execMainCode = exitWords[fields.EXIT_CODE ?? ''] ?? null;
      const status = Number.parseInt(fields.EXIT_STATUS ?? '', 10);
      ended.set(unit, { execMainCode, execMainStatus: Number.isNaN(status) ? null : status });
    } else if (fields.MESSAGE_ID === messages.restartScheduled) {
      const failure = latest.get(unit);
      if (failure !== undefined) failure.restarted = true;
    } else {
      const late = lateOf(record, ended.get(unit) ?? {});
      ended.delete(unit);
      if (late === undefined) continue;
      found.push(late);
      if (late.type === 'failed') latest.set(unit, late);
    }
  }
  return found;
}

const eventOf = (late: Late, event: string, key: string, more: Values): Event => ({
  event,
  kind: systemdUnit.name,
  id: late.unit,
  at: late.at,
  foundBy: 'journal',
  attributes: { ...more },
  key,
});

const runFacts = ({ values, invocation }: Late): Record<string, Value | null> => ({
  result: values.result ?? null,
  execMainCode: values.execMainCode ?? null,
  execMainStatus: values.execMainStatus ?? null,
  invocationId: invocation,
});

export interface LateMode {
  /** The journal is read behind: what it says of restarts is complete. */
  readonly catchingUp: boolean;
  /** It was told before tocsin was started anew. */
  readonly wasTold: (event: Event) => boolean;
  readonly bootId: string;
}

/** Takes in what the journal says, where no signal has said it. */
export function applyLate(state: State, late: Late, mode: LateMode): void {
  if (!state.watching.watched(late.unit)) return;
  if (late.type === 'dependency') applyDependency(state, late, mode);
  else if (late.type === 'out-of-memory') {
    const key = late.invocation ?? `t${late.at}`;
    const facts = { ...runFacts(late), result: 'oom-kill' };
    const killed = eventOf(late, 'oom-killed', key, facts);
    if (!mode.wasTold(killed)) state.told.events.push(killed);
  } else if (late.type === 'succeeded') tellRun(state, late);
  else applyFailure(state, late, mode);
}

function applyFailure(state: State, late: Late, mode: LateMode): void {
  const run = late.invocation ?? `t${late.at}`;
  if (isCounted(state, run)) return;
  rememberCounted(state, run);
  if (!mode.catchingUp) state.told.recovered += 1;
  const record = state.units.get(late.unit);
  if (record !== undefined) record.countedRun = run;
  const loaded = record !== undefined && !record.unloaded;
  const nature = record?.nature ?? state.natures.find(late.unit);
  // Live, a restart may still follow; behind, the journal would have told of it.
  const stayed = mode.catchingUp
    ? !late.restarted && record?.attributes.restarting !== true
    : !loaded || nature?.restart === 'never';
  const failed = eventOf(late, 'run-failed', run, { ...runFacts(late), willRestart: !stayed });
  if (mode.wasTold(failed)) return;
  state.told.events.push(failed);
  if (late.values.result === 'oom-kill')
    state.told.events.push(eventOf(late, 'oom-killed', run, runFacts(late)));
  if (late.values.result === 'core-dump')
    state.told.events.push(eventOf(late, 'core-dumped', run, runFacts(late)));
  tellRun(state, late);
  if (stayed) tellPassage(state, late);
}

/** The failure as it was, then what is true now: its alert begins at the right time and ends. */
function tellPassage(state: State, late: Late): void {
  const record = state.units.get(late.unit);
  const judged = { watched: true, restarting: false, gaveUp: false, present: true };
  const { type, declared } = record?.attributes ?? { type: 'service', declared: false };
  const attributes = { type: type ?? 'service', declared: declared ?? false, ...late.values };
  const { kind } = eventOf(late, '', '', {});
  state.told.resources.push({
    kind,
    id: late.unit,
    attributes: { ...attributes, ...judged },
    at: late.at,
  });
  if (record !== undefined && record.attributes.activeState !== undefined)
    state.told.resources.push(...readingsOf(record, record.attributes.stateChangeAt));
  else state.told.gone.push({ kind, id: late.unit });
}

/** The task's run, where the unit is one: one that is not loaded has to be asked for. */
function tellRun(state: State, late: Late): void {
  const nature = state.units.get(late.unit)?.nature ?? state.natures.find(late.unit);
  if (nature?.task === true)
    state.told.resources.push(...state.runs.observeLate(late.unit, late.values));
  if (nature !== undefined || late.type !== 'failed' || !late.unit.endsWith('.service')) return;
  if (state.units.has(late.unit)) return;
  rememberDeparted(state, late.unit, { attributes: late.values, beganAt: null });
  state.told.wants.push({ type: 'detail', name: late.unit, unannounced: false });
}

/** A job that failed by dependency is still true where the unit has not been started since. */
function applyDependency(state: State, late: Late, mode: LateMode): void {
  if (!mode.catchingUp && isCounted(state, jobRun(late.job))) return;
  const event = eventOf(late, 'job-failed', `${late.job}@${late.bootId}`, {
    jobResult: 'dependency',
    blockedBy: null,
  });
  if (mode.wasTold(event)) return;
  const record = late.bootId === mode.bootId ? recordOf(state, late.unit) : undefined;
  const { activeState, stateChangeAt } = record?.attributes ?? {};
  const since = typeof stateChangeAt === 'number' ? stateChangeAt : 0;
  const holds = mode.catchingUp && activeState === 'inactive' && since <= late.at;
  if (record === undefined || !holds) {
    state.told.events.push(event);
    return;
  }
  rememberJob(state, late.unit, 'dependency');
  if (put(record, { jobResult: 'dependency' }))
    state.told.resources.push(...readingsOf(record, late.at));
  state.told.wants.push({ type: 'blame', name: late.unit, event });
}
