/** The properties of org.tocsin1.Manager, as they are now. */
import type { House } from '../operations/house.ts';
import type { BusVariant } from '../platform/system-bus.ts';
import type { AlertObjects } from './objects.ts';

const text = (value: string): BusVariant => ({ signature: 's', value });
const count = (value: number): BusVariant => ({ signature: 'u', value });

export function managerProperties(
  house: House,
  objects: AlertObjects,
): ReadonlyMap<string, BusVariant> {
  return new Map([
    ['Version', text(house.version)],
    ['Health', text(house.health().status)],
    ['CriticalCount', count(objects.count('critical'))],
    ['WarningCount', count(objects.count('warning'))],
    ['FiringCount', count(objects.count())],
    ['OmittedCount', count(objects.omitted())],
    ['LastSeq', { signature: 't', value: house.feed.lastSeq() }],
  ]);
}
