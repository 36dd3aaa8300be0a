/** Kinds of the storage collector. */
import { counter, defineKind, flag, gauge, instant, word } from '../../domain/kind.ts';

const statfs = 'statfs(2), or zfs get, or lvs';
const mountinfo = '/proc/self/mountinfo';
const declaration = '/etc/fstab, enabled mount units';
const ofTocsin = 'settings: storage.repositories';

export const storageRepository = defineKind('storage.repository', {
  title: 'Backup repository or file system',
  identity: 'NAME of the settings, else the MOUNT POINT',
  attributes: {
    path: word({ help: 'Where it is mounted or looked for.', source: ofTocsin }),
    kind: word({ help: 'What it is.', source: ofTocsin, values: ['path', 'zfs', 'lvm'] }),
    configured: flag({ help: 'The settings name it as a repository.', source: ofTocsin }),
    sizeBytes: gauge({ help: 'Size.', source: statfs, unit: 'bytes' }),
    usedBytes: gauge({ help: 'Space that holds data.', source: statfs, unit: 'bytes' }),
    availableBytes: gauge({
      help: 'Space that programs other than root can still use.',
      source: statfs,
      unit: 'bytes',
    }),
    usedRatio: gauge({
      help: 'How full it is, as df says it: used of used and available.',
      source: statfs,
      unit: 'ratio',
    }),
    inodesUsedRatio: gauge({
      help: 'How many of its inodes are used; not for those that make them as needed.',
      source: statfs,
      unit: 'ratio',
    }),
    present: flag({ help: 'The path, dataset or volume exists.', source: statfs }),
    reachable: flag({ help: 'It answers when it is asked for its size.', source: statfs }),
    reason: word({ help: 'Why it is missing or does not answer.', source: statfs }),
    readOnly: flag({ help: 'It can only be read.', source: mountinfo }),
    declaredReadOnly: flag({
      help: 'It should be read-only: fstab says so, or else it was so when it was mounted.',
      source: declaration,
    }),
    mounted: flag({ help: 'Its own file system is mounted.', source: mountinfo }),
    declaredMounted: flag({ help: 'It should be mounted always.', source: declaration }),
    mountUnit: word({
      help: 'The systemd unit that mounts it.',
      source: declaration,
      refersTo: { kind: 'systemd.unit', relation: 'mounts' },
    }),
    onRootFilesystem: flag({
      help: 'It lies on the same file system as the operating system.',
      source: mountinfo,
    }),
    onRootAllowed: flag({ help: 'It may lie there: onRoot.', source: ofTocsin }),
    device: word({ help: 'What is mounted: a device, a dataset, a share.', source: mountinfo }),
    fsType: word({ help: 'Type of the file system.', source: mountinfo }),
    pool: word({
      help: 'The storage.pool that it lies on.',
      source: mountinfo,
      refersTo: { kind: 'storage.pool', relation: 'carries' },
    }),
    sharedWith: word({
      help: 'Another repository on the same file system, whose alert speaks for both.',
      source: mountinfo,
    }),
  },
});

export const poolTypes = ['zfs', 'md', 'lvm', 'lvm-thin'] as const;
export type PoolType = (typeof poolTypes)[number];

const vdevs = 'zpool status, /sys/block/md*/md/dev-*/state';

export const storagePool = defineKind('storage.pool', {
  title: 'Storage pool',
  identity: 'ZFS POOL, md ARRAY, LVM GROUP or GROUP/THINPOOL',
  attributes: {
    type: word({ help: 'What kind of pool.', source: 'tocsin', values: poolTypes }),
    present: flag({ help: 'It is there. One that was seen before stays known.', source: 'kernel' }),
    state: word({
      help: 'State in its own words: ONLINE, SUSPENDED; clean, active; complete, partial.',
      source: '/proc/spl/kstat/zfs/POOL/state, /sys/block/md*/md/array_state, vgs, lvs',
    }),
    usable: flag({ help: 'Data can be read and written.', source: 'state' }),
    degraded: flag({ help: 'It works with less than its full redundancy.', source: 'state' }),
    sizeBytes: gauge({ help: 'Size.', source: 'zpool list, sysfs, vgs, lvs', unit: 'bytes' }),
    usedBytes: gauge({ help: 'Space given out.', source: 'zpool list, vgs, lvs', unit: 'bytes' }),
    errors: gauge({
      help: 'Places whose data is lost for good (ZFS).',
      source: 'zpool status',
      unit: 'errors',
    }),
    deviceErrors: gauge({
      help: 'Read, write and checksum errors of its devices, until they are cleared.',
      source: 'zpool status, /sys/block/md*/md/dev-*/errors',
      unit: 'errors',
    }),
    devices: gauge({ help: 'Devices it should have.', source: vdevs, unit: 'devices' }),
    faultyDevices: gauge({
      help: 'Devices that failed or are gone.',
      source: vdevs,
      unit: 'devices',
    }),
    faultyNames: word({ help: 'Which devices these are.', source: vdevs }),
    syncAction: word({
      help: 'What it does by itself: scrub, resilver; check, resync, recover.',
      source: 'zpool status, /sys/block/md*/md/sync_action',
    }),
    syncRatio: gauge({
      help: 'How much of that is done.',
      source: '/sys/block/md*/md/sync_completed',
      unit: 'ratio',
    }),
    firstSeenAt: instant({ help: 'When tocsin first saw it.', source: 'tocsin' }),
    lastScrubAt: instant({ help: 'When its last scrub ended.', source: 'zpool status' }),
    scrubErrors: gauge({
      help: 'Errors that the last scrub could not mend (ZFS), or found (md: mismatch_cnt).',
      source: 'zpool status, /sys/block/md*/md/mismatch_cnt',
      unit: 'errors',
    }),
    dataRatio: gauge({ help: 'Used data space of a thin pool.', source: 'lvs', unit: 'ratio' }),
    metadataRatio: gauge({ help: 'Used metadata space of it.', source: 'lvs', unit: 'ratio' }),
  },
});

const smart = 'udisks2 while it runs, or smartctl';

export const storageDisk = defineKind('storage.disk', {
  title: 'Disk',
  identity: 'SERIAL, else the WWN, else the device name',
  attributes: {
    identifiedBy: word({
      help: 'What its name here is. A device name can mean another disk after a restart.',
      source: 'tocsin',
      values: ['serial', 'wwn', 'node'],
    }),
    node: word({ help: 'Device name, as of now.', source: '/sys/block' }),
    model: word({ help: 'Model.', source: 'device/model' }),
    serial: word({ help: 'Serial number.', source: 'device/vpd_pg80, device/serial' }),
    wwn: word({ help: 'World-wide name.', source: 'device/wwid, wwid' }),
    paths: gauge({
      help: 'Ways on which it is reached and that work.',
      source: '/sys/block',
      unit: 'paths',
    }),
    present: flag({ help: 'It is there. One that was in use stays known.', source: '/sys/block' }),
    usedBy: word({
      help: 'The pools, arrays and mounts that lie on it.',
      source: '/sys/block/*/holders, zpool status, mountinfo',
      refersTo: { kind: 'storage.pool', relation: 'carries', list: true, inverse: true },
    }),
    state: word({
      help: 'State: running, offline, blocked; live for NVMe.',
      source: 'device/state',
    }),
    sizeBytes: gauge({ help: 'Size.', source: '/sys/block/*/size', unit: 'bytes' }),
    ioErrors: counter({
      help: 'Commands that ended with an error.',
      source: 'device/ioerr_cnt (hexadecimal)',
      unit: 'errors',
    }),
    timeouts: counter({
      help: 'Commands that got no answer.',
      source: 'device/iotmo_cnt (hexadecimal)',
      unit: 'timeouts',
    }),
    smartFailing: flag({ help: 'It says itself that it is failing.', source: smart }),
    smartReason: word({ help: 'Why it says so.', source: smart }),
    temperatureCelsius: gauge({ help: 'Temperature.', source: smart, unit: 'celsius' }),
    reallocatedSectors: counter({
      help: 'Sectors that were replaced by spare ones or wait for it.',
      source: `${smart}: ATA attributes 5, 197 and 198, NVMe media errors`,
      unit: 'sectors',
    }),
    wearRatio: gauge({ help: 'Used part of its life (NVMe).', source: 'smartctl', unit: 'ratio' }),
    smartUpdatedAt: instant({ help: 'When it last said all this.', source: smart }),
  },
});
