/** Who lies on a disk: mounted file systems and ZFS pools. Arrays and groups are its holders. */
import { basename } from 'node:path/posix';
import { type BlockPorts, blockNameOf, linkIfPossible } from './block-names.ts';
import type { Disk } from './disks.ts';
import type { Mount } from './mountinfo.ts';
import type { ZpoolDetails } from './zfs.ts';

/** The kernel's name of a device that zpool shows by a path below /dev. */
function nodeOf({ files, roots }: BlockPorts, path: string): string {
  const own = path.startsWith('/dev/') ? `${roots.dev}${path.slice('/dev'.length)}` : path;
  return basename(linkIfPossible(files, own) ?? path);
}

/** The links of udev hold the serial number or the WWN: true where /dev is not to be seen. */
function isNamedAfter(path: string, { serial, wwn }: Disk): boolean {
  const name = basename(path);
  const number = wwn?.replace(/^(naa|eui)\./, '');
  return (
    path.startsWith('/dev/disk/by-id/') &&
    ((serial !== null && serial.length > 3 && name.includes(serial.replaceAll(' ', '_'))) ||
      (number !== undefined && name.includes(number)))
  );
}

export function createUsers(
  ports: BlockPorts,
  mounts: ReadonlyMap<string, Mount>,
  zpools: ReadonlyMap<string, ZpoolDetails>,
): (disk: Disk) => readonly string[] {
  const byNode = new Map<string, string[]>();
  const add = (node: string, user: string): void => {
    byNode.set(node, [...(byNode.get(node) ?? []), user]);
  };
  for (const mount of mounts.values()) {
    const node = mount.device.startsWith('0:') ? undefined : blockNameOf(ports, mount);
    // Bind mounts would name every folder that a service may write to.
    if (node !== undefined && mount.root === '/') add(node, mount.point);
  }
  const devices = [...zpools].flatMap(([pool, details]) =>
    details.type === 'told' ? details.status.devices.map((path) => ({ pool, path })) : [],
  );
  for (const { pool, path } of devices) add(nodeOf(ports, path), pool);
  return (disk) => [
    ...disk.nodes.flatMap((node) => byNode.get(node) ?? []),
    ...devices.filter(({ path }) => isNamedAfter(path, disk)).map(({ pool }) => pool),
  ];
}
