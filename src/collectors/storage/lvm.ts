/** LVM groups and thin pools, by vgs and lvs: the kernel alone knows names, and no free space. */

import type { Look } from '../statfs.ts';
import { type Asking, stdoutOf, whyNot } from './asking.ts';
import type { BlockPorts } from './block-names.ts';
import { readIfPossible } from './block-names.ts';
import {
  groupFields,
  type LogicalVolume,
  parseLogicalVolumes,
  parseVolumeGroups,
  type VolumeGroup,
  volumeFields,
} from './lvm-report.ts';
import type { PoolSight, PoolsSight } from './pool-sight.ts';

export type LvmDetails =
  | {
      readonly type: 'told';
      readonly groups: readonly VolumeGroup[];
      readonly volumes: readonly LogicalVolume[];
    }
  | { readonly type: 'untold'; readonly why: string };

/** Some volume of LVM is active on this machine. */
export function hasVolumes({ files, roots }: BlockPorts): boolean {
  const names = files.list(`${roots.sysfs}/block`) ?? [];
  return names.some(
    ({ name }) =>
      name.startsWith('dm-') &&
      readIfPossible(files, `${roots.sysfs}/block/${name}/dm/uuid`)?.startsWith('LVM-') === true,
  );
}

export async function askLvm(asking: Asking): Promise<LvmDetails> {
  const report = ['--reportformat', 'json', '--units', 'b', '--nosuffix', '-o'] as const;
  const told = await asking.probes.run('lvm', ['vgs', ...report, groupFields], asking);
  const noGroups = whyNot(told, asking);
  if (noGroups !== undefined) return { type: 'untold', why: noGroups };
  const more = await asking.probes.run('lvm', ['lvs', ...report, volumeFields], asking);
  const noVolumes = whyNot(more, asking);
  if (noVolumes !== undefined) return { type: 'untold', why: noVolumes };
  const groups = parseVolumeGroups(stdoutOf(told));
  const volumes = parseLogicalVolumes(stdoutOf(more));
  if (groups === undefined || volumes === undefined)
    return { type: 'untold', why: 'lvm gave an answer that is not understood' };
  return { type: 'told', groups, volumes };
}

const groupSight = (group: VolumeGroup): PoolSight => ({
  id: group.name,
  type: 'lvm',
  attributes: {
    state: group.missingVolumes > 0 ? 'partial' : 'complete',
    usable: group.missingVolumes < Math.max(1, group.volumes),
    degraded: group.missingVolumes > 0,
    sizeBytes: group.sizeBytes,
    usedBytes: Math.max(0, group.sizeBytes - group.freeBytes),
    devices: group.volumes,
    faultyDevices: group.missingVolumes,
  },
});

// lvs(8): failed, out_of_data, metadata_read_only are the words of a thin pool in trouble.
const thinSight = (pool: LogicalVolume): PoolSight => ({
  id: `${pool.group}/${pool.name}`,
  type: 'lvm-thin',
  attributes: {
    state: pool.health || 'well',
    usable: pool.health !== 'failed',
    degraded: pool.health !== '',
    sizeBytes: pool.sizeBytes,
    usedBytes: pool.dataRatio === null ? null : Math.round(pool.sizeBytes * pool.dataRatio),
    dataRatio: pool.dataRatio,
    metadataRatio: pool.metadataRatio,
  },
});

export function lvmGroups(details: LvmDetails): PoolsSight {
  if (details.type === 'untold') return { type: 'unreadable', why: details.why };
  return { type: 'seen', pools: details.groups.map(groupSight) };
}

export function thinPools(details: LvmDetails): PoolsSight {
  if (details.type === 'untold') return { type: 'unreadable', why: details.why };
  return { type: 'seen', pools: details.volumes.filter(({ type }) => type === 't').map(thinSight) };
}

/** How full a volume is that is not mounted: known of thin ones only. */
export function volumeLook(volume: string, details: LvmDetails | undefined): Look | undefined {
  if (details === undefined) return undefined;
  if (details.type === 'untold') return { type: 'unknown', why: details.why };
  const found = details.volumes.find(({ group, name }) => `${group}/${name}` === volume);
  if (found === undefined) return { type: 'missing', why: 'there is no such volume' };
  const { sizeBytes, dataRatio } = found;
  if (dataRatio === null)
    return { type: 'unknown', why: 'it is not mounted, and only its file system knows' };
  const usedBytes = Math.round(sizeBytes * dataRatio);
  const availableBytes = Math.max(0, sizeBytes - usedBytes);
  return { type: 'figures', sizeBytes, usedBytes, availableBytes, inodesUsedRatio: null };
}
