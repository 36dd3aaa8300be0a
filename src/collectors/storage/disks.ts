/**
 * Disks by sysfs alone: no command reaches a disk, so that nothing here waits and no disk wakes.
 * Facts: the kernel's Documentation/ABI/testing/sysfs-block, drivers/scsi/scsi_sysfs.c.
 */

import type { Unreadable } from '../../domain/reading.ts';
import { unreadable } from '../../domain/reading.ts';
import type { FileEntry } from '../../platform/files.ts';
import { type BlockPorts, groupOf, readIfPossible } from './block-names.ts';

export interface Disk {
  readonly id: string;
  readonly identifiedBy: 'serial' | 'wwn' | 'node';
  /** The first of its paths. */
  readonly node: string;
  readonly paths: number;
  readonly model: string | null;
  readonly serial: string | null;
  readonly wwn: string | null;
  readonly state: string | null | Unreadable;
  readonly sizeBytes: number | null | Unreadable;
  readonly ioErrors: number | null | Unreadable;
  readonly timeouts: number | null | Unreadable;
  /** A stick that may be pulled out: nobody misses it. */
  readonly removable: boolean;
  /** Names of all its paths and their partitions: `sda`, `sda1`. */
  readonly nodes: readonly string[];
  /** Arrays and groups that hold it: `md0`, `vg0`. */
  readonly holders: readonly string[];
}

// SCSI and SATA, NVMe, virtio, Xen, eMMC. Others are memory, files, optical, or made of disks.
const diskName = /^(sd[a-z]+|nvme\d+n\d+|vd[a-z]+|xvd[a-z]+|mmcblk\d+)$/;
const sectorBytes = 512;

type Fact<T> = T | null | Unreadable;

function readFact<T>(
  { files }: BlockPorts,
  path: string,
  convert: (text: string) => T | null,
): Fact<T> {
  try {
    const text = files.readAttribute(path);
    return text === undefined ? null : convert(text.trim());
  } catch (error) {
    return unreadable((error as Error).message);
  }
}

const text = (value: string): string | null => value || null;
const hex = (value: string): number | null =>
  /^0x[0-9a-f]+$/i.test(value) ? Number.parseInt(value, 16) : null;
const sectors = (value: string): number | null =>
  /^\d+$/.test(value) ? Number(value) * sectorBytes : null;
const known = (value: Fact<string>): string | null => (typeof value === 'string' ? value : null);

/**
 * The serial number out of VPD page 80h as the kernel keeps it: device type, page, length in two
 * bytes, then the text. SPC-5, Unit Serial Number page.
 */
export function parseSerialPage(page: Uint8Array | undefined): string | null {
  if (page === undefined || page.length < 4 || page[1] !== 0x80) return null;
  const length = (page[2] ?? 0) * 256 + (page[3] ?? 0);
  const serial = new TextDecoder('latin1').decode(page.subarray(4, 4 + length));
  // Firmware that has none fills the page with blanks, zeros or worse.
  return /^[\x20-\x7e]+$/.test(serial.trim()) ? serial.trim() : null;
}

function readSerial(ports: BlockPorts, folder: string): string | null {
  const { files } = ports;
  try {
    const page = parseSerialPage(files.readBinary(`${folder}/device/vpd_pg80`));
    if (page !== null) return page;
  } catch {
    // The page is refused; another file may have the number.
  }
  return (
    known(readFact(ports, `${folder}/device/serial`, text)) ??
    known(readFact(ports, `${folder}/serial`, text))
  );
}

function readWwn(ports: BlockPorts, folder: string): string | null {
  const wwid =
    known(readFact(ports, `${folder}/device/wwid`, text)) ??
    known(readFact(ports, `${folder}/wwid`, text));
  return /^(naa|eui|uuid)\.[\w-]+$/.test(wwid ?? '') ? wwid : null;
}

function list({ files }: BlockPorts, path: string): readonly FileEntry[] {
  try {
    return files.list(path) ?? [];
  } catch {
    return [];
  }
}

function readHolders(ports: BlockPorts, nodes: readonly string[], folder: string): string[] {
  const names = nodes.flatMap((node, i) =>
    list(ports, i === 0 ? `${folder}/holders` : `${folder}/${node}/holders`).map(
      ({ name }) => groupOf(ports, name) ?? name,
    ),
  );
  return [...new Set(names)].toSorted();
}

const wellStates = ['running', 'live'];

const isWell = ({ state }: Pick<Disk, 'state'>): boolean =>
  typeof state !== 'string' || wellStates.includes(state);

function readDisk(ports: BlockPorts, node: string): Disk {
  const folder = `${ports.roots.sysfs}/block/${node}`;
  const device = `${folder}/device`;
  const serial = readSerial(ports, folder);
  const wwn = readWwn(ports, folder);
  // A controller has one serial number for all its namespaces.
  const namespace = /^nvme\d+n(\d+)$/.exec(node)?.[1] ?? '1';
  const suffix = namespace === '1' ? '' : `-n${namespace}`;
  const partitions = list(ports, folder).filter(({ name }) => name.startsWith(node));
  const state = readFact(ports, `${device}/state`, text);
  const nodes = [node, ...partitions.map(({ name }) => name)];
  return {
    id: serial === null ? (wwn ?? node) : `${serial}${suffix}`,
    identifiedBy: serial === null ? (wwn === null ? 'node' : 'wwn') : 'serial',
    node,
    paths: isWell({ state }) ? 1 : 0,
    model: known(readFact(ports, `${device}/model`, text)),
    serial,
    wwn,
    state,
    sizeBytes: readFact(ports, `${folder}/size`, sectors),
    ioErrors: readFact(ports, `${device}/ioerr_cnt`, hex),
    timeouts: readFact(ports, `${device}/iotmo_cnt`, hex),
    removable: readIfPossible(ports.files, `${folder}/removable`) === '1',
    nodes,
    holders: readHolders(ports, nodes, folder),
  };
}

const sum = (a: Disk['ioErrors'], b: Disk['ioErrors']): Disk['ioErrors'] =>
  typeof a === 'number' && typeof b === 'number' ? a + b : typeof a === 'number' ? a : b;

/** Two paths to one disk: it works while one of them does; the sum of the errors. */
const joined = (a: Disk, b: Disk): Disk => ({
  ...a,
  paths: a.paths + b.paths,
  state: isWell(a) ? a.state : b.state,
  ioErrors: sum(a.ioErrors, b.ioErrors),
  timeouts: sum(a.timeouts, b.timeouts),
  nodes: [...a.nodes, ...b.nodes],
  holders: [...new Set([...a.holders, ...b.holders])],
});

/** Two disks of one vendor may have one number (firmware): then the name tells them apart. */
const isSame = (a: Disk, b: Disk): boolean => a.wwn === b.wwn && a.model === b.model;

export function listDiskNames({ files, roots }: BlockPorts): readonly string[] {
  const names = (files.list(`${roots.sysfs}/block`) ?? []).map(({ name }) => name);
  return names.filter((name) => diskName.test(name));
}

/** A part of the disks: a reader of many looks up between two parts. */
const disksAtOnce = 16;

/** All disks, part by part: the loop does other work between two. */
export function* readDisksInParts(ports: BlockPorts): Generator<readonly Disk[]> {
  const names = listDiskNames(ports);
  for (let i = 0; i < names.length; i += disksAtOnce)
    yield names.slice(i, i + disksAtOnce).map((node) => readDisk(ports, node));
}

/** Each disk once, however many paths lead to it. */
export function joinPaths(read: readonly Disk[]): readonly Disk[] {
  const disks = new Map<string, Disk>();
  for (const disk of read) {
    const other = disks.get(disk.id);
    if (other === undefined) disks.set(disk.id, disk);
    else if (isSame(other, disk)) disks.set(disk.id, joined(other, disk));
    else disks.set(`${disk.id}-${disk.node}`, { ...disk, id: `${disk.id}-${disk.node}` });
  }
  return [...disks.values()];
}

/** What changes when a disk comes, goes or is given up: cheap enough for each second. */
export function glanceAtDisks(ports: BlockPorts): string {
  const { files, roots } = ports;
  const lines = listDiskNames(ports).map((name) => {
    const state = readIfPossible(files, `${roots.sysfs}/block/${name}/device/state`) ?? '';
    return `${name} ${state}`;
  });
  return lines.join('\n');
}
