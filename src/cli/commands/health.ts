/** `tocsin health`: the parts of tocsin, and when it could not see. */
import { renderDuration } from '../../domain/time.ts';
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import { renderAge } from '../output/moments.ts';
import type { Printer, View } from '../output/printer.ts';
import type { Tone } from '../output/table.ts';
import { plainLine } from '../output/text.ts';
import type { ComponentView, HealthView } from '../views.ts';
import { instantOf } from './alert.ts';

const tones: Readonly<Record<ComponentView['status'], Tone>> = {
  healthy: 'good',
  degraded: 'warn',
  unhealthy: 'bad',
  unknown: 'warn',
};
export const toneOfHealth = (status: ComponentView['status']): Tone => tones[status];

export const reasonOf = ({ reason, blindSince }: ComponentView, printer: Printer): string => {
  const blind =
    blindSince === null ? '' : ` (blind for ${renderAge(printer.now - Date.parse(blindSince))})`;
  return `${reason ?? ''}${blind}`.trim();
};

type Row = ComponentView & { readonly name: string };

const viewOf = (printer: Printer): View<Row> => ({
  id: ({ name }) => name,
  columns: [
    { header: 'COMPONENT', of: ({ name }) => name },
    { header: 'STATUS', of: ({ status }) => status, tone: ({ status }) => toneOfHealth(status) },
    { header: printer.isUtc ? 'SINCE' : 'AGE', of: ({ since }) => printer.age(since) },
    { header: 'REASON', of: (row) => reasonOf(row, printer) || '-' },
  ],
});

function blindLines({ blind = [] }: HealthView, printer: Printer): readonly string[] {
  const lines = blind.map(({ source, since, until, why }) => {
    const length = (until === null ? printer.now : Date.parse(until)) - Date.parse(since);
    const open = until === null ? ', still' : '';
    return plainLine(
      `  ${source}: ${printer.moment(since)}, for ${renderDuration(length)}${open}: ${why}`,
    );
  });
  return lines.length === 0 ? [] : ['', 'Could not see:', ...lines];
}

export async function showHealth(context: Context): Promise<ExitName> {
  const { api, printer } = context;
  const health = await api.health(instantOf(context, 'since'));
  const rows = Object.entries(health.components ?? {}).map(([name, one]) => ({ name, ...one }));
  if (printer.format === 'json' || printer.format === 'jsonl') {
    await printer.one(health, '', () => []);
  } else {
    const hidden = health.components === undefined ? '; you may not see its parts' : '';
    await printer.list(rows, viewOf(printer), `tocsin is ${health.status}${hidden}`);
    if (printer.format !== 'id') await printer.lines(blindLines(health, printer));
  }
  return health.status === 'unhealthy' ? 'problems' : 'done';
}
