/** What people do with alerts: acknowledge, resolve, comment, raise. */
import { alertSources, severities } from '../../domain/alert.ts';
import type { Context } from '../command.ts';
import { type ExitName, Stop, worstOf } from '../exit.ts';
import { untilOf } from '../output/alert-view.ts';
import { plainLine } from '../output/text.ts';
import { exitOf } from '../stop-of.ts';
import { isSet, textOf, textsOf, type Values, wordOf } from '../values.ts';
import type { AlertView } from '../views.ts';
import { createIdFinder } from './find-alert.ts';

const commentOf = (values: Values): { readonly comment?: string } => {
  const comment = textOf(values, 'comment');
  return comment === undefined || comment === '' ? {} : { comment };
};

/** All ids, before anything is done: with a wrong one nothing is. */
async function idsOf({ args, api }: Context): Promise<readonly string[]> {
  const find = createIdFinder(api);
  const ids: string[] = [];
  for (const given of args) ids.push(await find(given));
  return [...new Set(ids)];
}

/** What was done, as a list whose ids are those of the alerts. */
async function tell<T>(
  { printer }: Context,
  rows: readonly T[],
  idOf: (row: T) => string,
  lineOf: (row: T) => string,
): Promise<void> {
  if (printer.format === 'table' || printer.format === 'wide') {
    await printer.lines(rows.map((row) => plainLine(lineOf(row))));
  } else await printer.list(rows, { columns: [], id: idOf }, '');
}

export async function acknowledge(context: Context): Promise<ExitName> {
  const { api, printer, values } = context;
  const ids = await idsOf(context);
  const expires = textOf(values, 'expires');
  const end = expires === undefined ? {} : { until: expires };
  const { items } = await api.act('alert.acknowledgeMany', { ids, ...commentOf(values), ...end });
  const done = items.filter(({ result }) => result !== 'refused');
  const isAll = printer.format === 'json' || printer.format === 'jsonl';
  await tell(
    context,
    isAll ? items : done,
    ({ id }) => id,
    ({ id, result, alert }) =>
      result === 'unchanged'
        ? `${id} was acknowledged already by ${alert?.acknowledgedBy ?? 'somebody'}`
        : `${id} acknowledged${alert ? untilOf(alert, printer) : ''}: ${alert?.title ?? ''}`,
  );
  const problems = items.flatMap(({ problem }) => problem ?? []);
  for (const { detail } of problems) await printer.note(`tocsin: ${detail}`);
  return worstOf(problems.map(({ status }) => exitOf(status)));
}

/** The same deed on each; a refusal of one is told and does not hold up the others. */
async function actOnEach(
  context: Context,
  route: 'alert.unacknowledge' | 'alert.resolve' | 'alert.comment',
  body: Readonly<Record<string, unknown>>,
  done: string,
): Promise<ExitName> {
  const alerts: AlertView[] = [];
  const exits: ExitName[] = [];
  for (const id of await idsOf(context)) {
    try {
      alerts.push(await context.api.act(route, body, id));
    } catch (error) {
      if (!(error instanceof Stop) || !['unknown', 'conflict'].includes(error.exit)) throw error;
      exits.push(error.exit);
      await context.printer.note(`tocsin: ${error.message}`);
    }
  }
  await tell(
    context,
    alerts,
    ({ id }) => id,
    ({ id, title, stillTrue }) => `${id} ${done}${stillTrue ? ', still true' : ''}: ${title}`,
  );
  return worstOf(exits);
}

export const unacknowledge = (context: Context): Promise<ExitName> =>
  actOnEach(context, 'alert.unacknowledge', commentOf(context.values), 'no longer acknowledged');

export const resolve = (context: Context): Promise<ExitName> =>
  actOnEach(context, 'alert.resolve', commentOf(context.values), 'resolved');

export function comment(context: Context): Promise<ExitName> {
  const [id = '', text = ''] = context.args;
  if (text === '') throw new Stop('usage', 'the comment is empty');
  return actOnEach({ ...context, args: [id] }, 'alert.comment', { comment: text }, 'commented');
}

function labelsOf(values: Values): Readonly<Record<string, string>> {
  const labels = textsOf(values, 'label').map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new Stop('usage', `--label ${text}: must be NAME=VALUE`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  return Object.fromEntries(labels);
}

export async function raise(context: Context): Promise<ExitName> {
  const { args, values, api, printer } = context;
  const [title = ''] = args;
  const kind = textOf(values, 'kind');
  const id = textOf(values, 'id');
  if ((kind === undefined) !== (id === undefined)) {
    throw new Stop('usage', '--kind and --id name a resource together');
  }
  const labels = labelsOf(values);
  const alert = await api.act('alert.raise', {
    severity: wordOf(values, 'severity') ?? severities[1],
    source: wordOf(values, 'source') ?? alertSources[0],
    title,
    message: textOf(values, 'message'),
    advice: textOf(values, 'advice'),
    resource: kind === undefined ? undefined : { kind, id },
    labels: isSet(values, 'label') ? labels : undefined,
    expiresAfter: textOf(values, 'expires'),
    key: textOf(values, 'key'),
  });
  await printer.one(alert, alert.id, () => [plainLine(`${alert.id} raised: ${alert.title}`)]);
  return 'done';
}
