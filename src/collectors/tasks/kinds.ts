/**
 * Runs of jobs: what was started, how it ended; and what should have happened by now. A run
 * replaces the one before of the same job.
 */
import { defineKind, duration, flag, gauge, instant, word } from '../../domain/kind.ts';
import type { AttributeReading, ResourceReading } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import { taskStates } from '../../domain/task.ts';

const runTimes = {
  startedAt: instant({ help: 'When the run began.', source: 'InactiveExitTimestamp, or report' }),
  endedAt: instant({ help: 'When the run ended.', source: 'StateChangeTimestamp, or report' }),
  durationSeconds: gauge({
    help: 'How long the run took; known when it has ended.',
    source: 'endedAt - startedAt',
    unit: 'seconds',
  }),
  usualSeconds: gauge({
    help: 'How long the job usually takes: the median of its last 20 successful runs.',
    source: 'durationSeconds of at least 3 runs',
    unit: 'seconds',
  }),
  stuckAt: instant({
    help: 'A run that has not ended by then has taken far longer than those before it.',
    source: 'startedAt and four times usualSeconds, at least an hour; a day while none is known',
  }),
  lastSuccessAt: instant({ help: 'When the job last ended well.', source: 'endedAt' }),
};

const runReports = {
  lastReportAt: instant({ help: 'When the program last reported.', source: 'report' }),
  silentAt: instant({
    help: 'A program that promised to report and has not done so by then has been lost.',
    source: 'lastReportAt and three times the heartbeat that it promised',
  }),
};

export const taskRun = defineKind('task.run', {
  title: 'Task run',
  identity: 'JOB (a service without ".service")',
  attributes: {
    state: word({
      help: 'How the latest run of the job stands.',
      source: 'unit state, or the report of the program',
      values: taskStates,
    }),
    runId: word({
      help: 'The run: a ULID, or the invocation id of the unit.',
      source: 'tocsin, InvocationID',
    }),
    progress: gauge({
      help: 'How much is done, where the program says.',
      source: 'report',
      unit: 'ratio',
    }),
    exitStatus: gauge({
      help: 'Exit status of the main process; null when a signal ended it.',
      source: 'ExecMainStatus, or report',
      unit: 'status',
    }),
    message: word({
      help: 'Why it failed, or the last line it reported.',
      source: 'Result, or report',
    }),
    source: word({
      help: 'Who told of the run: systemd, or a program by report.',
      source: 'tocsin',
      values: ['systemd', 'report'],
    }),
    unit: word({
      help: 'The systemd unit that ran it.',
      source: 'unit name',
      refersTo: { kind: 'systemd.unit', relation: 'runs' },
    }),
    ...runTimes,
    ...runReports,
  },
});

export const taskExpectation = defineKind('task.expectation', {
  title: 'What should have happened',
  identity: 'JOB, or JOB@CALENDAR where a job has several',
  attributes: {
    job: word({ help: 'The job that is expected.', source: 'settings: tasks.expect' }),
    calendar: word({
      help: 'When it should have happened by.',
      source: 'settings: tasks.expect, as systemd.time(7) writes it',
    }),
    result: word({
      help: 'What counts: a run that ended well, or any that ended.',
      source: 'settings: tasks.expect',
      values: ['success', 'run'],
    }),
    within: duration({
      help: 'How old it may be at that moment; null: since the moment before.',
      source: 'settings: tasks.expect',
    }),
    nextDueAt: instant({ help: 'The next such moment.', source: 'systemd-analyze calendar' }),
    lastDueAt: instant({
      help: 'The last such moment since it is expected.',
      source: 'systemd-analyze calendar',
    }),
    lastHappenedAt: instant({
      help: 'When it last happened, as far as tocsin has seen.',
      source: 'task.run: lastSuccessAt, endedAt',
    }),
    met: flag({
      help: 'It has happened for the last moment, in time or late.',
      source: 'lastDueAt, lastHappenedAt, within',
    }),
    missedAt: instant({
      help: 'The moment at which it should have happened and had not; null once it happens.',
      source: 'lastDueAt, met',
    }),
    problem: word({
      help: 'Why it cannot be judged: what systemd says of the calendar expression.',
      source: 'systemd-analyze calendar',
    }),
  },
});

type Facts = Readonly<Record<string, AttributeReading>>;

/** The first of the instants that is known. */
const firstOf = (facts: Facts, ...names: readonly string[]): number =>
  names.map((name) => facts[name]).find((fact) => typeof fact === 'number') ?? 0;

/**
 * Whether a unit's run is the one to show, and not a run that was reported under the same name.
 * The later one is. A program that reports from within a unit begins after it, so its report is
 * shown; unless the unit has ended and the report has not: then the program was lost with it.
 */
export function unitPrevails(unit: Facts, report: Facts): boolean {
  const reportedAt = firstOf(report, 'startedAt', 'lastReportAt');
  if (firstOf(unit, 'startedAt', 'endedAt') > reportedAt) return true;
  const isReportOpen = report.state === 'running' || report.state === 'pending';
  return isReportOpen && firstOf(unit, 'endedAt') >= reportedAt;
}

/** Whether a run is to be told where `shown` is what stands under its name. */
export function mayTell(run: ResourceReading, shown: Resource | undefined): boolean {
  const mine = run.attributes;
  const other = shown?.attributes;
  if (other === undefined || mine.source === other.source) return true;
  return mine.source === 'systemd' ? unitPrevails(mine, other) : !unitPrevails(other, mine);
}
