/**
 * Runs of jobs: what a program reports of itself, how long its runs take, and when one of them
 * takes too long. A run of a unit and a reported run are judged alike.
 */
import { days, type EpochMs, hours, type Ms } from './time.ts';

export const taskStates = ['pending', 'running', 'completed', 'failed'] as const;
export type TaskState = (typeof taskStates)[number];

/** One run of a job, as the program that runs it last reported it. */
export interface TaskRun {
  /** ULID by the first report. */
  readonly id: string;
  readonly job: string;
  /** What the reporter calls the run, unique among those of the job; null: it gave no name. */
  readonly key: string | null;
  readonly state: TaskState;
  /** Null while it only waits. */
  readonly startedAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  /** From 0 to 1. */
  readonly progress: number | null;
  readonly exitStatus: number | null;
  readonly message: string | null;
  /** It reports at least this often while it runs; null when it promised nothing. */
  readonly heartbeat: Ms | null;
  /** Who reported it last, as the door found out: `uid:0`. */
  readonly reportedBy: string;
  readonly firstReportAt: EpochMs;
  readonly lastReportAt: EpochMs;
}

/** What is remembered of a job over restarts. */
export interface TaskMemory {
  /** The latest run. */
  readonly run: TaskRun;
  /** How long the last `tookMax` successful runs took, oldest first. */
  readonly took: readonly Ms[];
  readonly lastSuccessAt: EpochMs | null;
}

export const isOpen = (state: TaskState): boolean => state === 'pending' || state === 'running';

/** What the order of the runs of one job goes by: the beginning, or else the first report. */
export const orderOf = (run: Pick<TaskRun, 'startedAt' | 'firstReportAt'>): EpochMs =>
  run.startedAt ?? run.firstReportAt;

/** Jobs that reports are remembered of; beyond this the ones reported longest ago are forgotten. */
export const jobsMax = 1000;

/** Successful runs of a job that its usual duration is made from. */
export const tookMax = 20;
// One odd run, or two, are no usual duration.
const tookMin = 3;
// rules.md A-04 has 4 times the median; its 6 hours at least would hide a job of minutes for a day.
const stuckFactor = 4;
const stuckAfterMin = hours(1);
const stuckAfterUnknown = days(1);

/** The newest duration added, the oldest dropped. */
export const withTook = (took: readonly Ms[], one: Ms): readonly Ms[] =>
  [...took, one].slice(-tookMax);

/** The middle one of the durations; null while too few are known. */
export function usualDuration(took: readonly Ms[]): Ms | null {
  if (took.length < tookMin) return null;
  const sorted = took.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[half - 1], sorted[half]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** A run that takes longer is stuck: four times the usual, at least an hour; else a day. */
export function stuckAfter(took: readonly Ms[]): Ms {
  const usual = usualDuration(took);
  return usual === null ? stuckAfterUnknown : Math.max(stuckAfterMin, usual * stuckFactor);
}

/** What programs have reported, as far as it is known now: one entry for each job. */
export interface Reports {
  list(): readonly TaskMemory[];
  /** Since when somebody was there to hear them: before, nobody could report. */
  readonly since: EpochMs;
}
