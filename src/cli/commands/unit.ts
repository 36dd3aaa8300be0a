/** `tocsin unit list` and `tocsin unit show`: what tocsin last knew of systemd's units. */
import { matchesGlob } from 'node:path';
import type { Context } from '../command.ts';
import { type ExitName, Stop } from '../exit.ts';
import type { Printer, View } from '../output/printer.ts';
import { factOf } from '../output/resource-view.ts';
import type { Tone } from '../output/table.ts';
import { isSet } from '../values.ts';
import type { ResourceView } from '../views.ts';
import { showResource } from './show-resource.ts';
import { unitName } from './unit-name.ts';

const kind = 'systemd.unit';
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

export async function showUnit({ args, api, printer }: Context): Promise<ExitName> {
  const [given = ''] = args;
  const id = unitName(given);
  // By query: the path takes no id with a backslash, as \x2d in names of units.
  const { rows } = await api.list('resource.list', { kind, id });
  const [unit] = rows;
  if (unit === undefined) throw new Stop('unknown', `tocsin knows no unit ${id}`);
  await showResource(unit, toneOf(unit), { api, printer });
  return 'done';
}
