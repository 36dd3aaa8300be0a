import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, type Entry } from '../../../test/support/captures.ts';
import { minutes, seconds } from '../../domain/time.ts';
import { bootedAt, bootId, House, machine } from './host.fixture.ts';

const eio: Entry = { type: 'error', code: 'EIO' };

const started = (changes: Readonly<Record<string, string | Entry | undefined>> = {}) =>
  new House(undefined, changed(machine, changes)).start();

test('a real machine is read in full', async () => {
  const house = await started();
  const host = await house.attributes('system.host', 'appliance');
  assert.deepEqual(
    Object.fromEntries(
      Object.entries(host).map(([name, value]) => [name, typeof value === 'number' ? '#' : value]),
    ),
    {
      cpuRatio: null,
      cpus: '#',
      blockedTasks: '#',
      bootedAt: '#',
      load1: '#',
      load5: '#',
      load15: '#',
      memoryTotalBytes: '#',
      memoryAvailableBytes: '#',
      memoryUsedBytes: '#',
      cacheReclaimableBytes: null,
      memoryAvailableRatio: '#',
      swapTotalBytes: '#',
      swapUsedRatio: null,
      oomKills: '#',
      kernelVersion: '6.18.44-fc-v669',
      kernelTaint: '#',
      kernelOopses: false,
      bootId: '26f61016-b5d5-4028-a839-cf4eae20bfaf',
      uptimeSeconds: '#',
      fileHandlesUsedRatio: '#',
      cpuPressure: '#',
      ioPressure: '#',
      memoryPressure: '#',
      memoryErrorsCorrected: null,
      memoryErrorsUncorrected: null,
      rebootRequired: false,
      clockSynchronized: true,
      lastOops: null,
      lastOomKilled: null,
    },
  );
  assert.deepEqual([host.cpus, host.bootedAt, host.oomKills], [2, bootedAt, 0]);
  assert.deepEqual([host.load1, host.cpuPressure], [1.97, 0.2618]);
  assert.equal(host.memoryTotalBytes, 24_684_084 * 1024);
  assert.equal(host.memoryUsedBytes, (24_684_084 - 23_777_892) * 1024);
});

test('the processor is busy by what was used between two looks, without waiting for disks', async () => {
  const house = await started({ '/proc/stat': 'cpu  100 0 0 100 0 0 0 0 0 0\ncpu0 1\n' });
  assert.equal((await house.attributes('system.host', 'appliance')).cpuRatio, null);
  house.capture = changed(machine, { '/proc/stat': 'cpu  130 0 0 150 20 0 0 0 0 0\ncpu0 1\n' });
  assert.equal((await house.attributes('system.host', 'appliance')).cpuRatio, 0.3);
});

test('what refuses to be read is unreadable and hides nothing else', async () => {
  const house = await started({
    '/proc/meminfo': eio,
    '/proc/vmstat': eio,
    '/proc/sys/kernel/tainted': eio,
    '/proc/pressure/io': undefined,
  });
  const host = await house.attributes('system.host', 'appliance');
  assert.deepEqual(host.memoryTotalBytes, { unreadable: '/proc/meminfo cannot be read (EIO)' });
  assert.deepEqual(host.memoryAvailableRatio, { unreadable: '/proc/meminfo cannot be read (EIO)' });
  assert.deepEqual(host.oomKills, { unreadable: '/proc/vmstat cannot be read (EIO)' });
  assert.deepEqual(host.kernelOopses, {
    unreadable: '/proc/sys/kernel/tainted cannot be read (EIO)',
  });
  assert.equal(host.ioPressure, null);
  assert.equal(host.load1, 1.97);
});

test('a name that cannot be read makes no other machine of this one', async () => {
  const house = await started({});
  await house.look();
  house.capture = changed(machine, { '/proc/sys/kernel/hostname': eio });
  assert.equal((await house.attributes('system.host', 'appliance')).load1, 1.97);
});

test('an interface whose folder refuses hides neither the others nor the machine', async () => {
  const house = await started({ [`${eth0}/bonding`]: eio });
  const found = await house.attributes('system.interface', 'eth0');
  assert.deepEqual(
    [found.adminUp, found.bondMembers],
    [true, { unreadable: '/sys/class/net/eth0/bonding cannot be read (EIO)' }],
  );
});

test('memory that ZFS gives back is available, and a refused arcstats is not read as none', async () => {
  const arc = '/proc/spl/kstat/zfs/arcstats';
  const head = '12 1 0x01 98 26656 8634323 1\nname type data\n';
  const kB = (n: number): string =>
    `MemTotal: 1000 kB\nMemAvailable: ${n} kB\nSwapTotal: 10 kB\nSwapFree: 1 kB\n`;
  const house = await started({
    '/proc/meminfo': kB(50),
    [arc]: `${head}c_min 4 102400\nsize 4 512000\n`,
  });
  const host = await house.attributes('system.host', 'appliance');
  assert.equal(host.cacheReclaimableBytes, 409_600);
  assert.equal(host.memoryAvailableRatio, 0.45);
  assert.equal(host.swapUsedRatio, 0.9);
  house.capture = changed(machine, { '/proc/meminfo': kB(50), [arc]: eio });
  const refused = await house.attributes('system.host', 'appliance');
  assert.deepEqual(refused.memoryAvailableRatio, { unreadable: `${arc} cannot be read (EIO)` });
});

test('the taint of an oops is seen among others, corrected and uncorrected errors are added', async () => {
  const house = await started({
    // As SCST 3.10 left it after its oops (kernel-facts.md): 12288 modules, 128 the oops.
    '/proc/sys/kernel/tainted': '12416\n',
    '/sys/devices/system/edac/mc/mc0/ce_count': '3\n',
    '/sys/devices/system/edac/mc/mc0/ue_count': '0\n',
    '/sys/devices/system/edac/mc/mc1/ce_count': '4\n',
    '/sys/devices/system/edac/mc/mc1/ue_count': '1\n',
    '/run/reboot-required': '*** System restart required ***\n',
  });
  const host = await house.attributes('system.host', 'appliance');
  assert.deepEqual([host.kernelTaint, host.kernelOopses], [12416, true]);
  assert.deepEqual([host.memoryErrorsCorrected, host.memoryErrorsUncorrected], [7, 1]);
  assert.equal(host.rebootRequired, true);
});

test('a counter behind the first 4 KiB of a file is found', async () => {
  const stat = `cpu  1 0 0 1 0 0 0 0 0 0\ncpu0 1 0 0 1\nintr ${'0 '.repeat(9000)}\nprocs_blocked 7\n`;
  const house = await started({
    '/proc/stat': stat,
    '/proc/vmstat': `${'nr_x 1\n'.repeat(2000)}oom_kill 5\n`,
  });
  const host = await house.attributes('system.host', 'appliance');
  assert.deepEqual([host.blockedTasks, host.oomKills], [7, 5]);
});

const eth0 = '/sys/devices/pci0000:00/0000:00:03.0/virtio2/net/eth0';

test('hardware is an interface, what is virtual is not; a refused statistic stays alone', async () => {
  const house = await started({ [`${eth0}/statistics/rx_errors`]: eio });
  const all = await house.look();
  assert.deepEqual(
    all.filter(({ kind }) => kind === 'system.interface').map(({ id }) => id),
    ['eth0'],
  );
  const found = await house.attributes('system.interface', 'eth0');
  assert.deepEqual(found.errors, {
    unreadable: `/sys/class/net/eth0/statistics/rx_errors cannot be read (EIO)`,
  });
  assert.deepEqual(
    [found.adminUp, found.carrier, found.wasUp, found.speedMegabits, found.packets],
    [true, true, true, null, 90_902 + 65_667],
  );
});

test('a link that was seen once is missed after a restart, until the interface is switched off', async () => {
  const first = await started();
  await first.look();
  await first.stop();
  const down = { [`${eth0}/carrier`]: '0\n', [`${eth0}/carrier_up_count`]: '0\n' };
  const second = await new House(first, changed(machine, down)).start();
  const missed = await second.attributes('system.interface', 'eth0');
  assert.deepEqual([missed.carrier, missed.wasUp], [false, true]);
  const off = { [`${eth0}/carrier`]: { type: 'error', code: 'EINVAL' } as const };
  second.capture = changed(machine, { ...down, ...off, [`${eth0}/flags`]: '0x1002\n' });
  const idle = await second.attributes('system.interface', 'eth0');
  assert.deepEqual([idle.adminUp, idle.carrier, idle.wasUp], [false, null, false]);
  second.capture = changed(machine, down);
  assert.equal((await second.attributes('system.interface', 'eth0')).wasUp, false);
});

test('a bond counts its members that work', async () => {
  const bond = '/sys/class/net/bond0';
  const house = await started({
    [`${bond}/bonding/slaves`]: 'eth0 eth1\n',
    [`${bond}/flags`]: '0x1403\n',
    [`${bond}/carrier`]: '1\n',
    [`${eth0}/bonding_slave/mii_status`]: 'up\n',
    [`${eth0}/master`]: { type: 'link', target: '../bond0' },
    '/sys/class/net/eth1/bonding_slave/mii_status': 'down\n',
    '/sys/class/net/bonding_masters': 'bond0\n',
  });
  const found = await house.attributes('system.interface', 'bond0');
  assert.deepEqual([found.bondMembers, found.bondMembersUp], [2, 1]);
  assert.equal((await house.attributes('system.interface', 'eth0')).bond, 'bond0');
});

test('timedated is asked rarely, because each question starts it', async () => {
  const house = await started();
  for (let n = 0; n < 60; n++) {
    assert.equal((await house.attributes('system.host', 'appliance')).clockSynchronized, true);
    await house.clock.advance(seconds(10));
  }
  assert.equal(house.asked, 1);
  house.synchronized = { type: 'returned', body: [false] };
  await house.look();
  assert.equal((await house.attributes('system.host', 'appliance')).clockSynchronized, false);
  house.synchronized = { type: 'returned', body: [true] };
  await house.clock.advance(minutes(2));
  await house.look();
  assert.equal((await house.attributes('system.host', 'appliance')).clockSynchronized, true);
});

test('a bus that does not answer holds up nothing but the first look, and that for 5 seconds', async () => {
  const house = new House();
  house.hangs = true;
  await house.start();
  const looking = house.attributes('system.host', 'appliance');
  await house.clock.advance(seconds(5));
  assert.deepEqual((await looking).clockSynchronized, {
    unreadable: 'timedate1: no answer yet',
  });
  await house.clock.advance(minutes(20));
  assert.equal(house.asked, 1, 'the question before is still open');
});

test('without a bus the clock is unreadable, unless timesyncd has written its file', async () => {
  const house = new House();
  house.synchronized = undefined;
  await house.start();
  const { clockSynchronized } = await house.attributes('system.host', 'appliance');
  assert.deepEqual(clockSynchronized, { unreadable: 'timedate1: no bus' });
  // The fake's files were modified in 1970: timesyncd has not had an answer for long.
  house.capture = changed(machine, { '/run/systemd/timesync/synchronized': '' });
  await house.clock.advance(minutes(2));
  await house.look();
  assert.equal((await house.attributes('system.host', 'appliance')).clockSynchronized, false);
});

test('a clock that is set is an event with its jump, a clock that runs is none', async () => {
  const house = await started();
  await house.look();
  await house.clock.advance(seconds(10));
  await house.look();
  assert.equal(house.events.length, 0);
  house.clock.jump(-3_600_000);
  await house.look();
  await house.look();
  assert.deepEqual(
    house.events.map(({ event, attributes }) => [event, attributes.deltaSeconds]),
    [['clock-stepped', -3600]],
  );
});

const anotherBoot = { '/proc/sys/kernel/random/boot_id': 'aaaaaaaa-0000-0000-0000-000000000000\n' };
const reboots = (house: House) => house.events.filter(({ event }) => event === 'unexpected-reboot');

test('a boot after a crash is unexpected, one after an orderly stop is not', async () => {
  const first = await started();
  assert.equal(first.cursors.get('boot'), `${bootId} running`);
  await first.stop();
  const second = await new House(first, changed(machine, anotherBoot)).start();
  assert.deepEqual(reboots(second), []);
  await second.kill();
  const third = await new House(second).start();
  assert.deepEqual(
    reboots(third).map(({ key, at }) => [key, at]),
    [[bootId, bootedAt]],
  );
  await third.kill();
  assert.deepEqual(reboots(await new House(third).start()), [], 'a restart is no boot');
});

test('the very first start knows of no boot before', async () => {
  assert.deepEqual((await started()).events, []);
});
