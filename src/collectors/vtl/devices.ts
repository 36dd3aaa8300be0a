/** SCSI devices of mhvtl as sysfs shows them. No command is sent to any: it could hang. */

import type { Unreadable } from '../../domain/reading.ts';
import { isUnreadable } from '../../domain/reading.ts';
import type { Files } from '../../platform/files.ts';
import { attempt, ifKnown, readNumber } from '../attribute.ts';
import type { Roots } from '../collector.ts';
import { readExported, readSerial } from '../scsi-device.ts';
import type { DeclaredUnit } from './device-conf.ts';

export interface VtlDevice {
  /** `HOST:CHANNEL:TARGET:LUN`. */
  readonly address: string;
  readonly place: string;
  readonly type: 'Library' | 'Drive' | undefined;
  readonly serial: string | undefined;
  /** `running`, `offline`, …: the SCSI layer's own word. */
  readonly state: string | Unreadable | null;
  /** The node a user names: the sg node of a changer, the nst node of a drive. */
  readonly node: string | null;
  /** SCST exports it by pass-through; null when SCST is not loaded. */
  readonly exported: boolean | Unreadable | null;
  /** Commands that were answered so far. */
  readonly answered: number | undefined;
}

export interface Seen {
  readonly moduleLoaded: boolean | Unreadable;
  readonly devices: readonly VtlDevice[] | Unreadable;
}

/** Numbers of the SCSI hosts that mhvtl made: scsi_host/hostN/proc_name. */
function readHosts(files: Files, sysfs: string): Set<string> {
  const folder = `${sysfs}/class/scsi_host`;
  const names = (files.list(folder) ?? []).map(({ name }) => name);
  const own = names.filter(
    (name) => files.readAttribute(`${folder}/${name}/proc_name`) === 'mhvtl',
  );
  return new Set(own.map((name) => name.slice('host'.length)));
}

/** A drive by the node that does not rewind, a changer by that of the generic driver. */
function readNode(files: Files, device: string): string | null {
  const find = (folder: string, pattern: RegExp): string | undefined =>
    (files.list(`${device}/${folder}`) ?? []).find(({ name }) => pattern.test(name))?.name;
  const name = find('scsi_tape', /^nst\d+$/) ?? find('scsi_generic', /^sg\d+$/);
  return name === undefined ? null : `/dev/${name}`;
}

function readDevice(files: Files, sysfs: string, address: string): VtlDevice {
  const device = `${sysfs}/class/scsi_device/${address}/device`;
  const safely = <T>(name: string, read: (path: string) => T): T | Unreadable =>
    attempt(`${device}/${name}`, () => read(`${device}/${name}`));
  const text = (name: string): string | Unreadable | undefined =>
    safely(name, (path) => files.readAttribute(path));
  const known = <T>(value: T | Unreadable): T | undefined =>
    isUnreadable(value) ? undefined : value;
  const code = known(text('type'));
  const type = code === '8' ? 'Library' : code === '1' ? 'Drive' : undefined;
  const answered = ifKnown(readNumber(files, `${device}/iodone_cnt`));
  return {
    address,
    place: address.slice(address.indexOf(':') + 1),
    type,
    serial: ifKnown(readSerial(files, device)),
    state: text('state') ?? null,
    node: known(safely('', () => readNode(files, device))) ?? null,
    exported: readExported(files, sysfs, address),
    answered,
  };
}

export function readDevices(files: Files, roots: Pick<Roots, 'sysfs'>): Seen {
  const { sysfs } = roots;
  const hosts = attempt('class/scsi_host', () => readHosts(files, sysfs));
  const loaded = attempt('module', () => files.list(`${sysfs}/module/mhvtl`) !== undefined);
  if (isUnreadable(hosts)) return { moduleLoaded: loaded, devices: hosts };
  const folder = `${sysfs}/class/scsi_device`;
  const devices = attempt(folder, () =>
    (hosts.size === 0 ? [] : (files.list(folder) ?? []))
      .filter(({ name }) => hosts.has(name.slice(0, name.indexOf(':'))))
      .map(({ name }) => readDevice(files, sysfs, name)),
  );
  // A host that mhvtl made is there only while its module is.
  return { moduleLoaded: hosts.size > 0 ? true : loaded, devices };
}

/**
 * The device of each record: by serial number, else by its place on the host, because a daemon
 * that runs with an older device.conf may show another number. Each device is taken once.
 */
export function matchDevices(
  units: readonly DeclaredUnit[],
  devices: readonly VtlDevice[],
): Map<string, VtlDevice> {
  const found = new Map<string, VtlDevice>();
  const free = new Set(devices);
  const take = (fits: (unit: DeclaredUnit, device: VtlDevice) => boolean): void => {
    for (const unit of units) {
      if (found.has(unit.id)) continue;
      const device = [...free].find(
        (one) => (one.type === undefined || one.type === unit.type) && fits(unit, one),
      );
      if (device === undefined) continue;
      found.set(unit.id, device);
      free.delete(device);
    }
  };
  // A number is cut to 10 characters by older versions ("Serial num max len is 10").
  const sameSerial = ({ serial = '' }: DeclaredUnit, device: VtlDevice): boolean =>
    serial !== '' && (device.serial === serial || device.serial === serial.slice(0, 10));
  take((unit, device) => sameSerial(unit, device) && unit.place === device.place);
  take(sameSerial);
  take((unit, device) => unit.place === device.place);
  return found;
}
