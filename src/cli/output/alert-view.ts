/** How alerts look: the columns of lists, and all that is known of one. */
import { plural } from '../../domain/plural.ts';
import type { AlertView, TimelineEntry } from '../views.ts';
import { type Printer, renderField, type View } from './printer.ts';
import type { Column, Tone } from './table.ts';
import { plainLine, plainLines } from './text.ts';
import { renderEntry } from './timeline-view.ts';

const tones: Readonly<Record<AlertView['severity'], Tone | undefined>> = {
  critical: 'bad',
  warning: 'warn',
  info: undefined,
};
export const toneOf = ({ severity }: Pick<AlertView, 'severity'>): Tone | undefined =>
  tones[severity];

/** Characters of an id that a list shows at least: its end, because the beginning is the time. */
const shortIdMin = 6;

/** The shortest end of each id that no other alert in the list shares. */
export function shortIds(ids: readonly string[]): (id: string) => string {
  const length = ids[0]?.length ?? 0;
  let size = Math.min(shortIdMin, length);
  while (size < length && new Set(ids.map((id) => id.slice(-size))).size < new Set(ids).size) {
    size += 1;
  }
  return (id) => id.slice(-size);
}

/** Phase, and what else decides whether somebody still has to look. */
export function stateOf(alert: AlertView): string {
  const marks = [
    alert.phase,
    alert.acknowledged && alert.phase !== 'resolved' ? 'acked' : '',
    alert.stale ? 'stale' : '',
    alert.stillTrue ? 'still true' : '',
    alert.mutedBy.length > 0 ? 'muted' : '',
    alert.cause === null ? '' : 'victim',
  ];
  return marks.filter((mark) => mark !== '').join(',');
}

export function alertView(alerts: readonly AlertView[], printer: Printer): View<AlertView> {
  const short = shortIds(alerts.map(({ id }) => id));
  const isWide = printer.format === 'wide';
  const columns: readonly Column<AlertView>[] = [
    { header: 'ID', of: ({ id }) => (isWide ? id : short(id)) },
    { header: 'SEVERITY', of: ({ severity }) => severity, tone: toneOf },
    { header: 'STATE', of: stateOf },
    { header: printer.isUtc ? 'SINCE' : 'AGE', of: ({ startsAt }) => printer.age(startsAt) },
    { header: 'RULE', of: ({ rule }) => rule },
    { header: 'KIND', wide: true, of: ({ resource }) => resource.kind },
    { header: 'RESOURCE', wide: true, of: ({ resource }) => resource.id },
    { header: 'SOURCE', wide: true, of: ({ source }) => source },
    { header: 'BY', wide: true, of: ({ acknowledgedBy }) => acknowledgedBy ?? '-' },
    { header: 'TITLE', of: ({ title }) => title },
  ];
  return { columns, id: ({ id }) => id };
}

/** The same with who has acknowledged each, and how long ago. */
export function acknowledgedView(alerts: readonly AlertView[], printer: Printer): View<AlertView> {
  const { columns, id } = alertView(alerts, printer);
  const acknowledged: readonly Column<AlertView>[] = [
    { header: 'ACKED', of: ({ acknowledgedAt }) => printer.age(acknowledgedAt) },
    { header: 'BY', of: ({ acknowledgedBy }) => acknowledgedBy ?? '-' },
  ];
  const others = columns.filter(({ header }) => header !== 'BY');
  return { columns: [...others.slice(0, 3), ...acknowledged, ...others.slice(3)], id };
}

/** `3 alerts: 2 critical, 1 warning`. */
export function countAlerts(alerts: readonly AlertView[], more: boolean): string {
  const counts = (['critical', 'warning', 'info'] as const)
    .map((word) => [alerts.filter(({ severity }) => severity === word).length, word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`);
  const listed = counts.length === 0 ? '' : `: ${counts.join(', ')}`;
  return `${plural(alerts.length, 'alert')}${listed}${more ? '; there are more: -n N' : ''}`;
}

/** When an acknowledgement ends by itself: before the alert does, or with it. */
export function untilOf(alert: AlertView, printer: Printer): string {
  if (alert.acknowledgedUntilChange) return ', until it changes';
  const { acknowledgedUntil: until } = alert;
  return until === null ? '' : `, until ${printer.isUtc ? until : printer.moment(until)}`;
}

/** Lines below a heading, indented; nothing for no lines. */
const block = (heading: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', heading, ...lines.map((line) => `  ${line}`.trimEnd())];

function factsOf(
  alert: AlertView,
  printer: Printer,
): readonly (readonly [string, string | null])[] {
  const { resource, labels } = alert;
  const when = (instant: string | null): string | null =>
    instant === null ? null : printer.moment(instant);
  const acknowledged = alert.acknowledgedAt === null ? null : printer.moment(alert.acknowledgedAt);
  return [
    ['Id', alert.id],
    ['State', `${alert.severity}, ${stateOf(alert)}`],
    ['Rule', alert.rule],
    ['Resource', `${resource.kind} ${resource.id}`],
    ['Source', alert.source],
    ['Began', `${printer.moment(alert.startsAt)}${alert.foundLate ? ', found late' : ''}`],
    ['Seen', when(alert.detectedAt)],
    ['Fired', when(alert.firingAt)],
    ['Resolved', alert.resolvedAt && `${when(alert.resolvedAt)}: ${alert.resolvedBy ?? ''}`],
    [
      'Acknowledged',
      alert.acknowledged && acknowledged
        ? `${acknowledged} by ${alert.acknowledgedBy ?? 'nobody known'}${untilOf(alert, printer)}`
        : null,
    ],
    ['Comment', alert.comment],
    ['Muted by', alert.mutedBy.join(', ')],
    ['Value', alert.value === null ? null : String(alert.value)],
    ['Occurrence', `${alert.occurrence}`],
    [
      'Labels',
      Object.entries(labels)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(' '),
    ],
  ];
}

export interface AlertStory {
  readonly alert: AlertView;
  readonly cause: AlertView | undefined;
  /** What else may be to blame. */
  readonly alternatives: readonly AlertView[];
  readonly victims: readonly AlertView[];
  readonly timeline: readonly TimelineEntry[];
}

export const oneLine = ({ id, title }: AlertView): string => plainLine(`${id}  ${title}`);

export function renderAlertStory(story: AlertStory, printer: Printer): readonly string[] {
  const { alert, cause, alternatives, victims, timeline } = story;
  const { columns } = printer;
  const unnamed = alert.victims.slice(victims.length);
  return [
    printer.paint(toneOf(alert), plainLine(alert.title)),
    ...plainLines(alert.message).filter((line) => line !== '' && line !== alert.title),
    '',
    ...factsOf(alert, printer).flatMap(([label, text]) => renderField(label, text, columns)),
    ...block('Advice', alert.advice === '' ? [] : plainLines(alert.advice)),
    ...block(
      'Cause',
      cause ? [oneLine(cause)] : alert.cause === null ? [] : [plainLine(alert.cause)],
    ),
    ...block('Perhaps to blame', alternatives.map(oneLine)),
    ...block('Victims', [...victims.map(oneLine), ...unnamed.map(plainLine)]),
    ...alert.evidence.flatMap(({ title, lines }) =>
      block(`Evidence: ${plainLine(title)}`, lines.flatMap(plainLines)),
    ),
    ...block(
      'Timeline',
      timeline.map((entry) => plainLine(renderEntry(entry, printer))),
    ),
  ];
}
