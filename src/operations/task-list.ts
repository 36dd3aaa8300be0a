/** The runs of tasks: the latest of each job, also those of units; or all that were reported. */
import { Type } from 'typebox';
import { taskRun } from '../collectors/tasks/kinds.ts';
import type { Resource } from '../domain/resource.ts';
import { orderOf, taskStates } from '../domain/task.ts';
import { decodeCursor, digestOfList, encodeCursor } from './cursor.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { refuse } from './refusals.ts';
import { limitDefault, name, page, paging, someOf } from './schemas.ts';
import { renderRun, renderTask, type TaskView, task } from './task-view.ts';

const sources = ['systemd', 'report'] as const;

interface Wanted {
  readonly job: string | undefined;
  readonly state: readonly string[] | undefined;
  readonly source: readonly string[] | undefined;
  readonly after: readonly [at: number, id: string] | undefined;
  readonly limit: number;
}

interface Row {
  readonly at: number;
  readonly id: string;
  readonly view: TaskView;
}

const firstNumber = ({ attributes, changedAt }: Resource): number =>
  [attributes.startedAt, attributes.endedAt, attributes.lastReportAt].find(
    (fact) => typeof fact === 'number',
  ) ?? changedAt;

/** The latest run of each job, newest first. */
function listLatest(house: House, wanted: Wanted): readonly Row[] {
  const { job, state, source, after, limit } = wanted;
  const isBelow = ({ at, id }: Row): boolean =>
    after === undefined || at < after[0] || (at === after[0] && id < after[1]);
  return house
    .resources(taskRun.name)
    .filter((one) => job === undefined || one.id === job)
    .map((one) => ({
      at: firstNumber(one),
      id: one.id,
      view: renderTask(one.id, one.attributes),
    }))
    .filter(({ view }) => state?.includes(view.state) !== false)
    .filter(({ view }) => source?.includes(view.source) !== false)
    .filter(isBelow)
    .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
    .slice(0, limit);
}

/** All reported runs, newest first. */
async function listAll(house: House, wanted: Wanted): Promise<readonly Row[]> {
  const { job, state, source, after, limit } = wanted;
  if (source !== undefined && !source.includes('report')) return [];
  const runs = await house.listTasks({
    ...(job !== undefined && { job }),
    ...(state !== undefined && { state }),
    ...(after !== undefined && { after: { at: after[0], id: after[1] } }),
    limit,
  });
  return runs.map((run) => ({
    at: orderOf(run),
    id: run.id,
    view: renderRun({ run, took: [], lastSuccessAt: null }),
  }));
}

export const listTasks = defineOperation({
  name: 'task.list',
  summary:
    'The latest run of each job, of units too, newest first; with runs=all every run that a ' +
    'program has reported.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/tasks',
  input: Type.Object(
    {
      job: Type.Optional(name),
      state: someOf(taskStates),
      source: someOf(sources),
      runs: Type.Optional(Type.Enum(['latest', 'all'])),
      ...paging,
    },
    { additionalProperties: false },
  ),
  output: page(task),
  async run(house, input) {
    const digest = digestOfList('task.list', input);
    const after = decodeCursor(digest, input.cursor, ['number', 'string']);
    const { job, state, source } = input;
    const limit = input.limit ?? limitDefault;
    const wanted = { job, state, source, after, limit: limit + 1 };
    const rows = await (input.runs === 'all' ? listAll : listLatest)(house, wanted);
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: shown.map(({ view }) => view),
      nextCursor: last === undefined ? null : encodeCursor(digest, [last.at, last.id]),
    };
  },
});

export const getTask = defineOperation({
  name: 'task.get',
  summary: 'One run, by its id or by the job whose latest run it is.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/tasks/:id',
  refusals: ['task-unknown'],
  input: Type.Object({ id: name }, { additionalProperties: false }),
  output: task,
  async run(house, { id }) {
    const latest = house
      .resources(taskRun.name)
      .find((one) => one.id === id || one.attributes.runId === id);
    if (latest !== undefined) return renderTask(latest.id, latest.attributes);
    const run = await house.tasks.find(id);
    if (run !== undefined) return renderRun({ run, took: [], lastSuccessAt: null });
    throw refuse('task-unknown', `no run has the id ${id}, and there is no job of that name`);
  },
});
