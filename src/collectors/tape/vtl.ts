/** What the VTL collector knows of the virtual drives and libraries that we see as devices. */
import type { Known, Resource } from '../../domain/resource.ts';
import type { DeviceType } from './scsi.ts';

export interface VtlFacts {
  /** Id of the vtl.drive or vtl.library; null when there is none with this serial. */
  readonly id: string | null;
  /** Its daemon runs; false also where that is not known. */
  readonly daemonActive: boolean;
}

const kindOf = { drive: 'vtl.drive', changer: 'vtl.library' } as const;
const hasSerial =
  (serial: string) =>
  ({ attributes }: Resource): boolean =>
    attributes.serial === serial;

export function findVtl(known: Known, type: DeviceType, serial: string): VtlFacts {
  const found = known.list(kindOf[type]).find(hasSerial(serial));
  return { id: found?.id ?? null, daemonActive: found?.attributes.daemonActive === true };
}

/**
 * The VTL is configured and does not name this device (any more). Devices that it shows although
 * nobody declared them are no configuration.
 */
export function isUndeclared(known: Known, type: DeviceType, serial: string): boolean {
  const all = known.list(kindOf[type]);
  const declared = all.filter(({ attributes }) => attributes.declared !== false);
  return declared.length > 0 && !declared.some(hasSerial(serial));
}

const slotOf = ({ attributes: { slot } }: Resource): number =>
  typeof slot === 'number' ? slot : Number.MAX_SAFE_INTEGER;

/** Serials of the drives of a virtual library in the order of its drive elements. */
export function listVtlDrives(known: Known, library: string): readonly string[] {
  return known
    .list('vtl.drive')
    .filter(({ attributes }) => attributes.library === library)
    .toSorted((a, b) => slotOf(a) - slotOf(b))
    .map(({ attributes: { serial } }) => (typeof serial === 'string' ? serial : ''));
}
