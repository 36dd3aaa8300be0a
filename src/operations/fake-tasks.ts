/** Reported runs for tests, in an array, folded as the real ones are. */
import { orderOf, type TaskRun } from '../domain/task.ts';
import { foldReport, type TaskReport } from '../domain/task-report.ts';
import type { EpochMs } from '../domain/time.ts';
import type { TaskQuery } from '../store/store.ts';
import type { TaskAnswer, Tasks } from './house.ts';

export class FakeTasks implements Tasks {
  readonly #now: () => EpochMs;
  #runs: TaskRun[] = [];
  #number = 0;
  /** While set, nothing can be made durable. */
  unstored: string | null = null;

  constructor(now: () => EpochMs) {
    this.#now = now;
  }

  async report(report: TaskReport, by: string): Promise<TaskAnswer> {
    const before = this.#runs.find(({ job, key }) => job === report.job && key === report.key);
    return this.#fold(report.key === null ? undefined : before, report, by);
  }

  async update(
    id: string,
    report: Omit<TaskReport, 'job' | 'key'>,
    by: string,
  ): Promise<TaskAnswer> {
    const run = await this.find(id);
    if (run === undefined) return { type: 'unknown' };
    return this.#fold(run, { ...report, job: run.job, key: run.key }, by);
  }

  async find(id: string): Promise<TaskRun | undefined> {
    return this.#runs.find((run) => run.id === id) ?? this.list({ job: id, limit: 1 })[0];
  }

  list({ job, state, after, limit }: TaskQuery): readonly TaskRun[] {
    return this.#runs
      .filter((run) => run.job === (job ?? run.job) && state?.includes(run.state) !== false)
      .filter((run) => after === undefined || orderOf(run) < after.at)
      .sort((a, b) => orderOf(b) - orderOf(a))
      .slice(0, limit);
  }

  #fold(before: TaskRun | undefined, report: TaskReport, by: string): TaskAnswer {
    if (this.unstored !== null) return { type: 'unstored', why: this.unstored };
    this.#number += 1;
    const folded = foldReport(before, report, { by, now: this.#now(), number: this.#number });
    if (folded.type !== 'run') return folded;
    const { run } = folded;
    this.#runs = [...this.#runs.filter((one) => one.id !== run.id), run];
    const memory = { run, took: [], lastSuccessAt: null };
    return { type: 'done', memory, isNew: before === undefined };
  }
}
