/** `tocsin metrics`: the appliance in figures. */
import { days, renderDuration, seconds } from '../../domain/time.ts';
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import type { View } from '../output/printer.ts';
import { renderBytes } from '../output/resource-view.ts';
import type { MetricsView } from '../views.ts';

interface Row {
  /** `storage.usedRatio`, as it stands in the JSON. */
  readonly figure: string;
  readonly value: number | null;
}

/** Longer durations are told in whole minutes. */
const roughFrom = days(1);

function renderSeconds(value: number): string {
  const duration = seconds(value);
  const step = duration >= roughFrom ? seconds(60) : duration >= seconds(10) ? seconds(1) : 1;
  return renderDuration(Math.round(duration / step) * step);
}

const rounded = (value: number): string => String(Number(value.toFixed(2)));

/** In the words of people, by the end of its name; a dash for what cannot be known. */
function renderFigure({ figure, value }: Row): string {
  if (value === null) return '-';
  if (figure.endsWith('Bytes')) return renderBytes(value);
  if (figure.endsWith('Ratio')) return `${(value * 100).toFixed(1)} %`;
  if (figure.endsWith('PerSecond')) return `${rounded(value)}/s`;
  if (figure.endsWith('Seconds')) return renderSeconds(value);
  if (figure.endsWith('Ms')) return `${rounded(value)} ms`;
  return rounded(value);
}

const view: View<Row> = {
  id: ({ figure }) => figure,
  columns: [
    { header: 'FIGURE', of: ({ figure }) => figure },
    {
      header: 'VALUE',
      of: renderFigure,
      tone: ({ value }) => (value === null ? 'dim' : undefined),
      align: 'right',
    },
  ],
};

const rowsOf = (metrics: MetricsView): readonly Row[] =>
  Object.entries(metrics).flatMap(([part, figures]) =>
    // `collectedAt` is no part.
    typeof figures === 'string'
      ? []
      : Object.entries<number | null>({ ...figures }).map(([name, value]) => ({
          figure: `${part}.${name}`,
          value,
        })),
  );

export async function showMetrics({ api, printer }: Context): Promise<ExitName> {
  const metrics = await api.metrics();
  if (printer.format === 'json' || printer.format === 'jsonl') {
    await printer.one(metrics, '', () => []);
    return 'done';
  }
  const rows = rowsOf(metrics);
  const unknown = rows.filter(({ value }) => value === null).length;
  const legend = unknown === 0 ? '' : `; ${unknown} cannot be known now (-)`;
  await printer.list(rows, view, `${rows.length} figures${legend}`);
  return 'done';
}
