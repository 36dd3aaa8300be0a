/** Which block device a mount or a path below /dev is, and what it is made of: by sysfs alone. */
import { basename } from 'node:path/posix';
import type { Files } from '../../platform/files.ts';
import { ifKnown, readFact, readWord } from '../attribute.ts';
import type { Roots } from '../collector.ts';
import { groupOfMapper, mapperName } from './lvm-report.ts';
import type { Mount } from './mountinfo.ts';

export interface BlockPorts {
  readonly files: Files;
  readonly roots: Roots;
}

/** The attribute, undefined when it is not there or refuses. For what only adds to a picture. */
export const readIfPossible = (files: Files, path: string): string | undefined =>
  ifKnown(readWord(files, path));

/** Where a link leads, undefined when there is none or it refuses. */
export const linkIfPossible = (files: Files, path: string): string | undefined =>
  ifKnown(readFact(path, () => files.readLink(path)));

/** `sda1`, `md0`, `dm-3`; undefined for what has no block device (NFS, ZFS). */
export function blockNameOf({ files, roots }: BlockPorts, mount: Mount): string | undefined {
  const link = linkIfPossible(files, `${roots.sysfs}/dev/block/${mount.device}`);
  if (link !== undefined) return basename(link);
  // btrfs has a device number of its own; its source is the first of its devices.
  return mount.source.startsWith('/dev/') ? basename(mount.source) : undefined;
}

/** The whole disk or array of a partition: `sda` of `sda1`. */
export function wholeOf({ files, roots }: BlockPorts, name: string): string {
  const link = linkIfPossible(files, `${roots.sysfs}/class/block/${name}`) ?? '';
  const parent = link.split('/').at(-2) ?? '';
  if (link !== '' && linkIfPossible(files, `${roots.sysfs}/block/${parent}`) !== undefined)
    return parent;
  return (
    /^(nvme\d+n\d+|md\d+|mmcblk\d+)p\d+$/.exec(name)?.[1] ??
    name.replace(/^(sd[a-z]+|vd[a-z]+)\d+$/, '$1')
  );
}

/** The LVM group of a `dm-N` or of a name below /dev/mapper; undefined for other mappings. */
export function groupOf({ files, roots }: BlockPorts, name: string): string | undefined {
  if (!/^dm-\d+$/.test(name)) return groupOfMapper(name);
  const folder = `${roots.sysfs}/block/${name}/dm`;
  if (readIfPossible(files, `${folder}/uuid`)?.startsWith('LVM-') !== true) return undefined;
  return groupOfMapper(readIfPossible(files, `${folder}/name`) ?? '');
}

/** The storage.pool that a mount lies on. */
export function poolOf(ports: BlockPorts, mount: Mount): string | undefined {
  if (mount.type === 'zfs') return mount.source.split('/')[0];
  const name = blockNameOf(ports, mount);
  if (name === undefined) return undefined;
  const whole = wholeOf(ports, name);
  if (whole.startsWith('md')) return whole;
  return mount.source.startsWith('/dev/mapper/') || name.startsWith('dm-')
    ? groupOf(ports, name)
    : undefined;
}

/** Names under which /proc/self/mountinfo may show the volume. */
export const volumeSources = (volume: string): readonly string[] => {
  const [group = '', name = ''] = volume.split('/');
  return [`/dev/mapper/${mapperName(group, name)}`, `/dev/${volume}`];
};
