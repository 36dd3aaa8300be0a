/**
 * Linux software RAID by /sys/block/md*\/md, which answers without waiting. Documented in the
 * kernel's Documentation/admin-guide/md.rst.
 */
import { type Unreadable, unreadable } from '../../domain/reading.ts';
import type { BlockPorts } from './block-names.ts';
import { readIfPossible } from './block-names.ts';
import type { PoolAttributes, PoolSight, PoolsSight } from './pool-sight.ts';

const unusableStates = ['inactive', 'broken'];
const sectorBytes = 512;

interface Members {
  readonly names: readonly string[];
  readonly faulty: readonly string[];
  readonly errors: number;
}

function readMembers({ files }: BlockPorts, folder: string): Members {
  const names: string[] = [];
  const faulty: string[] = [];
  let errors = 0;
  for (const { name } of files.list(folder) ?? []) {
    if (!name.startsWith('dev-')) continue;
    const device = name.slice('dev-'.length);
    names.push(device);
    const state = readIfPossible(files, `${folder}/${name}/state`) ?? '';
    if (state.split(',').includes('faulty')) faulty.push(device);
    errors += Number(readIfPossible(files, `${folder}/${name}/errors`) ?? 0) || 0;
  }
  return { names, faulty, errors };
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

/** `1234 / 5678` sectors; null for none and while it waits. */
function ratioOf(text: string | undefined): number | null {
  const [, done, all] = /^(\d+) \/ (\d+)$/.exec(text ?? '') ?? [];
  return done === undefined || Number(all) === 0 ? null : Number(done) / Number(all);
}

/** The number, or why it cannot be read; null for an array that has no such thing (RAID 0). */
function readNumber({ files }: BlockPorts, path: string): number | null | Unreadable {
  try {
    return numberOf(files.readAttribute(path));
  } catch (error) {
    return unreadable((error as Error).message);
  }
}

function readArray(ports: BlockPorts, name: string): PoolAttributes | undefined {
  const { files, roots } = ports;
  const folder = `${roots.sysfs}/block/${name}/md`;
  const version = readIfPossible(files, `${folder}/metadata_version`) ?? '';
  // A container of BIOS RAID holds arrays and is none; a cleared one is only a name.
  if (version.startsWith('external:') && !version.startsWith('external:/')) return undefined;
  let state: string | Unreadable | undefined;
  try {
    state = files.readAttribute(`${folder}/array_state`);
  } catch (error) {
    state = unreadable((error as Error).message);
  }
  if (state === undefined || state === 'clear') return undefined;
  const degraded = readNumber(ports, `${folder}/degraded`);
  const members = readMembers(ports, folder);
  const missing = typeof degraded === 'number' ? degraded : 0;
  const sectors = readNumber(ports, `${roots.sysfs}/block/${name}/size`);
  return {
    state,
    usable: typeof state === 'string' ? !unusableStates.includes(state) : state,
    degraded: typeof degraded === 'number' ? degraded > 0 : degraded,
    sizeBytes: typeof sectors === 'number' ? sectors * sectorBytes : sectors,
    usedBytes: null,
    errors: null,
    deviceErrors: members.errors,
    devices: readNumber(ports, `${folder}/raid_disks`),
    faultyDevices: Math.max(missing, members.faulty.length),
    faultyNames: members.faulty.join(', ') || null,
    syncAction: readIfPossible(files, `${folder}/sync_action`) ?? null,
    syncRatio: ratioOf(readIfPossible(files, `${folder}/sync_completed`)),
    scrubErrors: readNumber(ports, `${folder}/mismatch_cnt`),
  };
}

export function mdArrays(ports: BlockPorts): PoolsSight {
  const { files, roots } = ports;
  const pools: PoolSight[] = [];
  for (const { name } of files.list(`${roots.sysfs}/block`) ?? []) {
    const attributes = /^md[\d_]/.test(name) ? readArray(ports, name) : undefined;
    if (attributes) pools.push({ id: name, type: 'md', attributes });
  }
  return { type: 'seen', pools };
}
