/** A resource for people: its facts, its alerts, what happened to it, and who depends on it. */
import type { AlertView, EventView, ResourceView } from '../views.ts';
import { oneLine } from './alert-view.ts';
import { renderAge, renderMoment } from './moments.ts';
import { type Printer, renderField } from './printer.ts';
import type { Tone } from './table.ts';
import { plainLine } from './text.ts';

/** A dash for what does not apply or was never read; a question mark where reading was refused. */
export function factOf({ attributes }: ResourceView, name: string): string {
  const fact = attributes[name];
  if (fact === null || fact === undefined || fact === '') return '-';
  if (typeof fact === 'string') return fact;
  return typeof fact === 'number' || typeof fact === 'boolean' ? `${fact}` : '?';
}

const isInstant = (name: string, fact: unknown): fact is string =>
  name.endsWith('At') && typeof fact === 'string' && !Number.isNaN(Date.parse(fact));

const prefixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** `1.5 TiB`: three digits at most, so that columns stay narrow. */
export function renderBytes(bytes: number): string {
  const power = Math.min(
    prefixes.length - 1,
    Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(bytes))) / 10)),
  );
  const scaled = bytes / 1024 ** power;
  const digits = power === 0 || Math.abs(scaled) >= 100 ? 0 : 1;
  return `${scaled.toFixed(digits)} ${prefixes[power]}B`;
}

/** A fact in the words of people, by the end of its name: bytes, a share, yes or no. */
export function sayFact(resource: ResourceView, name: string): string {
  const fact = resource.attributes[name];
  if (typeof fact === 'boolean') return fact ? 'yes' : 'no';
  if (typeof fact === 'number' && name.endsWith('Bytes')) return renderBytes(fact);
  if (typeof fact === 'number' && name.endsWith('Ratio')) return `${(fact * 100).toFixed(0)} %`;
  return factOf(resource, name);
}

/** Facts as `Name  value`, instants with their age. */
export function renderFacts(resource: ResourceView, printer: Printer): readonly string[] {
  const { attributes } = resource;
  const width = Math.max(...Object.keys(attributes).map((name) => name.length), 0) + 2;
  return Object.entries(attributes).map(([name, fact]) => {
    const isRefused = typeof fact === 'object' && fact !== null;
    const why = isRefused && 'unreadable' in fact ? fact.unreadable : '';
    const text = isInstant(name, fact)
      ? printer.moment(fact)
      : isRefused
        ? `unreadable: ${why}`
        : factOf(resource, name);
    return plainLine(`  ${name.padEnd(width)}${text}`);
  });
}

export interface About {
  readonly alerts: readonly AlertView[];
  readonly events: readonly EventView[];
  /** What loses it when it dies, nearest first. */
  readonly dependants: readonly { readonly kind: string; readonly id: string }[];
}

/** Further dependants are counted. */
const dependantsShown = 40;

export function renderResource(
  resource: ResourceView,
  tone: Tone | undefined,
  { alerts, events, dependants }: About,
  printer: Printer,
): readonly string[] {
  const { columns, isUtc, now } = printer;
  const stale =
    resource.staleSince === null
      ? null
      : `${printer.moment(resource.staleSince)}: what follows is what was last known`;
  const told = (event: EventView): string => {
    const at = Date.parse(event.time);
    return plainLine(`  ${renderMoment(at, isUtc)}  ${event.event}  (${renderAge(now - at)} ago)`);
  };
  const more = dependants.length - dependantsShown;
  return [
    printer.paint(tone, plainLine(resource.id)),
    ...renderField('Stale since', stale, columns),
    ...renderField('Changed', printer.moment(resource.changedAt), columns),
    ...renderField('Read', printer.moment(resource.readAt), columns),
    '',
    'Facts',
    ...renderFacts(resource, printer),
    ...(alerts.length === 0 ? [] : ['', 'Alerts']),
    ...alerts.map((alert) => plainLine(`  ${alert.severity}  ${oneLine(alert)}`)),
    ...(dependants.length === 0 ? [] : ['', 'If it dies, these lose it']),
    ...dependants.slice(0, dependantsShown).map(({ kind, id }) => plainLine(`  ${kind}  ${id}`)),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(events.length === 0 ? [] : ['', 'Latest events']),
    ...events.map(told),
  ];
}
