/** How the timeline of an alert looks: one line for each thing that happened. */
import type { TimelineEntry } from '../views.ts';
import type { Printer } from './printer.ts';

type Of<T extends TimelineEntry['type']> = Extract<TimelineEntry, { readonly type: T }>;

const quoted = (comment: string | null): string => (comment === null ? '' : `: "${comment}"`);
const said = (detail: string): string => (detail === '' ? '' : `: ${detail}`);

function sayChange({ reason, by, severity, comment }: Of<'change' | 'comment'>): string {
  const who = by === null ? '' : ` by ${by}`;
  const level = reason === 'severity' || reason === 'raised' ? ` ${severity}` : '';
  return `${reason}${level}${who}${quoted(comment)}`;
}

function sayMute({ type, muter, name, id, by }: Of<'mute-begun' | 'mute-ended'>): string {
  const verb = type === 'mute-begun' ? 'muted by' : 'no longer muted by';
  const who = by === null ? '' : `, set by ${by}`;
  return `${verb} ${muter} ${name === '' ? id : `"${name}"`}${who}`;
}

function sayEntry(entry: TimelineEntry): string {
  switch (entry.type) {
    case 'event':
      return `event ${entry.event} (${entry.foundBy})`;
    case 'mute-begun':
    case 'mute-ended':
      return sayMute(entry);
    case 'delivery':
      return `message to ${entry.channel} (${entry.reason ?? 'counted'}, ${entry.message})`;
    case 'attempt':
      return `${entry.channel} ${entry.outcome}${said(entry.detail)}`;
    default:
      return sayChange(entry);
  }
}

export function renderEntry(entry: TimelineEntry, printer: Printer): string {
  const time = printer.isUtc ? entry.time : printer.moment(entry.time);
  return `${time}  ${sayEntry(entry)}`;
}
