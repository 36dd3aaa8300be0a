/** What is reported of a run, as the reading of a resource. */
import { type ResourceReading, reading } from '../../domain/reading.ts';
import {
  isOpen,
  stuckAfter,
  type TaskMemory,
  type TaskRun,
  usualDuration,
} from '../../domain/task.ts';
import { type EpochMs, minutes } from '../../domain/time.ts';
import { taskRun } from './kinds.ts';

// Two reports may be lost or late on a busy machine; a third that does not come is no accident.
const heartbeatsMissed = 3;
const silentAfterMin = minutes(1);

/** `since`: nobody was there to hear a report before. */
function silentAt({ state, heartbeat, lastReportAt }: TaskRun, since: EpochMs): EpochMs | null {
  if (!isOpen(state) || heartbeat === null) return null;
  return Math.max(lastReportAt, since) + Math.max(silentAfterMin, heartbeat * heartbeatsMissed);
}

export function readingOf(memory: TaskMemory, since: EpochMs): ResourceReading {
  const { run, took, lastSuccessAt } = memory;
  const { state, startedAt, endedAt } = run;
  const ran = startedAt !== null && endedAt !== null ? endedAt - startedAt : null;
  const usual = usualDuration(took);
  return reading(
    taskRun,
    run.job,
    {
      state,
      runId: run.id,
      progress: run.progress,
      exitStatus: run.exitStatus,
      message: run.message,
      source: 'report',
      unit: null,
      startedAt,
      endedAt,
      durationSeconds: ran === null ? null : ran / 1000,
      usualSeconds: usual === null ? null : usual / 1000,
      stuckAt: state === 'running' && startedAt !== null ? startedAt + stuckAfter(took) : null,
      lastSuccessAt,
      lastReportAt: run.lastReportAt,
      silentAt: silentAt(run, since),
    },
    endedAt ?? startedAt ?? run.lastReportAt,
  );
}
