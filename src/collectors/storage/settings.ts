/** What may be set about storage. */
import { duration, listOf, patterns, toggle } from '../../config/readers.ts';
import { seconds } from '../../domain/time.ts';

/** A place that backups are written to, as the settings name it. */
export interface RepositorySetting {
  readonly name: string;
  readonly kind: 'path' | 'zfs' | 'lvm';
  /** An absolute path, a dataset (`tank/backup`) or a volume (`vg0/backup`). */
  readonly place: string;
  /** It lies on the root file system on purpose. */
  readonly onRoot: boolean;
}

const isPath = (text: string): boolean =>
  text.startsWith('/') && !text.includes('\0') && !text.split('/').includes('..');
// zfs(8) and lvm(8): no name begins with "-", so that none is taken for an option.
const isDataset = (text: string): boolean => /^[A-Za-z][\w.: -]*(\/[\w.: -]+)*$/.test(text);
const isVolume = (text: string): boolean =>
  /^[A-Za-z0-9+_.][\w+.-]*\/[A-Za-z0-9+_.][\w+.-]*$/.test(text);

const withoutSlash = (path: string): string =>
  path.replaceAll(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');

const fields: readonly string[] = ['name', 'path', 'zfs', 'lvm', 'onRoot'];

function placeOf(
  row: Readonly<Record<string, unknown>>,
): Pick<RepositorySetting, 'kind' | 'place'> | undefined {
  const { path, zfs, lvm } = row;
  const named = [path, zfs, lvm].filter((one) => one !== undefined);
  if (named.length !== 1) return undefined;
  if (typeof path === 'string' && isPath(path)) return { kind: 'path', place: withoutSlash(path) };
  if (typeof zfs === 'string' && isDataset(zfs)) return { kind: 'zfs', place: zfs };
  if (typeof lvm === 'string' && isVolume(lvm)) return { kind: 'lvm', place: lvm };
  return undefined;
}

/** One entry of `storage.repositories`; undefined when it is none. */
export function readRepository(value: unknown): RepositorySetting | undefined {
  if (typeof value === 'string') return readRepository({ path: value });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const row = value as Readonly<Record<string, unknown>>;
  const where = placeOf(row);
  if (where === undefined || Object.keys(row).some((name) => !fields.includes(name)))
    return undefined;
  const { name = where.place, onRoot = false } = row;
  if (typeof name !== 'string' || name === '' || typeof onRoot !== 'boolean') return undefined;
  return { name, ...where, onRoot };
}

export const storageSettings = {
  repositories: listOf(
    'Where backups are written. Alerts call each by its name, which is its path when none is given.',
    'a list such as [{ name: main, path: /backup }, { name: zoo, zfs: tank/zoo }, { lvm: vg0/lv }],' +
      ' each with one of path, zfs, lvm, and onRoot: true where it lies on the root disk on purpose;' +
      ' no name twice',
    readRepository,
    ({ name }) => name,
  ),
  // The usual places of data and of the system. What fstab declares is watched whatever its name.
  mounts: patterns(
    [
      '/',
      '/boot',
      '/home',
      '/opt',
      '/usr',
      '/tmp',
      '/var',
      '/var/*',
      '/srv*',
      '/data*',
      '/backup*',
      '/mnt*',
      '/export*',
      '/pool*',
      '/storage*',
      '/tank*',
    ],
    'Mount points to watch beside the repositories and what fstab and mount units declare.',
    '["/srv*", /data]',
  ),
  ignoreTypes: patterns(
    [
      'autofs',
      'binfmt_misc',
      'bpf',
      'cgroup*',
      'configfs',
      'debugfs',
      'dev*',
      'efivarfs',
      'erofs',
      'fuse.gvfsd-fuse',
      'fuse.lxcfs',
      'fuse.portal',
      'fusectl',
      'hugetlbfs',
      'iso9660',
      'mqueue',
      'nfsd',
      'nsfs',
      'overlay',
      'proc',
      'pstore',
      'ramfs',
      'rpc_pipefs',
      'securityfs',
      'selinuxfs',
      'squashfs',
      'swap',
      'sysfs',
      'tmpfs',
      'tracefs',
      'udf',
    ],
    'Types of file systems that hold no data of their own. A repository is watched all the same.',
    '[tmpfs, "fuse.*"]',
  ),
  commands: toggle(
    true,
    'Ask zpool, zfs, lvs and vgs, read-only, each with a limit and never about a suspended pool.',
  ),
  smartctl: toggle(
    false,
    'Ask each disk by smartctl, twice an hour, unless it sleeps. Needs the right to do so.',
  ),
  commandTimeout: duration(seconds(20), 'How long one of these commands may take.'),
};
