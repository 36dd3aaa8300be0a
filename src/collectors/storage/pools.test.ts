/** Pools and disks: their states, what commands add, and what is missed when it is gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../../../test/support/captures.ts';
import {
  attributesOf,
  type Changes,
  failed,
  fixture,
  House,
  idsOf,
  pick,
  said,
} from './house.fixture.ts';

const zfsState = (pool: string): string => `/proc/spl/kstat/zfs/${pool}/state`;
const link = (target: string): Entry => ({ type: 'link', target });
const refused: Entry = { type: 'error', code: 'EIO' };

function answerZpool(house: House, pool: string, status: string): void {
  house.answers.set(`pool ${pool}`, (argv) =>
    argv.includes('list') ? said('8000000000\t5000000000\n') : said(status),
  );
}

test('zfs: the state is read, zpool adds the details', async () => {
  const house = new House({
    [zfsState('tank')]: 'DEGRADED\n',
    '/proc/spl/kstat/zfs/arcstats': 'x',
  });
  answerZpool(house, 'tank', fixture('zpool-status-degraded.txt'));
  const tank = attributesOf(await house.collect(), 'tank');
  const names = ['state', 'usable', 'degraded', 'sizeBytes', 'usedBytes', 'errors'];
  assert.deepEqual(pick(tank, ...names, 'deviceErrors', 'faultyDevices', 'scrubErrors'), {
    state: 'DEGRADED',
    usable: true,
    degraded: true,
    sizeBytes: 8e9,
    usedBytes: 5e9,
    errors: 7,
    deviceErrors: 19,
    faultyDevices: 2,
    scrubErrors: 2,
  });
  assert.equal(tank.lastScrubAt, Date.UTC(2026, 10, 8, 0, 36, 36));
});

test('zfs: nobody asks about a suspended pool, and its repositories are out of reach', async () => {
  const mount = '30 27 0:60 / /tank rw - zfs tank/b rw\n31 27 0:61 / /pool rw - zfs well rw\n';
  const house = new House(
    {
      [zfsState('tank')]: 'SUSPENDED\n',
      [zfsState('well')]: 'ONLINE\n',
      '/proc/self/mountinfo': mount,
    },
    {
      repositories: [
        { name: 'b', kind: 'zfs', place: 'tank/b', onRoot: false },
        { name: 'c', kind: 'zfs', place: 'tank/c', onRoot: false },
      ],
    },
  );
  const all = await house.collect();
  assert.deepEqual(house.asked.toSorted(), ['mount /pool', 'pool well']);
  assert.equal(attributesOf(all, 'tank').usable, false);
  assert.match(String(attributesOf(all, 'tank').errors), /^! not asked/);
  for (const name of ['b', 'c'])
    assert.deepEqual(pick(attributesOf(all, name), 'reachable', 'pool', 'reason'), {
      reachable: false,
      pool: 'tank',
      reason: 'its pool is suspended',
    });
});

test('zfs: a dataset that is not mounted is asked by zfs, and one that is not there is missing', async () => {
  const zfs = (name: string) =>
    ({ name, kind: 'zfs', place: `tank/${name}`, onRoot: false }) as const;
  const files = { [zfsState('tank')]: 'ONLINE\n', '/proc/self/mountinfo': '' };
  const house = new House(files, { repositories: [zfs('a'), zfs('b')] });
  house.answers.set('dataset tank/a', () => said('300\n100\n'));
  house.answers.set('dataset tank/b', () =>
    failed("cannot open 'tank/b': dataset does not exist\n"),
  );
  const all = await house.collect();
  assert.deepEqual(pick(attributesOf(all, 'a'), 'usedRatio', 'sizeBytes', 'present'), {
    usedRatio: 0.75,
    sizeBytes: 400,
    present: true,
  });
  assert.equal(attributesOf(all, 'b').present, false);
});

test('zfs: without zpool its details are unreadable, never zero, and seldom asked again', async () => {
  const house = new House({ [zfsState('tank')]: 'ONLINE\n' });
  void house.watch();
  house.answers.set('pool tank', () =>
    failed('Permission denied the ZFS utilities must be run as root.'),
  );
  const tank = attributesOf(await house.collect(), 'tank');
  assert.match(String(tank.errors), /^! Permission denied/);
  assert.equal(tank.usable, true);
  assert.match(house.blind.get('zpool') ?? '', /Permission denied/);
  await house.clock.advance(120_000);
  await house.collect();
  assert.deepEqual(house.asked, []);
  await house.clock.advance(600_000);
  await house.collect();
  assert.deepEqual(house.asked, ['pool tank']);
  const quiet = new House({ [zfsState('tank')]: 'ONLINE\n' }, { commands: false });
  assert.equal('errors' in attributesOf(await quiet.collect(), 'tank'), false);
  assert.deepEqual(quiet.asked, []);
});

test('a pool that was seen before a restart is missed after it, and its last scrub is kept', async () => {
  const first = new House({ [zfsState('tank')]: 'ONLINE\n' });
  void first.watch();
  answerZpool(first, 'tank', fixture('zpool-status-degraded.txt'));
  await first.collect();
  await first.collect();
  assert.equal(first.saves, 1);
  const second = new House({ [zfsState('tank')]: 'ONLINE\n' }, {}, first.cursors);
  void second.watch();
  answerZpool(second, 'tank', fixture('zpool-status-resilver.txt'));
  const resilvering = attributesOf(await second.collect(), 'tank');
  assert.equal(resilvering.syncAction, 'resilver');
  assert.equal(resilvering.lastScrubAt, Date.UTC(2026, 10, 8, 0, 36, 36));
  second.change({ '/proc/spl': undefined });
  await second.clock.advance(1000);
  const told = second.told.at(-1);
  assert.equal(told?.type === 'partial' && attributesOf(told.resources, 'tank').present, false);
  const third = new House({}, {}, first.cursors);
  void third.watch();
  assert.equal(attributesOf(await third.collect(), 'tank').present, false);
  third.clock.jump(91 * 86_400_000);
  await third.collect();
  assert.deepEqual(idsOf(await third.collect()), []);
});

test('a cursor that another version wrote does no harm', async () => {
  for (const text of ['', '{', '[]', '{"pools":{"a":{}},"disks":[1]}', '{"pools":3}']) {
    const house = new House({}, {}, new Map([['seen', text]]));
    void house.watch();
    assert.deepEqual(await house.collect(), []);
  }
});

const md = (name: string, files: Changes): Changes =>
  Object.fromEntries(
    Object.entries(files).map(([path, entry]) => [`/sys/block/${name}/${path}`, entry]),
  );

test('md: degraded with a faulty member, one that refuses, a container and a name without array', async () => {
  const house = new House({
    ...md('md0', {
      size: '1000\n',
      'md/array_state': 'clean\n',
      'md/degraded': '1\n',
      'md/raid_disks': '2\n',
      'md/sync_action': 'recover\n',
      'md/sync_completed': '50 / 200\n',
      'md/mismatch_cnt': '0\n',
      'md/metadata_version': '1.2\n',
      'md/dev-sda1/state': 'in_sync\n',
      'md/dev-sda1/errors': '0\n',
      'md/dev-sdb1/state': 'faulty\n',
      'md/dev-sdb1/errors': '21\n',
    }),
    ...md('md1', { 'md/array_state': 'active\n', 'md/degraded': refused }),
    ...md('md2', { 'md/array_state': 'broken\n', 'md/metadata_version': '1.2\n' }),
    ...md('md127', { 'md/array_state': 'inactive\n', 'md/metadata_version': 'external:imsm\n' }),
    ...md('md3', {
      'md/array_state': 'active\n',
      'md/dev-sda2/state': refused,
      'md/dev-sda2/errors': refused,
      'md/dev-sdb2/state': 'in_sync\n',
      'md/dev-sdb2/errors': '4\n',
    }),
    ...md('md9', { 'md/array_state': 'clear\n' }),
  });
  const all = await house.collect();
  assert.deepEqual(idsOf(all), ['md0', 'md1', 'md2', 'md3']);
  for (const name of ['deviceErrors', 'faultyDevices', 'faultyNames'])
    assert.match(String(attributesOf(all, 'md3')[name]), /^! .*\(EIO\)$/, name);
  const names = ['usable', 'degraded', 'sizeBytes', 'deviceErrors', 'faultyDevices', 'faultyNames'];
  assert.deepEqual(pick(attributesOf(all, 'md0'), ...names, 'syncAction', 'syncRatio', 'errors'), {
    usable: true,
    degraded: true,
    sizeBytes: 512_000,
    deviceErrors: 21,
    faultyDevices: 1,
    faultyNames: 'sdb1',
    syncAction: 'recover',
    syncRatio: 0.25,
    errors: null,
  });
  assert.match(String(attributesOf(all, 'md1').degraded), /^! .*\(EIO\)$/);
  assert.deepEqual(pick(attributesOf(all, 'md2'), 'usable', 'degraded'), {
    usable: false,
    degraded: null,
  });
});

const lvmFiles = {
  '/sys/block/dm-0/dm/uuid': 'LVM-abc\n',
  '/sys/block/dm-0/dm/name': 'vg0-root\n',
  '/sys/dev/block/253:0': link('../../devices/virtual/block/dm-0'),
  '/proc/self/mountinfo': '27 1 253:0 / / rw - ext4 /dev/mapper/vg0-root rw\n',
};

test('lvm: groups, thin pools, and volumes that are not mounted', async () => {
  const lvm = (name: string) =>
    ({ name, kind: 'lvm', place: `vg0/${name}`, onRoot: false }) as const;
  const house = new House(lvmFiles, { repositories: [lvm('backup-a'), lvm('none'), lvm('root')] });
  house.answers.set('lvm', ([command]) => said(fixture(`${command}.json`)));
  const all = await house.collect();
  assert.deepEqual(idsOf(all), ['backup-a', 'none', 'root', 'vg0', 'vg0/thin']);
  assert.deepEqual(pick(attributesOf(all, 'backup-a'), 'usedRatio', 'pool', 'mounted'), {
    usedRatio: 0.4,
    pool: 'vg0',
    mounted: false,
  });
  assert.equal(attributesOf(all, 'none').present, false);
  assert.equal(attributesOf(all, 'root').pool, 'vg0');
  assert.deepEqual(pick(attributesOf(all, 'root'), 'path', 'usedBytes', 'mounted'), {
    path: '/',
    usedBytes: 500_000,
    mounted: true,
  });
  assert.deepEqual(pick(attributesOf(all, 'vg0'), 'degraded', 'faultyDevices', 'usedBytes'), {
    degraded: true,
    faultyDevices: 1,
    usedBytes: 3e9,
  });
  assert.equal(attributesOf(all, 'vg0/thin').dataRatio, 0.815);
});

test('lvm: a group that was seen is unreadable, not gone, while vgs does not answer', async () => {
  const house = new House(lvmFiles);
  void house.watch();
  house.answers.set('lvm', ([command]) => said(fixture(`${command}.json`)));
  await house.collect();
  house.answers.set('lvm', () => ({ type: 'timeout' }));
  await house.clock.advance(60_000);
  const vg0 = attributesOf(await house.collect(), 'vg0');
  assert.equal('present' in vg0 && vg0.present === false, false);
  assert.equal(vg0.degraded, '! no answer within 20s');
  assert.equal(house.blind.get('lvm'), 'no answer within 20s');
});

test('pools of two kinds with one name are two pools', async () => {
  const house = new House({ ...lvmFiles, [zfsState('vg0')]: 'ONLINE\n' }, {});
  house.answers.set('lvm', ([command]) => said(fixture(`${command}.json`)));
  assert.deepEqual(
    idsOf(await house.collect()).filter((id) => id.includes('vg0')),
    ['vg0', 'lvm:vg0', 'vg0/thin'],
  );
});

const serialPage = (serial: string): Entry => ({
  type: 'file',
  bytes: Buffer.from([0, 0x80, 0, serial.length, ...Buffer.from(serial)]),
});

const sd = (name: string, serial: string, more: Changes = {}): Changes =>
  md(name, {
    size: '2000\n',
    removable: '0\n',
    'device/model': 'ST4000          \n',
    'device/state': 'running\n',
    'device/vpd_pg80': serialPage(serial),
    'device/wwid': `naa.5000${serial.toLowerCase()}\n`,
    'device/ioerr_cnt': '0x1f\n',
    'device/iotmo_cnt': '0x0\n',
    ...more,
  });

test('disks: by serial number, two paths are one disk, and one bad attribute hides nothing', async () => {
  const house = new House({
    ...sd('sda', 'ZDH1'),
    ...sd('sdb', 'ZDH1', { 'device/state': 'offline\n' }),
    ...sd('sdc', 'ZDH3', { 'device/ioerr_cnt': refused, 'sdc1/holders/md0/x': '' }),
    ...sd('sdd', '    '),
    ...md('nvme0n1', { 'device/serial': 'S5  \n', 'device/state': 'live\n', wwid: 'eui.01\n' }),
    ...md('nvme0n2', { 'device/serial': 'S5  \n', 'device/state': 'live\n', wwid: 'eui.02\n' }),
    ...md('loop0', { size: '1\n' }),
    ...md('sr0', { size: '1\n' }),
  });
  const all = await house.collect();
  assert.deepEqual(idsOf(all), ['S5', 'S5-n2', 'ZDH1', 'ZDH3', 'naa.5000    '.trim()]);
  assert.deepEqual(pick(attributesOf(all, 'ZDH1'), 'paths', 'state', 'ioErrors', 'sizeBytes'), {
    paths: 1,
    state: 'running',
    ioErrors: 62,
    sizeBytes: 1_024_000,
  });
  const bad = attributesOf(all, 'ZDH3');
  assert.match(String(bad.ioErrors), /^! .*\(EIO\)$/);
  assert.deepEqual(pick(bad, 'model', 'usedBy'), { model: 'ST4000', usedBy: 'md0' });
});

test('disks: the errors of two paths are not known while one of them refuses', async () => {
  const house = new House({ ...sd('sda', 'ZDH1'), ...sd('sdb', 'ZDH1') });
  const errors = async () => String(attributesOf(await house.collect(), 'ZDH1').ioErrors);
  const before = await errors();
  house.change({ '/sys/block/sdb/device/ioerr_cnt': refused });
  assert.match(await errors(), /^! .*\(EIO\)$/);
  house.change(sd('sdb', 'ZDH1'));
  assert.equal(await errors(), before);
});

test('disks: one that carried something is missed, one that was let go is not', async () => {
  const house = new House({
    ...sd('sda', 'USED', { 'holders/md0/x': '' }),
    ...sd('sdb', 'FREE'),
    ...sd('sdc', 'LETGO', { 'holders/md0/x': '' }),
    ...sd('sdd', 'STICK', { removable: '1\n', 'holders/md0/x': '' }),
  });
  void house.watch();
  await house.collect();
  house.change({ '/sys/block/sdc/holders/md0': undefined });
  await house.collect();
  for (const name of ['sda', 'sdb', 'sdc', 'sdd'])
    house.change({ [`/sys/block/${name}`]: undefined });
  await house.clock.advance(1000);
  const told = house.told.at(-1);
  assert.ok(told?.type === 'partial');
  assert.deepEqual(idsOf(told.resources), ['USED']);
  assert.deepEqual(
    told.gone.map(({ id }) => id),
    ['FREE', 'LETGO', 'STICK'],
  );
  const lost = attributesOf(await house.collect(), 'USED');
  assert.deepEqual(pick(lost, 'present', 'usedBy', 'node', 'model'), {
    present: false,
    usedBy: 'md0',
    node: 'sda',
    model: 'ST4000',
  });
});

test('disks: whose holders refuse to be listed is not let go by that', async () => {
  const house = new House(sd('sda', 'USED', { 'holders/md0/x': '' }));
  void house.watch();
  await house.collect();
  house.change({ '/sys/block/sda/holders': refused });
  const doubted = attributesOf(await house.collect(), 'USED');
  assert.match(String(doubted.usedBy), /^! .*\(EIO\)$/);
  assert.equal(doubted.model, 'ST4000');
  house.change({ '/sys/block/sda': undefined });
  const lost = attributesOf(await house.collect(), 'USED');
  assert.deepEqual(pick(lost, 'present', 'usedBy'), { present: false, usedBy: 'md0' });
});

test('disks: a pool lies on the disk that udev names after its number', async () => {
  const house = new House({
    ...sd('sda', 'ZDH1'),
    ...sd('sdd', 'X'),
    [zfsState('tank')]: 'DEGRADED',
  });
  answerZpool(house, 'tank', fixture('zpool-status-degraded.txt'));
  house.change({ '/sys/block/sdd/sdd1/partition': '1\n' });
  const all = await house.collect();
  assert.equal(attributesOf(all, 'ZDH1').usedBy, 'tank');
  assert.equal(attributesOf(all, 'X').usedBy, 'tank');
});

test('disks: smartctl is asked only when it is allowed, and not at every look', async () => {
  const house = new House(sd('sda', 'ZDH1'), { smartctl: true });
  house.answers.set('disk ZDH1', () => said('{"smart_status":{"passed":false}}'));
  assert.equal(attributesOf(await house.collect(), 'ZDH1').smartFailing, true);
  assert.deepEqual(house.asked, ['disk ZDH1']);
  await house.collect();
  assert.deepEqual(house.asked, []);
  const shy = new House(sd('sda', 'ZDH1'));
  assert.equal(attributesOf(await shy.collect(), 'ZDH1').smartFailing, null);
  assert.deepEqual(shy.asked, []);
});
