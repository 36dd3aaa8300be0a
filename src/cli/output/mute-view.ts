/** How silences and maintenance windows look. */
import { plural } from '../../domain/plural.ts';
import type { MaintenanceView, SilenceView } from '../views.ts';
import { renderAge } from './moments.ts';
import { type Printer, renderField, type View } from './printer.ts';
import type { Tone } from './table.ts';
import { plainLine } from './text.ts';

const tones: Readonly<Record<SilenceView['state'], Tone | undefined>> = {
  active: 'warn',
  pending: undefined,
  expired: 'dim',
};

/** Characters of a silence's id that a list shows: it is random from its beginning. */
const shortSilence = 8;
/** Of a window's, the end: its beginning is the time. */
const shortWindow = 6;

/** `3 silences: 2 active, 1 pending`. */
export function countMutes(
  word: string,
  rows: readonly { readonly state: SilenceView['state'] }[],
): string {
  const counts = (['active', 'pending', 'expired'] as const)
    .map((state) => [rows.filter((row) => row.state === state).length, state] as const)
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${state}`);
  return `${plural(rows.length, word)}${counts.length === 0 ? '' : `: ${counts.join(', ')}`}`;
}

/** `55m left`, `in 2h`, `3d ago`; with --utc the instant. */
export function renderSpan(
  { state, startsAt, endsAt }: { state: SilenceView['state']; startsAt: string; endsAt: string },
  printer: Printer,
): string {
  const { now, isUtc } = printer;
  if (isUtc) return printer.age(state === 'pending' ? startsAt : endsAt);
  if (state === 'pending') return `in ${renderAge(Date.parse(startsAt) - now)}`;
  const left = Date.parse(endsAt) - now;
  return state === 'active' ? `${renderAge(left)} left` : `${renderAge(-left)} ago`;
}

export function silenceView(printer: Printer): View<SilenceView> {
  const isWide = printer.format === 'wide';
  return {
    id: ({ id }) => id,
    columns: [
      { header: 'ID', of: ({ id }) => (isWide ? id : id.slice(0, shortSilence)) },
      { header: 'STATE', of: ({ state }) => state, tone: ({ state }) => tones[state] },
      { header: 'TIME', of: (one) => renderSpan(one, printer) },
      { header: printer.isUtc ? 'SET' : 'AGE', of: ({ createdAt }) => printer.age(createdAt) },
      { header: 'BY', of: ({ createdBy }) => createdBy },
      { header: 'CALLER', wide: true, of: ({ setBy }) => setBy },
      { header: 'MATCHERS', of: ({ filter }) => filter },
      { header: 'COMMENT', of: ({ comment }) => comment },
    ],
  };
}

/** When it is open: `Sat 02:00 for 2h`, or once. */
const scheduleOf = ({ calendar, duration }: MaintenanceView): string =>
  calendar === null ? 'once' : `${calendar} for ${duration ?? '-'}`;

const openingOf = (one: MaintenanceView, printer: Printer): string => {
  if (one.state === 'expired') return `${printer.age(one.endedAt ?? one.endsAt)} ago`;
  return one.opening === null ? '-' : renderSpan({ ...one.opening, state: one.state }, printer);
};

export function maintenanceView(printer: Printer): View<MaintenanceView> {
  const isWide = printer.format === 'wide';
  return {
    id: ({ id }) => id,
    columns: [
      { header: 'ID', of: ({ id }) => (isWide ? id : id.slice(-shortWindow)) },
      { header: 'STATE', of: ({ state }) => state, tone: ({ state }) => tones[state] },
      { header: 'TIME', of: (one) => openingOf(one, printer) },
      { header: 'OPENS', of: scheduleOf },
      { header: 'BY', of: ({ createdBy }) => createdBy },
      { header: 'CALLER', wide: true, of: ({ setBy }) => setBy },
      { header: 'MATCHERS', of: ({ filter }) => (filter === '' ? 'everything' : filter) },
      { header: 'COMMENT', of: ({ comment }) => comment },
    ],
  };
}

/** A moment that may still come, with how far away it is. */
function momentOf(at: string, printer: Printer): string {
  const ahead = Date.parse(at) - printer.now;
  return ahead > 0
    ? printer.moment(at).replace(/\(.*\)$/, `(in ${renderAge(ahead)})`)
    : printer.moment(at);
}

export function renderSilence(one: SilenceView, printer: Printer): readonly string[] {
  const field = (label: string, text: string | null): readonly string[] =>
    renderField(label, text, printer.columns);
  return [
    printer.paint(tones[one.state], plainLine(`${one.state}: ${one.comment}`)),
    ...field('Id', one.id),
    ...field('Matchers', one.filter),
    ...field('Begins', momentOf(one.startsAt, printer)),
    ...field('Ends', momentOf(one.endsAt, printer)),
    ...field('Set by', `${one.createdBy}${one.createdBy === one.setBy ? '' : ` (${one.setBy})`}`),
    ...field('Set', momentOf(one.createdAt, printer)),
    ...field('Changed', one.updatedAt === one.createdAt ? null : momentOf(one.updatedAt, printer)),
    ...field('Ended by', one.endedBy),
  ];
}
