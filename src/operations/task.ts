/** Reporting a run of a job: its beginning, how far it is, its end. */
import { type Static, Type } from 'typebox';
import { taskStates } from '../domain/task.ts';
import type { TaskReport } from '../domain/task-report.ts';
import { type Ms, parseDuration, seconds } from '../domain/time.ts';
import type { TaskAnswer } from './house.ts';
import { parseInstant } from './instants.ts';
import { defineOperation } from './operation.ts';
import { refuse, refuseField } from './refusals.ts';
import { controls, line, text } from './schemas.ts';
import { renderRun, type TaskView, task } from './task-view.ts';

const jobName = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: `^[^${controls}\\s](?:[^${controls}]*[^${controls}\\s])?$`,
  'x-expects': 'a name on one line, without blanks at its ends',
});
const exitStatus = Type.Integer({ minimum: 0, maximum: 255 });
const moment = Type.String({ maxLength: 64, description: 'RFC 3339' });

const facts = {
  state: Type.Optional(
    Type.Enum([...taskStates], {
      description: 'left out: as exitStatus says, completed with an endedAt, else running',
    }),
  ),
  startedAt: Type.Optional(moment),
  endedAt: Type.Optional(moment),
  progress: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  message: Type.Optional(text),
  exitStatus: Type.Optional(exitStatus),
  heartbeat: Type.Optional(
    Type.String({
      maxLength: 32,
      description: 'while it runs it reports at least this often: 1m; else it is taken for lost',
    }),
  ),
};
const factsSchema = Type.Object(facts);
type Facts = Static<typeof factsSchema>;

const heartbeatMin = seconds(1);

function readInstant(field: 'startedAt' | 'endedAt', given: string): number {
  const at = parseInstant(given);
  if (at === undefined)
    throw refuseField(
      field,
      `must be RFC 3339 such as 2026-11-22T06:14:00Z; ${JSON.stringify(given)} is not`,
    );
  return at;
}

function readHeartbeat(given: string): Ms {
  const span = parseDuration(given);
  if (span === undefined || span < heartbeatMin)
    throw refuseField('heartbeat', 'must be a duration such as 30s or 1m, at least 1s');
  return span;
}

function readFacts(given: Facts): Omit<TaskReport, 'job' | 'key'> {
  const { state, startedAt, endedAt, progress, message, exitStatus: status, heartbeat } = given;
  return {
    ...(state !== undefined && { state }),
    ...(startedAt !== undefined && { startedAt: readInstant('startedAt', startedAt) }),
    ...(endedAt !== undefined && { endedAt: readInstant('endedAt', endedAt) }),
    ...(progress !== undefined && { progress }),
    ...(message !== undefined && { message }),
    ...(status !== undefined && { exitStatus: status }),
    ...(heartbeat !== undefined && { heartbeat: readHeartbeat(heartbeat) }),
  };
}

/** The run as it is now; else the refusal that says why not. */
function viewOf(answer: TaskAnswer, id: string): TaskView {
  switch (answer.type) {
    case 'unknown':
      throw refuse('task-unknown', `no run has the id ${id}, and no job of that name has reported`);
    case 'wrong':
      throw refuseField(answer.field, answer.why);
    case 'conflict':
      throw refuse('conflict', answer.why, { hint: 'report a new run of the job' });
    case 'unstored':
      throw refuse('not-stored', answer.why);
    default:
      return renderRun(answer.memory);
  }
}

export const reportTask = defineOperation({
  name: 'task.report',
  summary:
    'Reports a run of a job. With the same key: more of the same run, however often; without a ' +
    'key: a new run, or the end of the one that runs.',
  permission: 'write',
  // Programs report all the time; the run itself is kept, and says what became of it.
  audited: false,
  method: 'POST',
  path: '/api/v1/tasks',
  refusals: ['conflict', 'not-stored'],
  input: Type.Object(
    {
      job: jobName,
      key: Type.Optional({ ...line, description: 'the run, unique among those of the job' }),
      ...facts,
    },
    { additionalProperties: false },
  ),
  output: task,
  async run(house, { job, key = null, ...given }, caller) {
    return viewOf(await house.tasks.report({ job, key, ...readFacts(given) }, caller.name), job);
  },
});

export const updateTask = defineOperation({
  name: 'task.update',
  summary: 'Reports more of a run, by its id or by the job whose latest run it is.',
  permission: 'write',
  // As above: a job tells how far it is each second.
  audited: false,
  method: 'PATCH',
  path: '/api/v1/tasks/:id',
  refusals: ['task-unknown', 'conflict', 'not-stored'],
  input: Type.Object({ id: jobName, ...facts }, { additionalProperties: false }),
  output: task,
  async run(house, { id, ...given }, caller) {
    return viewOf(await house.tasks.update(id, readFacts(given), caller.name), id);
  },
});
