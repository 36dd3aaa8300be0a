/**
 * What sysfs shows of drives and changers: who they are, where they are, what they do. Sends no
 * command; these files answer at once even when the device hangs (seen on Linux 6.1).
 */

import { basename } from 'node:path/posix';
import { type Fact, isKnown, isUnreadable } from '../../domain/reading.ts';
import type { Files } from '../../platform/files.ts';
import { readFact, readFlag, readNumber, readWord } from '../attribute.ts';
import type { Roots } from '../collector.ts';
import { readExported, readSerial } from '../scsi-device.ts';

export type DeviceType = 'drive' | 'changer';

/** What moves from second to second. */
export interface Pulse {
  readonly state: Fact<string>;
  /** Of st; null without it. I/O by sg and by SCST is not counted there. */
  readonly inFlight: Fact<number>;
  readonly deviceBusy: Fact<number>;
  readonly requests: Fact<number>;
  readonly done: Fact<number>;
  readonly ioErrors: Fact<number>;
  readonly timeouts: Fact<number>;
  readonly readBytes: Fact<number>;
  readonly writeBytes: Fact<number>;
  readonly readCommands: Fact<number>;
  readonly writeCommands: Fact<number>;
  readonly otherCommands: Fact<number>;
  readonly residuals: Fact<number>;
  readonly positionLost: Fact<boolean>;
}

export interface ScsiDevice {
  readonly type: DeviceType;
  /** HOST:CHANNEL:TARGET:LUN. */
  readonly address: string;
  /** Its folder in sysfs. */
  readonly folder: string;
  readonly serial: Fact<string>;
  readonly wwid: Fact<string>;
  readonly vendor: Fact<string>;
  readonly model: Fact<string>;
  readonly revision: Fact<string>;
  /** `st0` or `sch0`; null where no driver has it. */
  readonly node: string | null;
  /** `sg7`. */
  readonly genericNode: string | null;
  readonly virtual: Fact<boolean>;
  readonly exported: Fact<boolean>;
  readonly byIdName: string | null;
  readonly pulse: Pulse;
}

/** Names in /dev/tape/by-id by the node they lead to. */
export type ByIdNames = ReadonlyMap<string, readonly string[]>;

const addressPattern = /^\d+:\d+:\d+:\d+$/;
const inquiryTypes: Readonly<Record<string, DeviceType>> = { '1': 'drive', '8': 'changer' };
// A drive has eight links (st0, st0l, nst0 and so on) and one set of statistics.
const nodePatterns = { drive: /^st\d+$/, changer: /^sch\d+$/ } as const;
const nodeFolders = { drive: 'scsi_tape', changer: 'scsi_changer' } as const;

const folderOf = (roots: Roots, address: string): string =>
  `${roots.sysfs}/class/scsi_device/${address}/device`;

/** Addresses of all SCSI devices, disks too; undefined where the kernel has no SCSI. May throw. */
export const listAddresses = (files: Files, roots: Roots): readonly string[] | undefined =>
  files
    .list(`${roots.sysfs}/class/scsi_device`)
    ?.map(({ name }) => name)
    .filter((name) => addressPattern.test(name));

/** null: it has none (its folder is just being made, or is going); unreadable: it was refused. */
export function readType(files: Files, roots: Roots, address: string): Fact<DeviceType | 'other'> {
  const type = readWord(files, `${folderOf(roots, address)}/type`);
  return isKnown(type) ? (inquiryTypes[type] ?? 'other') : type;
}

function findName(files: Files, folder: string, pattern: RegExp): string | null {
  const names = readFact(folder, () => files.list(folder));
  if (names === null || isUnreadable(names)) return null;
  return names.map(({ name }) => name).find((name) => pattern.test(name)) ?? null;
}

export function readPulse(files: Files, folder: string, node: string | null): Pulse {
  const of = (name: string): Fact<number> => readNumber(files, `${folder}/${name}`);
  const tape = node?.startsWith('st') === true ? `${folder}/scsi_tape/${node}` : undefined;
  const stat = (name: string): Fact<number> =>
    tape === undefined ? null : readNumber(files, `${tape}/stats/${name}`);
  return {
    state: readWord(files, `${folder}/state`),
    inFlight: stat('in_flight'),
    deviceBusy: of('device_busy'),
    // Done first: what ends between the two reads must not make it more than was asked.
    done: of('iodone_cnt'),
    requests: of('iorequest_cnt'),
    ioErrors: of('ioerr_cnt'),
    timeouts: of('iotmo_cnt'),
    readBytes: stat('read_byte_cnt'),
    writeBytes: stat('write_byte_cnt'),
    readCommands: stat('read_cnt'),
    writeCommands: stat('write_cnt'),
    otherCommands: stat('other_cnt'),
    residuals: stat('resid_cnt'),
    positionLost: tape === undefined ? null : readFlag(files, `${tape}/position_lost_in_reset`),
  };
}

function readVirtual(files: Files, roots: Roots, address: string): Fact<boolean> {
  const host = `host${address.slice(0, address.indexOf(':'))}`;
  const name = readWord(files, `${roots.sysfs}/class/scsi_host/${host}/proc_name`);
  return name === null ? false : isUnreadable(name) ? name : name === 'mhvtl';
}

/** Links of /dev/tape/by-id; a folder that cannot be read gives none. */
export function readByIdNames(files: Files, roots: Roots): ByIdNames {
  const folder = `${roots.dev}/tape/by-id`;
  const names = new Map<string, string[]>();
  const entries = readFact(folder, () => files.list(folder));
  if (entries === null || isUnreadable(entries)) return names;
  for (const { name } of entries) {
    const target = readFact(name, () => files.readLink(`${folder}/${name}`));
    if (!isKnown(target)) continue;
    const node = basename(target);
    names.set(node, [...(names.get(node) ?? []), name]);
  }
  return names;
}

/** The link that names the serial, else the first one. A changer's links lead to its sg node. */
function chooseName(names: readonly string[], serial: Fact<string>): string | null {
  const exact = isKnown(serial) ? `scsi-${serial.replaceAll(' ', '_')}` : '';
  return names.find((name) => name === exact) ?? names[0] ?? null;
}

/** Everything about one drive or changer. */
export function readDevice(
  files: Files,
  roots: Roots,
  byId: ByIdNames,
  { type, address }: { readonly type: DeviceType; readonly address: string },
): ScsiDevice {
  const folder = folderOf(roots, address);
  const node = findName(files, `${folder}/${nodeFolders[type]}`, nodePatterns[type]);
  const genericNode = findName(files, `${folder}/scsi_generic`, /^sg\d+$/);
  const serial = readSerial(files, folder);
  const named = (type === 'drive' ? node : genericNode) ?? '';
  return {
    type,
    address,
    folder,
    serial,
    wwid: readWord(files, `${folder}/wwid`),
    vendor: readWord(files, `${folder}/vendor`),
    model: readWord(files, `${folder}/model`),
    revision: readWord(files, `${folder}/rev`),
    node,
    genericNode,
    virtual: readVirtual(files, roots, address),
    exported: readExported(files, roots.sysfs, address) ?? false,
    byIdName: chooseName(byId.get(named) ?? [], serial),
    pulse: readPulse(files, folder, node),
  };
}
