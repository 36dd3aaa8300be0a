/**
 * Who is who: the serial, never the node, which is another one after each boot. The same drive at
 * two addresses (two paths, or its own export read back) is one drive.
 */
import { type Fact, isKnown, isUnreadable } from '../../domain/reading.ts';
import { type IdentifiedBy, type Remembered, type Roster, rosterKey } from './roster.ts';
import type { ScsiDevice } from './scsi.ts';

export interface Identified {
  readonly id: string;
  readonly identifiedBy: IdentifiedBy;
  /** The address that is looked at. */
  readonly device: ScsiDevice;
  readonly otherAddresses: readonly string[];
}

type Name = Pick<Identified, 'id' | 'identifiedBy'>;

const places = (address: string): readonly number[] => address.split(':').map(Number);

/** By host, channel, target, LUN as numbers. */
export function compareAddresses(a: string, b: string): number {
  const other = places(b);
  const differences = places(a).map((place, i) => place - (other[i] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

const same = (a: Fact<string>, b: Fact<string>): boolean => !isKnown(a) || !isKnown(b) || a === b;

/** A serial that is refused today must not make a new drive of an old one. */
function recall(device: ScsiDevice, roster: Roster): Remembered | undefined {
  const ofType = [...roster.values()].filter(({ type }) => type === device.type);
  return (
    ofType.find(({ wwid }) => wwid !== null && wwid === device.wwid) ??
    ofType.find(({ address, model }) => address === device.address && same(model, device.model))
  );
}

function nameOf(device: ScsiDevice, roster: Roster): Name {
  if (isKnown(device.serial)) return { id: device.serial, identifiedBy: 'serial' };
  const before = isUnreadable(device.serial) ? recall(device, roster) : undefined;
  if (before !== undefined) return before;
  if (isKnown(device.wwid)) return { id: device.wwid, identifiedBy: 'wwid' };
  return { id: device.address, identifiedBy: 'address' };
}

/** Equal serials of different models or world-wide names are two devices (mhvtl #103). */
const isSameDevice = (a: ScsiDevice, b: ScsiDevice): boolean =>
  same(a.model, b.model) && same(a.wwid, b.wwid);

/** One for each device; of several addresses the remembered one, else the lowest. */
export function identify(devices: readonly ScsiDevice[], roster: Roster): readonly Identified[] {
  const groups = new Map<string, { readonly name: Name; readonly members: ScsiDevice[] }>();
  for (const device of devices.toSorted((a, b) => compareAddresses(a.address, b.address))) {
    const { id, identifiedBy } = nameOf(device, roster);
    const key = rosterKey({ type: device.type, id });
    const group = groups.get(key) ?? { name: { id, identifiedBy }, members: [] };
    groups.set(key, group);
    group.members.push(device);
  }
  return [...groups].flatMap(([key, { name, members }]) => {
    const before = roster.get(key)?.address;
    const first = members.find(({ address }) => address === before) ?? members[0];
    if (first === undefined) return [];
    const others = members.filter((one) => one !== first);
    const paths = others.filter((one) => isSameDevice(one, first));
    const strangers = others.filter((one) => !paths.includes(one));
    return [
      { ...name, device: first, otherAddresses: paths.map(({ address }) => address) },
      ...strangers.map((device) => ({
        id: device.address,
        identifiedBy: 'address' as const,
        device,
        otherAddresses: [],
      })),
    ];
  });
}
