/** What a program reports of a run, folded into what is known of it. */
import { isOpen, type TaskRun, type TaskState } from './task.ts';
import { type EpochMs, type Ms, minutes } from './time.ts';
import { ulidOf } from './ulid.ts';

/** All but the job may be left out: then it is as it was, or follows from the rest. */
export interface TaskReport {
  readonly job: string;
  readonly key: string | null;
  readonly state?: TaskState;
  readonly startedAt?: EpochMs;
  readonly endedAt?: EpochMs;
  readonly progress?: number;
  readonly exitStatus?: number;
  readonly message?: string;
  readonly heartbeat?: Ms;
}

export type FoldedReport =
  | { readonly type: 'run'; readonly run: TaskRun }
  /** A field that cannot be true. */
  | { readonly type: 'wrong'; readonly field: 'startedAt' | 'endedAt'; readonly why: string }
  /** The run has ended otherwise. */
  | { readonly type: 'conflict'; readonly why: string };

/** Clocks of one machine agree; what lies further ahead is a mistake. */
const aheadMax = minutes(5);

function stateOf(before: TaskRun | undefined, report: TaskReport): TaskState {
  if (report.state !== undefined) return report.state;
  if (report.exitStatus !== undefined) return report.exitStatus === 0 ? 'completed' : 'failed';
  if (report.endedAt !== undefined) return 'completed';
  return before?.state ?? 'running';
}

function startOf(
  before: TaskRun | undefined,
  report: TaskReport,
  state: TaskState,
  now: EpochMs,
): EpochMs | null {
  const told = report.startedAt ?? before?.startedAt ?? null;
  return told === null && state === 'running' ? now : told;
}

function messageOf(run: TaskRun | undefined, report: TaskReport, state: TaskState): string | null {
  const told = report.message ?? run?.message ?? null;
  if (state !== 'failed' || report.message !== undefined) return told;
  const status = report.exitStatus;
  return status === undefined || status === 0 ? told : `exit status ${status}`;
}

/** What has ended stays so; one that had ended well can still turn out to have failed. */
function foldEnded(run: TaskRun, state: TaskState): FoldedReport | undefined {
  // Told late: a heartbeat that was overtaken by the end, or a beginning that was kept.
  if (isOpen(state) || state === run.state) return { type: 'run', run };
  if (run.state === 'completed') return undefined;
  return { type: 'conflict', why: `the run ${run.id} of ${run.job} has ended: ${run.state}` };
}

/** `number` tells runs without a key apart that are reported in the same millisecond. */
export function foldReport(
  before: TaskRun | undefined,
  report: TaskReport,
  context: { readonly by: string; readonly now: EpochMs; readonly number: number },
): FoldedReport {
  const { by, now, number } = context;
  const state = stateOf(before, report);
  if (before !== undefined && !isOpen(before.state)) {
    const folded = foldEnded(before, state);
    if (folded !== undefined) return folded;
  }
  const startedAt = startOf(before, report, state, now);
  const endedAt = isOpen(state) ? null : (report.endedAt ?? before?.endedAt ?? now);
  for (const field of ['startedAt', 'endedAt'] as const)
    if ((report[field] ?? 0) > now + aheadMax)
      return { type: 'wrong', field, why: 'lies in the future' };
  if (report.endedAt !== undefined && isOpen(state))
    return { type: 'wrong', field: 'endedAt', why: `does not go with the state ${state}` };
  if (startedAt !== null && endedAt !== null && endedAt < startedAt)
    return { type: 'wrong', field: 'endedAt', why: 'lies before startedAt' };
  const { job, key } = report;
  const run: TaskRun = {
    id: before?.id ?? ulidOf(now, [job, key ?? '', String(number)]),
    job,
    key,
    state,
    startedAt,
    endedAt,
    progress: report.progress ?? before?.progress ?? null,
    exitStatus: report.exitStatus ?? before?.exitStatus ?? null,
    message: messageOf(before, report, state),
    heartbeat: report.heartbeat ?? before?.heartbeat ?? null,
    reportedBy: by,
    firstReportAt: before?.firstReportAt ?? now,
    lastReportAt: now,
  };
  return { type: 'run', run };
}
