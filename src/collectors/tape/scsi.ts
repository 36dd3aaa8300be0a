/**
 * What sysfs shows of drives and changers: who they are, where they are, what they do. Sends no
 * command; these files answer at once even when the device hangs (seen on Linux 6.1).
 */
import type { Files } from '../../platform/files.ts';
import type { Roots } from '../collector.ts';
import {
  attempt,
  isKnown,
  isRefused,
  type Read,
  readFlag,
  readNumber,
  readWord,
} from './attribute.ts';
import { decodeSerial } from './serial.ts';

export type DeviceType = 'drive' | 'changer';

/** What moves from second to second. */
export interface Pulse {
  readonly state: Read<string>;
  /** Of st; null without it. I/O by sg and by SCST is not counted there. */
  readonly inFlight: Read<number>;
  readonly deviceBusy: Read<number>;
  readonly requests: Read<number>;
  readonly done: Read<number>;
  readonly ioErrors: Read<number>;
  readonly timeouts: Read<number>;
  readonly readBytes: Read<number>;
  readonly writeBytes: Read<number>;
  readonly readCommands: Read<number>;
  readonly writeCommands: Read<number>;
  readonly otherCommands: Read<number>;
  readonly residuals: Read<number>;
  readonly positionLost: Read<boolean>;
}

export interface ScsiDevice {
  readonly type: DeviceType;
  /** HOST:CHANNEL:TARGET:LUN. */
  readonly address: string;
  /** Its folder in sysfs. */
  readonly folder: string;
  readonly serial: Read<string>;
  readonly wwid: Read<string>;
  readonly vendor: Read<string>;
  readonly model: Read<string>;
  readonly revision: Read<string>;
  /** `st0` or `sch0`; null where no driver has it. */
  readonly node: string | null;
  /** `sg7`. */
  readonly genericNode: string | null;
  readonly virtual: Read<boolean>;
  readonly exported: Read<boolean>;
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

/** null: some other device; unreadable: it cannot be told. */
export function readType(files: Files, roots: Roots, address: string): Read<DeviceType> {
  const type = readWord(files, `${folderOf(roots, address)}/type`);
  return isKnown(type) ? (inquiryTypes[type] ?? null) : type;
}

function findName(files: Files, folder: string, pattern: RegExp): string | null {
  const names = attempt(folder, () => files.list(folder));
  if (names === null || isRefused(names)) return null;
  return names.map(({ name }) => name).find((name) => pattern.test(name)) ?? null;
}

function readSerial(files: Files, folder: string): Read<string> {
  const page = attempt('vpd_pg80', () => files.readBinary(`${folder}/vpd_pg80`));
  const decoded = page === null || isRefused(page) ? undefined : decodeSerial(page);
  if (decoded !== undefined) return decoded;
  const plain = readWord(files, `${folder}/serial`);
  return plain === null && isRefused(page) ? page : plain;
}

export function readPulse(files: Files, folder: string, node: string | null): Pulse {
  const of = (name: string): Read<number> => readNumber(files, `${folder}/${name}`);
  const tape = node?.startsWith('st') === true ? `${folder}/scsi_tape/${node}` : undefined;
  const stat = (name: string): Read<number> =>
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

function readExported(files: Files, roots: Roots, address: string): Read<boolean> {
  const folder = `${roots.sysfs}/kernel/scst_tgt/devices/${address}/exported`;
  const exports = attempt('exported', () => files.list(folder));
  return exports === null ? false : isRefused(exports) ? exports : exports.length > 0;
}

function readVirtual(files: Files, roots: Roots, address: string): Read<boolean> {
  const host = `host${address.slice(0, address.indexOf(':'))}`;
  const name = readWord(files, `${roots.sysfs}/class/scsi_host/${host}/proc_name`);
  return name === null ? false : isRefused(name) ? name : name === 'mhvtl';
}

/** Links of /dev/tape/by-id; a folder that cannot be read gives none. */
export function readByIdNames(files: Files, roots: Roots): ByIdNames {
  const folder = `${roots.dev}/tape/by-id`;
  const names = new Map<string, string[]>();
  const entries = attempt(folder, () => files.list(folder));
  if (entries === null || isRefused(entries)) return names;
  for (const { name } of entries) {
    const target = attempt(name, () => files.readLink(`${folder}/${name}`));
    if (!isKnown(target)) continue;
    const node = target.slice(target.lastIndexOf('/') + 1);
    names.set(node, [...(names.get(node) ?? []), name]);
  }
  return names;
}

/** The link that names the serial, else the first one. A changer's links lead to its sg node. */
function chooseName(names: readonly string[], serial: Read<string>): string | null {
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
    exported: readExported(files, roots, address),
    byIdName: chooseName(byId.get(named) ?? [], serial),
    pulse: readPulse(files, folder, node),
  };
}
