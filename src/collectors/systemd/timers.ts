/** Timers: when they ran, when they run next, and whether a run did not come. */
import { type ResourceReading, reading } from '../../domain/reading.ts';
import { type EpochMs, type Ms, minutes, seconds } from '../../domain/time.ts';
import type { BusValue } from '../../platform/system-bus.ts';
import { instantOf, listOf, numberOf, type Properties, textOf } from './facts.ts';
import { systemdTimer } from './kinds.ts';
import type { Values } from './transition.ts';

/** What is remembered of one timer beside what the unit says. */
export interface TimerRecord {
  readonly activates: string | null;
  readonly lastTriggerAt: EpochMs | null;
  /** Microseconds as systemd said them: realtime, monotonic. */
  readonly nextUsec: readonly [number, number];
  readonly nextElapseAt: EpochMs | null;
  readonly recurring: boolean;
  /** RandomizedDelaySec and AccuracySec together. */
  readonly delay: Ms;
  /** Times between successive runs, latest last. */
  readonly gaps: readonly Ms[];
}

export const newTimer: TimerRecord = {
  activates: null,
  lastTriggerAt: null,
  nextUsec: [0, 0],
  nextElapseAt: null,
  recurring: false,
  delay: 0,
  gaps: [],
};

// A week of daily runs: the longest gap of a Monday-to-Friday timer is the weekend.
const gapsMax = 7;
// A run counts as missed this long after its time: PID 1 can be busy (boot, reload).
const grace = minutes(5);

/** A calendar expression without any of these names one moment, and then never again. */
const repeats = /[*/~]|\.\.|,|^(minutely|hourly|daily|weekly|monthly|quarterly|yearly|annually)/;

const isRecurring = (properties: Properties): boolean =>
  listOf(properties.TimersCalendar).some((row) => repeats.test(textOf(listOf(row)[1]) ?? '')) ||
  listOf(properties.TimersMonotonic).some((row) =>
    /^OnUnit(Active|Inactive)/.test(textOf(listOf(row)[0]) ?? ''),
  );

const usecOf = (value: BusValue | undefined, known: number): number =>
  value === undefined ? known : (numberOf(value) ?? 0);

/** Wall time minus CLOCK_MONOTONIC, to show monotonic times as instants. */
export interface TimeNow {
  readonly now: EpochMs;
  readonly monotonic: Ms;
}

function nextOf([realtime, monotonic]: readonly [number, number], time: TimeNow): EpochMs | null {
  const times = [
    ...(realtime > 0 ? [realtime / 1000] : []),
    ...(monotonic > 0 ? [time.now - time.monotonic + monotonic / 1000] : []),
  ];
  return times.length > 0 ? Math.min(...times) : null;
}

/** The record after a message that holds some of the timer's properties. */
export function foldTimer(timer: TimerRecord, properties: Properties, time: TimeNow): TimerRecord {
  const last = instantOf(properties.LastTriggerUSec);
  const lastTriggerAt = last === undefined ? timer.lastTriggerAt : last;
  const nextUsec = [
    usecOf(properties.NextElapseUSecRealtime, timer.nextUsec[0]),
    usecOf(properties.NextElapseUSecMonotonic, timer.nextUsec[1]),
  ] as const;
  // Computed once per planned run, so that a step of the wall clock does not move it about.
  const moved = nextUsec[0] !== timer.nextUsec[0] || nextUsec[1] !== timer.nextUsec[1];
  const gap = (lastTriggerAt ?? 0) - (timer.lastTriggerAt ?? lastTriggerAt ?? 0);
  const delays = ['RandomizedDelayUSec', 'AccuracyUSec'].map((name) => numberOf(properties[name]));
  const known = 'TimersCalendar' in properties || 'TimersMonotonic' in properties;
  const next: TimerRecord = {
    activates: textOf(properties.Unit) ?? timer.activates,
    lastTriggerAt,
    nextUsec,
    nextElapseAt: moved ? nextOf(nextUsec, time) : timer.nextElapseAt,
    recurring: known ? isRecurring(properties) : timer.recurring,
    delay: known ? delays.reduce<Ms>((sum, usec) => sum + (usec ?? 0) / 1000, 0) : timer.delay,
    gaps: gap > seconds(1) ? [...timer.gaps, gap].slice(-gapsMax) : timer.gaps,
  };
  const isNews =
    moved ||
    next.activates !== timer.activates ||
    next.lastTriggerAt !== timer.lastTriggerAt ||
    next.recurring !== timer.recurring ||
    next.delay !== timer.delay;
  return isNews ? next : timer;
}

function periodOf({ gaps, lastTriggerAt, nextElapseAt }: TimerRecord): Ms | null {
  const planned =
    lastTriggerAt !== null && nextElapseAt !== null ? nextElapseAt - lastTriggerAt : 0;
  const longest = Math.max(planned, ...gaps);
  return longest > 0 ? longest : null;
}

/** When the next run is missed. A timer whose unit runs plans nothing until that has ended. */
function overdueAt(timer: TimerRecord, period: Ms | null, subState: unknown): EpochMs | null {
  if (subState === 'running' || !timer.recurring) return null;
  if (timer.nextElapseAt !== null)
    return timer.nextElapseAt + Math.max(grace, (period ?? 0) / 10) + timer.delay;
  const { lastTriggerAt } = timer;
  if (lastTriggerAt === null || period === null) return null;
  return lastTriggerAt + Math.max(1.5 * period, grace) + timer.delay;
}

export function timerReading(name: string, unit: Values, timer: TimerRecord): ResourceReading {
  const active = unit.activeState === 'active';
  const period = periodOf(timer);
  const word = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return reading(systemdTimer, name, {
    activates: timer.activates,
    activeState: word(unit.activeState),
    subState: word(unit.subState),
    result: word(unit.result),
    watched: unit.watched === true,
    declared: unit.declared === true,
    lastTriggerAt: timer.lastTriggerAt,
    nextElapseAt: timer.nextElapseAt,
    recurring: timer.recurring,
    dead: active && timer.recurring && timer.nextElapseAt === null && unit.subState === 'elapsed',
    period,
    overdueAt: active ? overdueAt(timer, period, unit.subState) : null,
  });
}
