/**
 * Disks by sysfs alone: no command reaches a disk, so that nothing here waits and no disk wakes.
 * Facts: the kernel's Documentation/ABI/testing/sysfs-block, drivers/scsi/scsi_sysfs.c.
 */

import { derived, type Fact, isUnreadable, type Unreadable } from '../../domain/reading.ts';
import { attempt, ifKnown, readNumber, readWord } from '../attribute.ts';
import { readSerial } from '../scsi-device.ts';
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
  readonly state: Fact<string>;
  readonly sizeBytes: Fact<number>;
  readonly ioErrors: Fact<number>;
  readonly timeouts: Fact<number>;
  /** A stick that may be pulled out: nobody misses it. */
  readonly removable: boolean;
  /** Names of all its paths and their partitions: `sda`, `sda1`. */
  readonly nodes: readonly string[];
  /** Arrays and groups that hold it: `md0`, `vg0`; unreadable when one of its folders refuses. */
  readonly holders: readonly string[] | Unreadable;
}

// SCSI and SATA, NVMe, virtio, Xen, eMMC. Others are memory, files, optical, or made of disks.
const diskName = /^(sd[a-z]+|nvme\d+n\d+|vd[a-z]+|xvd[a-z]+|mmcblk\d+)$/;
const sectorBytes = 512;

/** NVMe and virtio have it beside the disk's own folder. */
const serialOf = ({ files }: BlockPorts, folder: string): string | null =>
  ifKnown(readSerial(files, `${folder}/device`)) ??
  readIfPossible(files, `${folder}/serial`) ??
  null;

function readWwn({ files }: BlockPorts, folder: string): string | null {
  const wwid =
    readIfPossible(files, `${folder}/device/wwid`) ?? readIfPossible(files, `${folder}/wwid`) ?? '';
  return /^(naa|eui|uuid)\.[\w-]+$/.test(wwid) ? wwid : null;
}

/** Names of the partitions, and of what holds the disk or one of them. */
function readParts(
  ports: BlockPorts,
  folder: string,
  node: string,
): Pick<Disk, 'nodes' | 'holders'> {
  const list = (path: string): readonly string[] =>
    (ports.files.list(path) ?? []).map(({ name }) => name);
  const parts = attempt(folder, () => list(folder).filter((name) => name.startsWith(node)));
  if (isUnreadable(parts)) return { nodes: [node], holders: parts };
  const folders = [folder, ...parts.map((part) => `${folder}/${part}`)];
  const holders = attempt(`${folder}/holders`, () =>
    folders.flatMap((one) => list(`${one}/holders`).map((name) => groupOf(ports, name) ?? name)),
  );
  const names = isUnreadable(holders) ? holders : [...new Set(holders)].toSorted();
  return { nodes: [node, ...parts], holders: names };
}

const wellStates = ['running', 'live'];

const isWell = ({ state }: Pick<Disk, 'state'>): boolean =>
  typeof state !== 'string' || wellStates.includes(state);

function readDisk(ports: BlockPorts, node: string): Disk {
  const { files } = ports;
  const folder = `${ports.roots.sysfs}/block/${node}`;
  const device = `${folder}/device`;
  const serial = serialOf(ports, folder);
  const wwn = readWwn(ports, folder);
  // A controller has one serial number for all its namespaces.
  const namespace = /^nvme\d+n(\d+)$/.exec(node)?.[1] ?? '1';
  const suffix = namespace === '1' ? '' : `-n${namespace}`;
  const state = readWord(files, `${device}/state`);
  return {
    id: serial === null ? (wwn ?? node) : `${serial}${suffix}`,
    identifiedBy: serial === null ? (wwn === null ? 'node' : 'wwn') : 'serial',
    node,
    paths: isWell({ state }) ? 1 : 0,
    model: readIfPossible(files, `${device}/model`) ?? null,
    serial,
    wwn,
    state,
    sizeBytes: derived(readNumber(files, `${folder}/size`), (sectors) => sectors * sectorBytes),
    ioErrors: readNumber(files, `${device}/ioerr_cnt`),
    timeouts: readNumber(files, `${device}/iotmo_cnt`),
    removable: readIfPossible(files, `${folder}/removable`) === '1',
    ...readParts(ports, folder, node),
  };
}

/** A part that is refused makes the sum unknown: a counter must not fall and rise again by it. */
const sum = (a: Disk['ioErrors'], b: Disk['ioErrors']): Disk['ioErrors'] =>
  isUnreadable(a) ? a : isUnreadable(b) ? b : a === null ? b : a + (b ?? 0);

const joinedHolders = (a: Disk['holders'], b: Disk['holders']): Disk['holders'] =>
  isUnreadable(a) ? a : isUnreadable(b) ? b : [...new Set([...a, ...b])];

/** Two paths to one disk: it works while one of them does; the sum of the errors. */
const joined = (a: Disk, b: Disk): Disk => ({
  ...a,
  paths: a.paths + b.paths,
  state: isWell(a) ? a.state : b.state,
  ioErrors: sum(a.ioErrors, b.ioErrors),
  timeouts: sum(a.timeouts, b.timeouts),
  nodes: [...a.nodes, ...b.nodes],
  holders: joinedHolders(a.holders, b.holders),
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
