/**
 * The task desk: takes what programs report of their runs, makes it durable, and hands it to the
 * pipeline as readings of the collector `tasks`. It holds one entry for each job; older runs are
 * read from the store.
 */
import { mayTell, taskRun } from '../collectors/tasks/kinds.ts';
import { readingOf } from '../collectors/tasks/readings.ts';
import { partial, type ResourceReading } from '../domain/reading.ts';
import {
  isOpen,
  jobsMax,
  orderOf,
  type Reports,
  type TaskMemory,
  type TaskRun,
  withTook,
} from '../domain/task.ts';
import { foldReport, type TaskReport } from '../domain/task-report.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { TaskAnswer } from '../operations/house.ts';
import type { Clock } from '../platform/clock.ts';
import type { Store } from '../store/store.ts';
import type { CommitQueue } from './commit-queue.ts';
import type { Pipeline } from './pipeline.ts';

const collector = 'tasks';

export interface TaskDeskParts {
  readonly pipeline: Pipeline;
  readonly queue: CommitQueue;
  readonly store: Pick<Store, 'listTasks'>;
  readonly inventory: Inventory;
  readonly clock: Clock;
}

/** What a job is remembered by once this run of it is as it is. */
function remembered(before: TaskMemory | undefined, run: TaskRun, wasOpen: boolean): TaskMemory {
  const { startedAt, endedAt, state } = run;
  const latest = before !== undefined && orderOf(before.run) > orderOf(run) ? before.run : run;
  const took = before?.took ?? [];
  const lastSuccessAt = before?.lastSuccessAt ?? null;
  if (state !== 'completed' || !wasOpen || endedAt === null)
    return { run: latest, took, lastSuccessAt };
  return {
    run: latest,
    took: startedAt === null ? took : withTook(took, endedAt - startedAt),
    lastSuccessAt: Math.max(lastSuccessAt ?? endedAt, endedAt),
  };
}

export class TaskDesk implements Reports {
  readonly since: EpochMs;
  readonly #parts: TaskDeskParts;
  readonly #jobs = new Map<string, TaskMemory>();
  #number = 0;
  /** One report after another: each looks at what the one before has made of its run. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: TaskDeskParts, memories: readonly TaskMemory[]) {
    this.#parts = parts;
    this.since = parts.clock.now();
    // Oldest first: the order in which jobs are forgotten.
    for (const memory of memories.toReversed()) this.#jobs.set(memory.run.job, memory);
  }

  list(): readonly TaskMemory[] {
    return [...this.#jobs.values()];
  }

  /** A report of a run, which may be new. Resolves when it is durable. */
  report(report: TaskReport, by: string): Promise<TaskAnswer> {
    return this.#inTurn(async () => this.#fold(await this.#runOf(report), report, by));
  }

  /** A report of the run with this id, or of the latest run of the job with this name. */
  update(id: string, report: Omit<TaskReport, 'job' | 'key'>, by: string): Promise<TaskAnswer> {
    return this.#inTurn(async () => {
      const run = await this.find(id);
      if (run === undefined) return { type: 'unknown' };
      return this.#fold(run, { ...report, job: run.job, key: run.key }, by);
    });
  }

  async find(id: string): Promise<TaskRun | undefined> {
    const known = this.#jobs.get(id)?.run ?? this.list().find(({ run }) => run.id === id)?.run;
    return known ?? (await this.#search({ id }));
  }

  async #inTurn(call: () => Promise<TaskAnswer>): Promise<TaskAnswer> {
    const mine = this.#turn.then(call);
    this.#turn = mine.catch(() => undefined);
    const answer = await mine;
    const { pipeline, queue } = this.#parts;
    await pipeline.applied();
    await queue.settled();
    // It is known and judged all the same; who asks may report again, which changes nothing.
    return queue.state.type === 'ok' ? answer : { type: 'unstored', why: queue.state.why };
  }

  async #search(query: {
    readonly id?: string;
    readonly job?: string;
    readonly key?: string;
  }): Promise<TaskRun | undefined> {
    await this.#parts.queue.settled();
    return (await this.#parts.store.listTasks({ ...query, limit: 1 }))[0];
  }

  /** The run that a report is about; undefined for a new one. */
  async #runOf({ job, key, state, exitStatus, endedAt }: TaskReport): Promise<TaskRun | undefined> {
    const latest = this.#jobs.get(job)?.run;
    if (key !== null) return latest?.key === key ? latest : this.#search({ job, key });
    // Without a name: the end of what runs, the beginning of what waits.
    if (latest === undefined || latest.key !== null || !isOpen(latest.state)) return undefined;
    const isEnd = exitStatus !== undefined || endedAt !== undefined;
    const opens = state === undefined ? !isEnd : isOpen(state);
    return opens && latest.state === 'running' ? undefined : latest;
  }

  #fold(before: TaskRun | undefined, report: TaskReport, by: string): TaskAnswer {
    this.#number += 1;
    const context = { by, now: this.#parts.clock.now(), number: this.#number };
    const folded = foldReport(before, report, context);
    if (folded.type !== 'run') return folded;
    const { run } = folded;
    if (run === before) return { type: 'done', memory: this.#memoryOf(run), isNew: false };
    const memory = remembered(this.#jobs.get(run.job), run, before?.state !== 'completed');
    this.#keep(run.job, memory);
    this.#tell(run, memory);
    return { type: 'done', memory: { ...memory, run }, isNew: before === undefined };
  }

  #memoryOf(run: TaskRun): TaskMemory {
    return { took: [], lastSuccessAt: null, ...this.#jobs.get(run.job), run };
  }

  #keep(job: string, memory: TaskMemory): void {
    this.#jobs.delete(job);
    this.#jobs.set(job, memory);
    if (this.#jobs.size <= jobsMax) return;
    // Those that ended well first, then failed ones.
    const oldest = (state: string): string | undefined =>
      this.list().find(({ run }) => run.state === state)?.run.job;
    const id = oldest('completed') ?? oldest('failed') ?? this.#jobs.keys().next().value;
    if (id === undefined || id === job) return;
    this.#jobs.delete(id);
    this.#parts.pipeline.tell(collector, partial([], { gone: [{ kind: taskRun.name, id }] }));
  }

  /** The run becomes durable with what follows from it, or before. */
  #tell(run: TaskRun, memory: TaskMemory): void {
    const { inventory, pipeline, queue } = this.#parts;
    queue.add({ tasks: [run] });
    const latest = readingOf(memory, this.since);
    // One that is told late has ended, and a later one has not: its end counts before that.
    const isLate = memory.run !== run && !isOpen(run.state) && isOpen(memory.run.state);
    const told: readonly ResourceReading[] = isLate
      ? [readingOf({ ...memory, run }, this.since), latest]
      : [latest];
    const shown = inventory.find({ kind: taskRun.name, id: run.job });
    const readings = told.filter((one) => mayTell(one, shown));
    if (readings.length > 0) pipeline.tell(collector, partial(readings));
  }
}
