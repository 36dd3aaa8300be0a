/** `tocsin status`: one screen, 24 lines at most, with what matters most. */
import { hours, renderDuration, seconds } from '../../domain/time.ts';
import type { Context } from '../command.ts';
import type { ExitName } from '../exit.ts';
import { alertView } from '../output/alert-view.ts';
import { sumBlindTimes } from '../output/blind.ts';
import { renderAge } from '../output/moments.ts';
import { renderSpan } from '../output/mute-view.ts';
import type { Printer } from '../output/printer.ts';
import { renderTable } from '../output/table.ts';
import { cut, plainLine } from '../output/text.ts';
import type { AlertView, HealthView, MaintenanceView } from '../views.ts';
import { reasonOf, toneOfHealth } from './health.ts';

const sickMax = 6;
const blindMax = 3;
const worstMax = 8;
const blindShown = hours(24);

const ranks = ['critical', 'warning', 'info'] as const;

/** Most severe first; then those that nobody takes care of, causes before victims, the newest. */
const worstFirst = (a: AlertView, b: AlertView): number =>
  ranks.indexOf(a.severity) - ranks.indexOf(b.severity) ||
  Number(a.acknowledged) - Number(b.acknowledged) ||
  Number(a.cause !== null) - Number(b.cause !== null) ||
  Date.parse(b.startsAt) - Date.parse(a.startsAt);

interface Counts {
  readonly critical: number;
  readonly warning: number;
  readonly info: number;
  readonly acknowledged: number;
  readonly pending: number;
  /** Firing, and not announced: silences, maintenance, a cause. */
  readonly muted: number;
}

function countAll(alerts: readonly AlertView[]): Counts {
  const firing = alerts.filter(({ phase }) => phase === 'firing');
  const of = (severity: AlertView['severity']): number =>
    firing.filter((alert) => alert.severity === severity).length;
  return {
    critical: of('critical'),
    warning: of('warning'),
    info: of('info'),
    acknowledged: firing.filter(({ acknowledged }) => acknowledged).length,
    pending: alerts.length - firing.length,
    muted: firing.filter(({ mutedBy }) => mutedBy.length > 0).length,
  };
}

function componentLines({ components }: HealthView, printer: Printer): readonly string[] {
  if (components === undefined) return ['Components  not for you to see'];
  const all = Object.entries(components);
  const sick = all.filter(([, { status }]) => status !== 'healthy');
  const well = all.filter(([, { status }]) => status === 'healthy').map(([name]) => name);
  const lines = sick.slice(0, sickMax).map(([name, one]) => {
    const status = printer.paint(toneOfHealth(one.status), one.status);
    return `${plainLine(name)} ${status} for ${renderAge(printer.now - Date.parse(one.since))}: ${plainLine(reasonOf(one, printer))}`;
  });
  const more = sick.length > sickMax ? [`and ${sick.length - sickMax} more: tocsin health`] : [];
  const good = well.length > 0 ? [plainLine(`${well.length} healthy: ${well.join(', ')}`)] : [];
  return [...lines, ...more, ...good].map(
    (line, i) => `${i === 0 ? 'Components' : '          '}  ${line}`,
  );
}

function blindLines({ blind = [] }: HealthView, { now }: Printer): readonly string[] {
  const sums = sumBlindTimes(blind, now - blindShown, now);
  if (sums.length === 0) return ['Blind       not in the last 24 hours'];
  const lines = sums.slice(0, blindMax).map(({ source, span, isOpen, why }) => {
    const length = renderDuration(Math.max(seconds(1), Math.round(span / 1000) * 1000));
    return plainLine(`${source} ${length}${isOpen ? ', still' : ''}: ${why}`);
  });
  const more = sums.length > blindMax ? [`and ${sums.length - blindMax} more: tocsin health`] : [];
  return [...lines, ...more].map((line, i) => `${i === 0 ? 'Blind (24h)' : '           '} ${line}`);
}

function headLine(health: HealthView, printer: Printer): string {
  const state = printer.paint(toneOfHealth(health.status), health.status);
  const age = health.startedAt && renderAge(printer.now - Date.parse(health.startedAt));
  const parts = [
    `tocsin ${plainLine(health.version ?? '')}`.trim(),
    ` is ${state}`,
    age ? `, running for ${age}` : '',
    health.ready === false ? ', not everything is read yet' : '',
  ];
  return parts.join('');
}

function alertLines(
  alerts: readonly AlertView[],
  counts: Counts,
  printer: Printer,
): readonly string[] {
  const { critical, warning, info, acknowledged, pending, muted } = counts;
  const red = printer.paint(critical > 0 ? 'bad' : undefined, `${critical} critical`);
  const yellow = printer.paint(warning > 0 ? 'warn' : undefined, `${warning} warning`);
  const head = `Alerts      ${red}, ${yellow}, ${info} info; ${acknowledged} acknowledged, ${muted} muted, ${pending} pending`;
  const firing = alerts.filter(({ phase }) => phase === 'firing').sort(worstFirst);
  const worst = firing.slice(0, worstMax);
  if (worst.length === 0) return [head];
  const look = { columns: printer.columns, isWide: false, paint: printer.paint };
  const left = firing.length - worst.length;
  return [
    head,
    '',
    ...renderTable(worst, alertView(firing, printer).columns, look),
    ...(left > 0 ? [`and ${left} more: tocsin alert list`] : []),
    '',
  ];
}

/** While one is open, silence means nothing. */
function maintenanceLines(open: readonly MaintenanceView[], printer: Printer): readonly string[] {
  const [first] = open;
  if (first === undefined) return [];
  const { opening, comment, filter } = first;
  const span = opening === null ? '' : ` (${renderSpan({ ...opening, state: 'active' }, printer)})`;
  const others = open.length === 1 ? '' : `, and ${open.length - 1} more: tocsin maintenance`;
  const what = filter === '' ? 'everything' : filter;
  return [plainLine(`Maintenance ${comment}${span} mutes ${what}${others}`)];
}

/** Coloured lines are left alone: they hold more characters than cells. */
const fit = (line: string, columns: number | undefined): string =>
  columns === undefined || line.includes('\x1b') ? line : cut(line, columns);

export async function showStatus({ api, printer }: Context): Promise<ExitName> {
  const [health, { rows }, { rows: open }] = await Promise.all([
    api.health(),
    api.list('alert.list', { phase: ['firing', 'pending'] }),
    api.list('maintenance.list', { state: 'active' }),
  ]);
  const counts = countAll(rows);
  const firing = rows.filter(({ phase }) => phase === 'firing').sort(worstFirst);
  const status = { ...health, counts, worst: firing.slice(0, worstMax) };
  await printer.one(status, health.status, () =>
    [
      headLine(health, printer),
      ...componentLines(health, printer),
      ...alertLines(rows, counts, printer),
      ...maintenanceLines(open, printer),
      ...blindLines(health, printer),
    ].map((line) => fit(line, printer.columns)),
  );
  return 'done';
}
