/** `tocsin alert list` and `tocsin alert show`. */
import { rfc3339 } from '../../domain/time.ts';
import type { Api } from '../api.ts';
import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import {
  acknowledgedView,
  alertView,
  countAlerts,
  renderAlertStory,
} from '../output/alert-view.ts';
import { readWhen } from '../output/moments.ts';
import { countOf, isSet, textOf, type Values, wordsOf } from '../values.ts';
import type { AlertView } from '../views.ts';
import { createIdFinder } from './find-alert.ts';
import { queryOf } from './matchers.ts';

/** What is shown of a list that reaches into the past, where nothing else is said. */
const pastRowsDefault = 100;
/** Victims that are shown with their titles. */
const victimsNamedMax = 20;

function phasesOf(values: Values): readonly string[] {
  const named = wordsOf(values, 'phase');
  if (isSet(values, 'all')) return ['all'];
  return named ?? ['firing'];
}

/** The instant of a --since or --until, as the API takes it. */
export function instantOf(
  { values, printer }: Pick<Context, 'values' | 'printer'>,
  option: 'since' | 'until',
): string | undefined {
  const text = textOf(values, option);
  return text === undefined ? undefined : rfc3339(readWhen(option, text, printer.now));
}

function acknowledgedOf(values: Values): boolean | undefined {
  const [is, isNot] = [isSet(values, 'acknowledged'), isSet(values, 'unacknowledged')];
  if (is && isNot) throw new Stop('usage', 'give either --acknowledged or --unacknowledged');
  return is || isNot ? is : undefined;
}

const longestAcknowledged = (a: AlertView, b: AlertView): number =>
  Date.parse(a.acknowledgedAt ?? a.updatedAt) - Date.parse(b.acknowledgedAt ?? b.updatedAt);

export async function listAlerts(context: Context): Promise<ExitName> {
  const { args, values, api, printer } = context;
  const phase = phasesOf(values);
  // What fires now is bounded; what has fired is not.
  const hasPast = phase.includes('resolved') || phase.includes('all');
  const limit = countOf(values, 'limit') ?? (hasPast ? pastRowsDefault : Infinity);
  const { rows, more } = await api.list(
    'alert.list',
    {
      ...queryOf(args, values),
      phase,
      since: instantOf(context, 'since'),
      until: instantOf(context, 'until'),
      q: textOf(values, 'grep'),
      acknowledged: acknowledgedOf(values),
    },
    limit,
  );
  const isAged = isSet(values, 'acknowledged');
  const sorted = isAged ? rows.toSorted(longestAcknowledged) : rows;
  const view = (isAged ? acknowledgedView : alertView)(sorted, printer);
  await printer.list(sorted, view, countAlerts(sorted, more));
  return 'done';
}

/** The alert, where it is still known; its story can be told without it. */
async function findAlert(api: Api, id: string): Promise<AlertView | undefined> {
  try {
    return await api.alert(id);
  } catch (error) {
    if (error instanceof Stop && error.exit === 'unknown') return undefined;
    throw error;
  }
}

async function findAlerts(api: Api, ids: readonly string[]): Promise<readonly AlertView[]> {
  const found = await Promise.all(ids.map((id) => findAlert(api, id)));
  return found.filter((alert) => alert !== undefined);
}

export async function showAlert({ args, api, printer }: Context): Promise<ExitName> {
  const [given = ''] = args;
  const alert = await api.alert(await createIdFinder(api)(given));
  const isRendered = printer.format === 'table' || printer.format === 'wide';
  if (!isRendered) {
    await printer.one(alert, alert.id, () => []);
    return 'done';
  }
  const [cause, timeline, victims, alternatives] = await Promise.all([
    alert.cause === null ? undefined : findAlert(api, alert.cause),
    api.timeline(alert.id),
    findAlerts(api, alert.victims.slice(0, victimsNamedMax)),
    findAlerts(api, alert.alternatives),
  ]);
  const story = { alert, cause, alternatives, timeline, victims };
  await printer.one(alert, alert.id, () => renderAlertStory(story, printer));
  return 'done';
}
