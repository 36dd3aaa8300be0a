/** `tocsin unit list` and `tocsin unit show`: what tocsin last knew of systemd's units. */
import { matchesGlob } from 'node:path';
import type { AlertView, EventView, ResourceView } from '../api.ts';
import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import { oneLine } from '../output/alert-view.ts';
import { renderAge, renderMoment } from '../output/moments.ts';
import { type Printer, renderField, type View } from '../output/printer.ts';
import type { Tone } from '../output/table.ts';
import { plainLine } from '../output/text.ts';
import { isSet } from '../values.ts';
import { unitName } from './unit-name.ts';

const kind = 'systemd.unit';
/** Events of the unit that `show` tells. */
const eventsShown = 5;

/** A dash for what does not apply or was never read; a question mark where reading was refused. */
function factOf({ attributes }: ResourceView, name: string): string {
  const fact = attributes[name];
  if (fact === null || fact === undefined || fact === '') return '-';
  if (typeof fact === 'string') return fact;
  return typeof fact === 'number' || typeof fact === 'boolean' ? `${fact}` : '?';
}

function toneOf(unit: ResourceView): Tone | undefined {
  if (factOf(unit, 'activeState') === 'failed') return 'bad';
  return unit.staleSince === null ? undefined : 'dim';
}

function viewOf(printer: Printer): View<ResourceView> {
  const since = (unit: ResourceView): string => {
    const fact = unit.attributes.stateChangeAt;
    return printer.age(typeof fact === 'string' ? fact : null);
  };
  return {
    id: ({ id }) => id,
    columns: [
      { header: 'UNIT', of: ({ id }) => id, tone: toneOf },
      { header: 'LOAD', wide: true, of: (unit) => factOf(unit, 'loadState') },
      {
        header: 'ACTIVE',
        // A state that cannot be read now is never shown as if it were known.
        of: (unit) => `${factOf(unit, 'activeState')}${unit.staleSince === null ? '' : ' (stale)'}`,
        tone: toneOf,
      },
      { header: 'SUB', of: (unit) => factOf(unit, 'subState') },
      { header: 'RESULT', of: (unit) => factOf(unit, 'result') },
      { header: 'RESTARTS', align: 'right', of: (unit) => factOf(unit, 'nRestarts') },
      { header: printer.isUtc ? 'SINCE' : 'AGE', of: since },
      { header: 'DESCRIPTION', of: (unit) => factOf(unit, 'description') },
    ],
  };
}

export async function listUnits({ args, values, api, printer }: Context): Promise<ExitName> {
  const patterns = args.map(unitName);
  const { rows } = await api.list('resource.list', { kind });
  const wantsAll = isSet(values, 'all') || patterns.length > 0;
  const units = rows
    .filter((unit) => wantsAll || unit.attributes.watched !== false)
    .filter((unit) => !isSet(values, 'failed') || factOf(unit, 'activeState') === 'failed')
    .filter(
      ({ id }) =>
        patterns.length === 0 || patterns.some((one) => id === one || matchesGlob(id, one)),
    );
  const failed = units.filter((unit) => factOf(unit, 'activeState') === 'failed').length;
  const stale = units.filter(({ staleSince }) => staleSince !== null).length;
  const legend = `${units.length} of ${rows.length} units, ${failed} failed${stale > 0 ? `, ${stale} stale` : ''}`;
  await printer.list(units, viewOf(printer), legend);
  return 'done';
}

const isInstant = (name: string, fact: unknown): fact is string =>
  name.endsWith('At') && typeof fact === 'string' && !Number.isNaN(Date.parse(fact));

/** Facts as `Name  value`, instants with their age. */
export function renderFacts(unit: ResourceView, printer: Printer): readonly string[] {
  const width = Math.max(...Object.keys(unit.attributes).map((name) => name.length), 0) + 2;
  return Object.entries(unit.attributes).map(([name, fact]) => {
    const isRefused = typeof fact === 'object' && fact !== null;
    const why = isRefused && 'unreadable' in fact ? String(fact.unreadable) : '';
    const text = isInstant(name, fact)
      ? printer.moment(fact)
      : isRefused
        ? `unreadable: ${why}`
        : factOf(unit, name);
    return plainLine(`  ${name.padEnd(width)}${text}`);
  });
}

function renderUnit(
  unit: ResourceView,
  alerts: readonly AlertView[],
  events: readonly EventView[],
  printer: Printer,
): readonly string[] {
  const { columns, isUtc, now } = printer;
  const stale =
    unit.staleSince === null
      ? null
      : `${printer.moment(unit.staleSince)}: what follows is what was last known`;
  const told = (event: EventView): string => {
    const at = Date.parse(event.time);
    return plainLine(`  ${renderMoment(at, isUtc)}  ${event.event}  (${renderAge(now - at)} ago)`);
  };
  return [
    printer.paint(toneOf(unit), plainLine(unit.id)),
    ...renderField('Stale since', stale, columns),
    ...renderField('Changed', printer.moment(unit.changedAt), columns),
    ...renderField('Read', printer.moment(unit.readAt), columns),
    '',
    'Facts',
    ...renderFacts(unit, printer),
    ...(alerts.length === 0 ? [] : ['', 'Alerts']),
    ...alerts.map((alert) => plainLine(`  ${alert.severity}  ${oneLine(alert)}`)),
    ...(events.length === 0 ? [] : ['', 'Latest events']),
    ...events.map(told),
  ];
}

export async function showUnit({ args, api, printer }: Context): Promise<ExitName> {
  const [given = ''] = args;
  const id = unitName(given);
  // By query: the path takes no id with a backslash, as \x2d in names of units.
  const { rows } = await api.list('resource.list', { kind, id });
  const [unit] = rows;
  if (unit === undefined) throw new Stop('unknown', `tocsin knows no unit ${id}`);
  const isRendered = printer.format === 'table' || printer.format === 'wide';
  if (!isRendered) {
    await printer.one(unit, unit.id, () => []);
    return 'done';
  }
  const about = { resourceKind: kind, resourceId: id, phase: ['firing', 'pending'] };
  const [alerts, events] = await Promise.all([
    api.list('alert.list', about),
    api.list('event.list', { kind, id }, eventsShown),
  ]);
  await printer.one(unit, unit.id, () => renderUnit(unit, alerts.rows, events.rows, printer));
  return 'done';
}
