/** Runs that programs reported of themselves. */
import { jobsMax, orderOf, type TaskMemory, type TaskRun, tookMax } from '../../domain/task.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';
import type { TaskQuery } from '../store.ts';

/** The latest runs of a job stay, however old: its state and its usual duration. */
const keptPerJob = tookMax;
/** Of a job that runs each minute this is a day. */
const runsPerJobMax = 1440;
/** Most rows that one transaction deletes. */
const deletedPerStep = 1000;

/** The rows' filter in SQL; every name is bound. */
function selectTasks(query: TaskQuery): string {
  const filters = [
    query.id === undefined ? '' : 'id = :id',
    query.job === undefined ? '' : 'job = :job',
    query.key === undefined ? '' : 'key = :key',
    query.state === undefined ? '' : 'state IN (SELECT value FROM json_each(:state))',
    query.after === undefined ? '' : '(order_at, id) < (:at, :afterId)',
  ].filter((filter) => filter !== '');
  const where = filters.length === 0 ? '' : `WHERE ${filters.join(' AND ')}`;
  return `SELECT doc FROM tasks ${where} ORDER BY order_at DESC, id DESC LIMIT :limit`;
}

const bound = ({ after, state, ...query }: TaskQuery): Record<string, unknown> => ({
  ...query,
  ...(state === undefined ? {} : { state: JSON.stringify(state) }),
  ...(after === undefined ? {} : { at: after.at, afterId: after.id }),
});

export function tasksTable(db: Db) {
  const upsert = db.prepare<[Record<string, unknown>]>(
    `INSERT INTO tasks (id, job, key, state, started_at, ended_at, order_at, reported_at, doc)
     VALUES (:id, :job, :key, :state, :startedAt, :endedAt, :orderAt, :lastReportAt, :doc)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, started_at = excluded.started_at,
       ended_at = excluded.ended_at, order_at = excluded.order_at,
       reported_at = excluded.reported_at, doc = excluded.doc`,
  );
  const latest = db
    .prepare<[number], string>(
      `SELECT doc FROM (
         SELECT doc, reported_at,
           row_number() OVER (PARTITION BY job ORDER BY order_at DESC, id DESC) AS place
         FROM tasks)
       WHERE place = 1 ORDER BY reported_at DESC LIMIT ?`,
    )
    .pluck();
  const succeeded = db
    .prepare<[string, number], [Ms | null, EpochMs]>(
      `SELECT ended_at - started_at, ended_at FROM tasks
       WHERE job = ? AND state = 'completed' ORDER BY order_at DESC, id DESC LIMIT ?`,
    )
    .raw();
  const deleteOld = db.prepare<[number, EpochMs, number, number]>(
    `DELETE FROM tasks WHERE id IN (
       SELECT id FROM (
         SELECT id, reported_at,
           row_number() OVER (PARTITION BY job ORDER BY order_at DESC, id DESC) AS place
         FROM tasks)
       WHERE place > ? AND (reported_at < ? OR place > ?) LIMIT ?)`,
  );

  function memoryOf(run: TaskRun): TaskMemory {
    const rows = succeeded.all(run.job, tookMax).toReversed();
    const took = rows.flatMap(([one]) => one ?? []);
    const ends = rows.map(([, endedAt]) => endedAt);
    return { run, took, lastSuccessAt: ends.length === 0 ? null : Math.max(...ends) };
  }

  return {
    upsert(run: TaskRun): void {
      const { id, job, key, state, startedAt, endedAt, lastReportAt } = run;
      const doc = JSON.stringify(run);
      const orderAt = orderOf(run);
      upsert.run({ id, job, key, state, startedAt, endedAt, orderAt, lastReportAt, doc });
    },
    /** Newest first, as JSON. */
    list(query: TaskQuery): string {
      const rows = db.prepare<[Record<string, unknown>], string>(selectTasks(query)).pluck();
      return `[${rows.all(bound(query)).join(',')}]`;
    },
    /** The jobs reported last, the latest first. */
    remember: (): readonly TaskMemory[] =>
      latest.all(jobsMax).map((doc) => memoryOf(JSON.parse(doc) as TaskRun)),
    /** At most one step's worth; runs that are still open go by their last report, too. */
    deleteBefore: (at: EpochMs): number =>
      deleteOld.run(keptPerJob, at, runsPerJobMax, deletedPerStep).changes,
  };
}
