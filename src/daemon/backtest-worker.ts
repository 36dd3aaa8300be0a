/** The thread of a backtest: reads what is kept, and plays it through the rules. */
import type { ResourceRef } from '../domain/reading.ts';
import type { EpochMs } from '../domain/time.ts';
import { serveJob } from '../platform/job.ts';
import { openSegments } from '../platform/segments.ts';
import type { BacktestAnswer, BacktestQuestion } from '../recording/backtest/question.ts';
import { runBacktest } from '../recording/backtest/run.ts';
import { type KeptRow, readAround } from '../recording/kept/around.ts';
import { type Channels, Routes } from './backtest-routes.ts';
import { suffix } from './readings-log.ts';

interface Kept {
  readonly folder: string;
  /** Of the segments, oldest first. */
  readonly names: readonly string[];
}

export interface BacktestJob extends Kept {
  readonly type: 'backtest';
  readonly question: BacktestQuestion;
  /** null: nobody asks who would have been told. */
  readonly routes: { readonly tried: Channels; readonly inForce: Channels } | null;
}

/** Kept readings of a few resources, for people. */
export interface AroundJob extends Kept {
  readonly type: 'around';
  readonly refs: readonly ResourceRef[];
  readonly from: EpochMs;
  readonly to: EpochMs;
}

const segmentsOf = ({ folder, names }: Kept): readonly (() => Buffer)[] => {
  const kept = openSegments(folder, suffix);
  return names.map((name) => () => kept.read(name));
};

function backtest(job: BacktestJob, onProgress: (part: number) => void): BacktestAnswer {
  const { question, routes } = job;
  const parts = { question, segments: segmentsOf(job), onProgress };
  if (routes === null) return runBacktest(parts);
  const { since } = question;
  const candidate = new Routes(routes.tried, since);
  const inForce = new Routes(routes.inForce, since);
  return runBacktest({ ...parts, listeners: { candidate, inForce } });
}

function work(
  job: BacktestJob | AroundJob,
  onProgress: (part: number) => void,
): BacktestAnswer | readonly KeptRow[] {
  return job.type === 'around'
    ? readAround(segmentsOf(job), job.refs, job.from, job.to)
    : backtest(job, onProgress);
}

serveJob((data, onProgress) => work(data as BacktestJob | AroundJob, onProgress));
