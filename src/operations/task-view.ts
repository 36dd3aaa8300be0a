/** How a run of a task looks from outside, ready for JSON. */
import { type Static, Type } from 'typebox';
import { readingOf } from '../collectors/tasks/readings.ts';
import { type AttributeReading, isUnreadable } from '../domain/reading.ts';
import type { TaskMemory } from '../domain/task.ts';
import { rfc3339 } from '../domain/time.ts';
import { instant, nullable } from './schemas.ts';

const number = nullable(Type.Number());
const words = nullable(Type.String());
const moment = nullable(instant);

export const task = Type.Object({
  id: Type.String({ description: 'the run; of a run that has no id, the job' }),
  job: Type.String(),
  state: Type.String({ description: 'pending, running, completed or failed' }),
  source: Type.String({ description: 'who told of it: systemd, or a program by report' }),
  unit: words,
  startedAt: moment,
  endedAt: moment,
  durationSeconds: number,
  progress: nullable(Type.Number({ description: 'from 0 to 1' })),
  exitStatus: number,
  message: words,
  lastReportAt: moment,
  lastSuccessAt: moment,
  usualSeconds: nullable(
    Type.Number({ description: 'median of the last 20 successful runs of the job' }),
  ),
  stuckAt: nullable(
    Type.String({ description: 'a run that lasts longer takes far longer than usual' }),
  ),
});
export type TaskView = Static<typeof task>;

type Facts = Readonly<Record<string, AttributeReading>>;

/** The attributes of a resource of the kind `task.run` as a task. */
export function renderTask(job: string, facts: Facts): TaskView {
  const known = (name: string): AttributeReading => {
    const fact = facts[name] ?? null;
    return isUnreadable(fact) ? null : fact;
  };
  const textOf = (name: string): string | null => {
    const fact = known(name);
    return typeof fact === 'string' ? fact : null;
  };
  const numberOf = (name: string): number | null => {
    const fact = known(name);
    return typeof fact === 'number' ? fact : null;
  };
  const instantOf = (name: string): string | null => {
    const at = numberOf(name);
    return at === null ? null : rfc3339(at);
  };
  return {
    id: textOf('runId') ?? job,
    job,
    state: textOf('state') ?? 'pending',
    source: textOf('source') ?? 'systemd',
    unit: textOf('unit'),
    startedAt: instantOf('startedAt'),
    endedAt: instantOf('endedAt'),
    durationSeconds: numberOf('durationSeconds'),
    progress: numberOf('progress'),
    exitStatus: numberOf('exitStatus'),
    message: textOf('message'),
    lastReportAt: instantOf('lastReportAt'),
    lastSuccessAt: instantOf('lastSuccessAt'),
    usualSeconds: numberOf('usualSeconds'),
    stuckAt: instantOf('stuckAt'),
  };
}

/** A reported run, with what is known of its job. */
export const renderRun = (memory: TaskMemory): TaskView =>
  renderTask(memory.run.job, readingOf(memory, memory.run.lastReportAt).attributes);
