/** `tocsin task list` and `tocsin task show`: runs of jobs, as systemd or they tell. */

import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import { oneLine } from '../output/alert-view.ts';
import { renderAge } from '../output/moments.ts';
import { type Printer, renderField, type View } from '../output/printer.ts';
import type { Tone } from '../output/table.ts';
import { plainLine } from '../output/text.ts';
import { countOf, isSet } from '../values.ts';
import type { AlertView, TaskView } from '../views.ts';

/** Earlier runs that `show` tells. */
const runsShown = 10;

const tones: Readonly<Record<string, Tone>> = { failed: 'bad', completed: 'good' };
const toneOf = ({ state }: TaskView): Tone | undefined => tones[state];

/** How long it took, or how long it has run. */
function lengthOf({ startedAt, endedAt }: TaskView, now: number): string {
  if (startedAt === null) return '-';
  return renderAge((endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt));
}

const shareOf = ({ progress }: TaskView): string =>
  progress === null ? '-' : `${Math.round(progress * 100)} %`;

const textOf = (value: string | number | null): string => (value === null ? '-' : String(value));

function viewOf(printer: Printer): View<TaskView> {
  return {
    id: ({ id }) => id,
    columns: [
      { header: 'JOB', of: ({ job }) => job, tone: toneOf },
      { header: 'STATE', of: ({ state }) => state, tone: toneOf },
      {
        header: printer.isUtc ? 'STARTED' : 'AGE',
        of: ({ startedAt, endedAt }) => printer.age(startedAt ?? endedAt),
      },
      { header: 'TOOK', align: 'right', of: (one) => lengthOf(one, printer.now) },
      { header: 'DONE', align: 'right', of: shareOf },
      { header: 'EXIT', align: 'right', of: ({ exitStatus }) => textOf(exitStatus) },
      { header: 'SOURCE', wide: true, of: ({ source }) => source },
      { header: 'RUN', wide: true, of: ({ id }) => id },
      { header: 'MESSAGE', of: ({ message }) => message ?? '' },
    ],
  };
}

export async function listTasks({ args, values, api, printer }: Context): Promise<ExitName> {
  const [job] = args;
  const limit = countOf(values, 'limit') ?? (isSet(values, 'all') ? 100 : Infinity);
  const query = {
    job,
    state: isSet(values, 'failed') ? 'failed' : undefined,
    runs: isSet(values, 'all') ? 'all' : undefined,
  };
  const { rows, more } = await api.list('task.list', query, limit);
  const failed = rows.filter(({ state }) => state === 'failed').length;
  const running = rows.filter(({ state }) => state === 'running').length;
  const what = isSet(values, 'all') ? 'runs' : 'tasks';
  const legend = `${rows.length} ${what}, ${failed} failed, ${running} running`;
  await printer.list(rows, viewOf(printer), more ? `${legend}; there are more` : legend);
  return 'done';
}

function renderTask(
  one: TaskView,
  runs: readonly TaskView[],
  alerts: readonly AlertView[],
  printer: Printer,
): readonly string[] {
  const { columns, now } = printer;
  const moment = (at: string | null): string | null => (at === null ? null : printer.moment(at));
  const field = (label: string, text: string | null): readonly string[] =>
    renderField(label, text, columns);
  const usual = one.usualSeconds === null ? null : renderAge(one.usualSeconds * 1000);
  const told = (run: TaskView): string =>
    plainLine(
      `  ${moment(run.startedAt ?? run.endedAt) ?? '-'}  ${run.state}  ${lengthOf(run, now)}  ${run.message ?? ''}`,
    ).trimEnd();
  return [
    printer.paint(toneOf(one), plainLine(`${one.job}: ${one.state}`)),
    ...field('Message', one.message),
    ...field('Unit', one.unit),
    ...field('Run', one.id),
    ...field('Began', moment(one.startedAt)),
    ...field('Ended', moment(one.endedAt)),
    ...field('Took', one.endedAt === null ? null : lengthOf(one, now)),
    ...field('Done', one.progress === null ? null : shareOf(one)),
    ...field('Exit status', one.exitStatus === null ? null : String(one.exitStatus)),
    ...field('Last report', moment(one.lastReportAt)),
    ...field('Last success', moment(one.lastSuccessAt)),
    ...field('Usually takes', usual),
    ...(alerts.length === 0 ? [] : ['', 'Alerts']),
    ...alerts.map((alert) => plainLine(`  ${alert.severity}  ${oneLine(alert)}`)),
    ...(runs.length === 0 ? [] : ['', 'Latest reported runs']),
    ...runs.map(told),
  ];
}

export async function showTask({ args, api, printer }: Context): Promise<ExitName> {
  const [given = ''] = args;
  const job = given.replace(/\.service$/, '');
  const { rows } = await api.list('task.list', { job });
  const [one] = rows;
  if (one === undefined) throw new Stop('unknown', `tocsin knows no task ${job}`);
  const about = { resourceKind: 'task.run', resourceId: job, phase: ['firing', 'pending'] };
  const [runs, alerts] = await Promise.all([
    api.list('task.list', { job, runs: 'all' }, runsShown),
    api.list('alert.list', about),
  ]);
  await printer.one(one, one.id, () => renderTask(one, runs.rows, alerts.rows, printer));
  return 'done';
}
