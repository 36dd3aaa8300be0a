/**
 * What a step from one known state of a unit to the next means. Pure.
 *
 * An automatic restart passes through `failed` in one go of PID 1 (service_enter_dead in
 * src/core/service.c): the unit is failed, then auto-restart, and nobody can act in between. So a
 * failure is final only when systemd cannot restart the unit, or when it is still failed at a
 * later look. From systemd 254 on the sub state says it (failed-before-auto-restart).
 */
import type { Event, FoundBy, Value } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Nature } from './nature.ts';

export type Values = Readonly<Record<string, Value | null>>;

export interface Step {
  readonly unit: {
    readonly name: string;
    readonly type: string;
    /** Undefined while it is not known, or may have changed since. */
    readonly nature: Nature | undefined;
    /** The run whose failure has been counted already. */
    readonly countedRun: string | null;
  };
  readonly before: Values;
  readonly after: Values;
  readonly beforeUsec: number;
  /** Monotonic microseconds of the state change. */
  readonly usec: number;
  /** A look at rest: what is failed here is not on its way to a restart. */
  readonly settled: boolean;
  readonly foundBy: FoundBy;
  readonly now: EpochMs;
}

export interface Meaning {
  readonly restarting: boolean;
  readonly gaveUp: boolean;
  /** The run that has failed now, counted from here on. */
  readonly failedRun: string | null;
  /** The failure may be followed by a restart: one look decides. */
  readonly open: boolean;
  /** In order; those of a failed run lack `willRestart` while it is open. */
  readonly events: readonly Event[];
}

/** Ends that are no failures of the run itself. */
const noFailure: ReadonlySet<unknown> = new Set([
  undefined,
  null,
  '',
  'success',
  'exec-condition',
  'start-limit-hit',
]);

export const isAutoRestart = (subState: unknown): boolean =>
  typeof subState === 'string' && subState.startsWith('auto-restart');

/** Name of the run: its invocation, or the moment where systemd gave it none. */
const runOf = ({ after, usec }: Step): string => String(after.invocationId ?? `t${usec}`);

const atOf = ({ after, now }: Step): EpochMs => {
  const at = after.stateChangeAt;
  return typeof at === 'number' ? at : now;
};

const runFacts = (after: Values): Record<string, Value | null> => ({
  result: after.result ?? null,
  execMainCode: after.execMainCode ?? null,
  execMainStatus: after.execMainStatus ?? null,
  invocationId: after.invocationId ?? null,
});

function eventsOf(step: Step, failedRun: string | null, gaveUp: boolean): readonly Event[] {
  const { after, before } = step;
  const events: Event[] = [];
  const happened = (event: string, key: string, more: Record<string, Value | null> = {}): void => {
    events.push({
      event,
      kind: 'systemd.unit',
      id: step.unit.name,
      at: atOf(step),
      foundBy: step.foundBy,
      attributes: { ...runFacts(after), ...more },
      key,
    });
  };
  if (failedRun !== null) {
    happened('run-failed', failedRun);
    if (after.result === 'oom-kill') happened('oom-killed', failedRun);
    if (after.result === 'core-dump' || after.execMainCode === 'dumped')
      happened('core-dumped', failedRun);
  }
  const restarts = after.nRestarts;
  if (typeof restarts === 'number' && restarts > Number(before.nRestarts ?? Infinity))
    happened('restarted', `${before.invocationId}/${restarts}`, { nRestarts: restarts });
  if (gaveUp) happened('start-limit-hit', `${runOf(step)}/${step.usec}`);
  return events;
}

export function interpret(step: Step): Meaning {
  const { unit, before, after } = step;
  const failed = after.activeState === 'failed';
  const auto = isAutoRestart(after.subState);
  const entered = failed && (before.activeState !== 'failed' || step.beforeUsec !== step.usec);
  const ended = failed || auto || after.activeState === 'inactive';
  const bad = ended && !noFailure.has(after.result);
  const run = runOf(step);
  const failedRun = bad && run !== unit.countedRun ? run : null;
  // Failed once more in the same run: the start was refused. The result then often still says
  // why the run ended (exit-code), not start-limit-hit.
  const refused =
    after.result === 'start-limit-hit' || (bad && failedRun === null && !step.settled);
  const gaveUp = entered && unit.type === 'service' && refused;
  const announced = failed && after.subState !== 'failed';
  const final =
    unit.type !== 'service' || step.settled || gaveUp || unit.nature?.restart === 'never';
  const open = entered && !announced && !final;
  const still = !entered && !step.settled;
  return {
    restarting: auto || announced || open || (failed && still && before.restarting === true),
    gaveUp: gaveUp || (failed && !entered && before.gaveUp === true),
    failedRun,
    open,
    events: eventsOf(step, failedRun, gaveUp),
  };
}

/** The failure's event, complete: whether systemd starts the unit again is known now. */
export const withRestart = (event: Event, willRestart: boolean): Event =>
  event.event === 'run-failed'
    ? { ...event, attributes: { ...event.attributes, willRestart } }
    : event;
