/** `tocsin delivery`: what was told to whom, and what was answered. */

import { drillMark, withoutMark } from '../../domain/message.ts';
import { plural } from '../../domain/plural.ts';
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import type { Printer, View } from '../output/printer.ts';
import type { Tone } from '../output/table.ts';
import { countOf, textOf } from '../values.ts';
import type { DeliveryView } from '../views.ts';
import { instantOf } from './alert.ts';

const tones: Readonly<Record<DeliveryView['state'], Tone>> = {
  delivered: 'good',
  refused: 'bad',
  waiting: 'warn',
  folded: 'dim',
};

/** What it says, in the width of a line: the first alert stands for all. */
function subjectOf({ title, items, omitted, type, drill }: DeliveryView): string {
  const [first] = items;
  if (first === undefined) return `${type}: ${title}`;
  const more = items.length - 1 + omitted;
  const rest = more > 0 ? ` (+${more})` : '';
  const mark = drill ? drillMark : '';
  return `${mark}${first.reason}: ${withoutMark(first.title)}${rest}`;
}

const viewOf = (printer: Printer): View<DeliveryView> => ({
  id: ({ key }) => key,
  columns: [
    { header: printer.isUtc ? 'TIME' : 'AGE', of: ({ time }) => printer.age(time) },
    { header: 'CHANNEL', of: ({ channel }) => channel },
    { header: 'NR', align: 'right', of: ({ sequence }) => String(sequence) },
    { header: 'STATE', of: ({ state }) => state, tone: ({ state }) => tones[state] },
    { header: 'TRIED', align: 'right', of: ({ attempts }) => String(attempts.length) },
    { header: 'KEY', wide: true, of: ({ key }) => key },
    { header: 'ANSWER', wide: true, of: ({ attempts }) => attempts.at(-1)?.detail ?? '' },
    { header: 'WHAT', of: subjectOf },
  ],
});

export async function listDeliveries(context: Context): Promise<ExitName> {
  const { args, values, api, printer } = context;
  const query = {
    alert: args[0],
    channel: textOf(values, 'channel'),
    state: textOf(values, 'state'),
    since: instantOf(context, 'since'),
  };
  const { rows, more } = await api.list('delivery.list', query, countOf(values, 'limit') ?? 100);
  const waiting = rows.filter(({ state }) => state === 'waiting').length;
  const legend = `${plural(rows.length, 'message')}, ${waiting} waiting`;
  // Lists answer newest first; people read the end of a table first.
  await printer.list(
    rows.toReversed(),
    viewOf(printer),
    more ? `${legend}; there are more` : legend,
  );
  return 'done';
}
