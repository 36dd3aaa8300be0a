/**
 * What disks say of themselves, from udisks2: it asks them every ten minutes while it runs, and
 * shows that to everybody on the bus. We only read. Properties: udisks2's D-Bus reference,
 * Drive.Ata and NVMe.Controller.
 */
import type { EpochMs } from '../../domain/time.ts';
import type { BusConnection, BusValue, SystemBus } from '../../platform/system-bus.ts';
import type { Disk } from './disks.ts';

export interface Smart {
  readonly smartFailing?: boolean | null;
  readonly smartReason?: string | null;
  readonly temperatureCelsius?: number | null;
  readonly reallocatedSectors?: number | null;
  readonly wearRatio?: number | null;
  readonly smartUpdatedAt?: EpochMs | null;
}

/** By serial number and by WWN in plain hexadecimal, whichever a disk is known by. */
export type SmartBySign = ReadonlyMap<string, Smart>;

const plainWwn = (wwn: string): string => wwn.toLowerCase().replace(/^(naa\.|eui\.|0x)/, '');

export const smartOf = (smart: SmartBySign, { serial, wwn }: Disk): Smart | undefined =>
  (serial === null ? undefined : smart.get(serial)) ??
  (wwn === null ? undefined : smart.get(plainWwn(wwn)));

type Dictionary = { readonly [key: string]: BusValue };
const isDictionary = (value: BusValue | undefined): value is Dictionary =>
  typeof value === 'object' && !Array.isArray(value);

const numberOf = (value: BusValue | undefined): number | undefined =>
  typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;

const zeroCelsiusInKelvin = 273.15;

/** 0 K means that it is not known. */
function celsius(kelvin: number | undefined): number | null {
  if (kelvin === undefined || kelvin <= 0) return null;
  return Math.round((kelvin - zeroCelsiusInKelvin) * 10) / 10;
}

function ataSmart(ata: Dictionary): Smart | undefined {
  if (ata.SmartEnabled !== true) return undefined;
  const updated = numberOf(ata.SmartUpdated) ?? 0;
  if (updated === 0) return undefined;
  const bad = numberOf(ata.SmartNumBadSectors);
  const isFailing = ata.SmartFailing === true;
  return {
    smartFailing: isFailing,
    smartReason: isFailing ? 'an attribute is at or below its threshold' : null,
    temperatureCelsius: celsius(numberOf(ata.SmartTemperature)),
    reallocatedSectors: bad === undefined || bad < 0 ? null : bad,
    smartUpdatedAt: updated * 1000,
  };
}

function nvmeSmart(nvme: Dictionary): Smart | undefined {
  const updated = numberOf(nvme.SmartUpdated) ?? 0;
  if (updated === 0) return undefined;
  const warnings = Array.isArray(nvme.SmartCriticalWarning)
    ? nvme.SmartCriticalWarning.filter((one): one is string => typeof one === 'string')
    : [];
  return {
    smartFailing: warnings.length > 0,
    smartReason: warnings.join(', ') || null,
    temperatureCelsius: celsius(numberOf(nvme.SmartTemperature)),
    smartUpdatedAt: updated * 1000,
  };
}

const udisksName = 'org.freedesktop.UDisks2';

/** The answer of GetManagedObjects: path, interface, property. */
export function parseManagedObjects(objects: BusValue | undefined): SmartBySign {
  const found = new Map<string, Smart>();
  if (!isDictionary(objects)) return found;
  for (const object of Object.values(objects)) {
    if (!isDictionary(object)) continue;
    const drive = object[`${udisksName}.Drive`];
    const ata = object[`${udisksName}.Drive.Ata`];
    const nvme = object[`${udisksName}.NVMe.Controller`];
    if (!isDictionary(drive)) continue;
    const smart = isDictionary(ata)
      ? ataSmart(ata)
      : isDictionary(nvme)
        ? nvmeSmart(nvme)
        : undefined;
    if (smart === undefined) continue;
    const { Serial: serial, WWN: wwn } = drive;
    if (typeof serial === 'string' && serial !== '') found.set(serial, smart);
    if (typeof wwn === 'string' && wwn !== '') found.set(plainWwn(wwn), smart);
  }
  return found;
}

async function readManaged(connection: BusConnection): Promise<SmartBySign> {
  // A call to a name that nobody has would start the service; watching starts nothing.
  const owned = await connection.call({
    destination: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    member: 'NameHasOwner',
    signature: 's',
    body: [udisksName],
  });
  if (owned.type !== 'returned' || owned.body[0] !== true) return new Map();
  const managed = await connection.call({
    destination: udisksName,
    path: '/org/freedesktop/UDisks2',
    interface: 'org.freedesktop.DBus.ObjectManager',
    member: 'GetManagedObjects',
  });
  return managed.type === 'returned' ? parseManagedObjects(managed.body[0]) : new Map();
}

/** Empty without udisks2, which is usual on a server. */
export async function readUdisks(bus: SystemBus): Promise<SmartBySign> {
  const connected = await bus.connect(() => {});
  if (connected.type === 'refused') return new Map();
  try {
    return await readManaged(connected.connection);
  } finally {
    connected.connection.close();
  }
}
