/**
 * Linux software RAID by /sys/block/md*\/md, which answers without waiting. Documented in the
 * kernel's Documentation/admin-guide/md.rst.
 */
import { derived, type Fact, isUnreadable } from '../../domain/reading.ts';
import { attempt, readNumber, readWord, sumOf } from '../attribute.ts';
import type { BlockPorts } from './block-names.ts';
import { readIfPossible } from './block-names.ts';
import type { PoolAttributes, PoolSight, PoolsSight } from './pool-sight.ts';

const unusableStates = ['inactive', 'broken'];
const sectorBytes = 512;

interface Members {
  readonly faulty: Fact<readonly string[]>;
  readonly errors: Fact<number>;
}

/** One member that refuses makes the count unknown, never smaller. */
function readMembers({ files }: BlockPorts, folder: string): Members {
  const entries = attempt(folder, () => files.list(folder) ?? []);
  if (isUnreadable(entries)) return { faulty: entries, errors: entries };
  const members = entries
    .filter(({ name }) => name.startsWith('dev-'))
    .map(({ name }) => ({
      device: name.slice('dev-'.length),
      state: readWord(files, `${folder}/${name}/state`),
      errors: readNumber(files, `${folder}/${name}/errors`),
    }));
  const isFaulty = (state: Fact<string>): boolean =>
    typeof state === 'string' && state.split(',').includes('faulty');
  const faulty = members.filter(({ state }) => isFaulty(state)).map(({ device }) => device);
  const refused = members.map(({ state }) => state).find(isUnreadable);
  return {
    // What is known to be faulty is so whatever the others refuse.
    faulty: faulty.length === 0 && refused !== undefined ? refused : faulty,
    // A member that has gone in the meantime has no errors.
    errors: sumOf(members.map(({ errors }) => errors ?? 0)),
  };
}

/** `1234 / 5678` sectors; null for none and while it waits. */
function ratioOf(text: string | undefined): number | null {
  const [, done, all] = /^(\d+) \/ (\d+)$/.exec(text ?? '') ?? [];
  return done === undefined || Number(all) === 0 ? null : Number(done) / Number(all);
}

function readArray(ports: BlockPorts, name: string): PoolAttributes | undefined {
  const { files, roots } = ports;
  const folder = `${roots.sysfs}/block/${name}/md`;
  const version = readIfPossible(files, `${folder}/metadata_version`) ?? '';
  // A container of BIOS RAID holds arrays and is none; a cleared one is only a name.
  if (version.startsWith('external:') && !version.startsWith('external:/')) return undefined;
  const state = readWord(files, `${folder}/array_state`);
  if (state === null || state === 'clear') return undefined;
  // null for an array that has no such thing (RAID 0).
  const degraded = readNumber(files, `${folder}/degraded`);
  const { faulty, errors } = readMembers(ports, folder);
  const missing = typeof degraded === 'number' ? degraded : 0;
  const sectors = readNumber(files, `${roots.sysfs}/block/${name}/size`);
  return {
    state,
    usable: typeof state === 'string' ? !unusableStates.includes(state) : state,
    degraded: derived(degraded, (count) => count > 0),
    sizeBytes: derived(sectors, (count) => count * sectorBytes),
    usedBytes: null,
    errors: null,
    deviceErrors: errors,
    devices: readNumber(files, `${folder}/raid_disks`),
    faultyDevices: derived(faulty, ({ length }) => Math.max(missing, length)),
    faultyNames: derived(faulty, (names) => names.join(', ') || null),
    syncAction: readIfPossible(files, `${folder}/sync_action`) ?? null,
    syncRatio: ratioOf(readIfPossible(files, `${folder}/sync_completed`)),
    scrubErrors: readNumber(files, `${folder}/mismatch_cnt`),
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
