/** `tocsin rule backtest`: what rules, silences and channels would have said of the past. */
import { days, renderDuration, rfc3339 } from '../../domain/time.ts';
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import { Stop } from '../exit.ts';
import type { Printer } from '../output/printer.ts';
import { plainLine } from '../output/text.ts';
import { isSet, textOf, textsOf } from '../values.ts';
import type { BacktestView } from '../views.ts';
import { instantOf } from './alert.ts';

const sinceDefault = days(30);

type Row = BacktestView['rules'][number];
type Report = NonNullable<Row['candidate']>;

/** Two units say enough: `6m`, `1h30m`, `2d4h`. */
function rough(length: number): string {
  const step = length >= days(1) ? 3_600_000 : length >= 3_600_000 ? 60_000 : 1000;
  return renderDuration(length < 1000 ? length : Math.round(length / step) * step);
}

const times = (count: number): string => (count === 1 ? '1 time' : `${count} times`);

function describe({ fired, announced, medianMs, longestMs, ...rest }: Report): string {
  const parts = [
    `fired ${times(fired)}`,
    `announced ${announced}`,
    medianMs === null ? '' : `median ${rough(medianMs)}`,
    longestMs === null ? '' : `longest ${rough(longestMs)}`,
    rest.firingAtBegin > 0 ? `${rest.firingAtBegin} fired already` : '',
    rest.firingAtEnd > 0 ? `${rest.firingAtEnd} still firing` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function linesOf({ id, candidate, inForce }: Row, printer: Printer): readonly string[] {
  const span = (one: Report | null): readonly string[] => {
    if (one?.firstAt == null || one.lastAt === null) return [];
    return [`    first ${printer.moment(one.firstAt)}, last ${printer.moment(one.lastAt)}`];
  };
  if (candidate === null)
    return [`${id}: ${inForce === null ? 'disabled' : describe(inForce)}`, ...span(inForce)];
  const other = inForce === null ? 'there is no such rule' : describe(inForce);
  return [`${id}: would have ${describe(candidate)}`, ...span(candidate), `    in force: ${other}`];
}

function render(found: BacktestView, printer: Printer): readonly string[] {
  const { from, to, rules, silences, channels, gaps, notes, inputs, tookMs } = found;
  const fired = rules.filter(({ candidate, inForce }) =>
    [candidate, inForce].some((one) => one !== null && one.fired + one.firingAtBegin > 0),
  );
  // All rules in force are many; those that never said anything are counted.
  const shown = rules.every(({ candidate }) => candidate === null) ? fired : rules;
  const silent = rules.length - shown.length;
  return [
    `From ${printer.moment(from)} to ${printer.moment(to)}:`,
    ...shown.flatMap((row) => linesOf(row, printer)),
    ...(silent > 0 ? [`${silent} more rules never fired`] : []),
    ...silences.map(
      ({ matchers, silenced }) => `silence ${matchers.join(',')}: ${silenced} alerts kept quiet`,
    ),
    ...channels.map(({ channel, messages, inForce }) => {
      const before = inForce === null ? 'new' : `in force: ${inForce}`;
      return `channel ${channel}: ${messages ?? 'none'} messages (${before})`;
    }),
    ...gaps.map((gap) => `nothing was kept from ${gap.from} to ${gap.to}`),
    ...notes.map((note) => `note: ${note}`),
    ...(printer.hasLegend ? [`${inputs} readings played in ${rough(tookMs)}`] : []),
  ].map(plainLine);
}

/** How far it is, while it runs; on a terminal alone. */
function showProgress({ api, io }: Context): () => void {
  if (!io.stderr.isTty) return () => {};
  const end = new AbortController();
  const run = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await io.clock.sleep(1000, end.signal);
      const { part } = await api.backtestProgress();
      if (part !== null && !end.signal.aborted)
        await io.stderr.write(`\r${Math.round(part * 100)} % `);
    }
  };
  // A figure that cannot be had is no reason to end.
  run().catch(() => undefined);
  return () => {
    end.abort();
    void io.stderr.write('\r\x1b[K');
  };
}

function readFile({ io }: Context, path: string): string {
  const text = io.files.readText(path);
  if (text === undefined) throw new Stop('unknown', `there is no file ${path}`);
  return text;
}

export async function backtestRules(context: Context): Promise<ExitName> {
  const { api, args, io, printer, values } = context;
  const [path] = args;
  const config = textOf(values, 'config');
  const silences = textsOf(values, 'silence').map((matcher) => ({ matchers: [matcher] }));
  const body = {
    since: instantOf(context, 'since') ?? rfc3339(io.clock.now() - sinceDefault),
    ...(path === undefined ? {} : { text: readFile(context, path) }),
    ...(silences.length > 0 ? { silences } : {}),
    ...(isSet(values, 'channels') ? { channels: true } : {}),
    ...(config === undefined ? {} : { settings: readFile(context, config) }),
  };
  const stop = showProgress(context);
  const found = await api.act('rule.backtest', body).finally(stop);
  await printer.one(found, found.rules.map(({ id }) => id).join('\n'), () =>
    render(found, printer),
  );
  return 'done';
}
