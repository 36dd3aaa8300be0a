/** From one captured state to the next: what is told, and that the same drive stays the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed } from '../../../test/support/captures.ts';
import { isUnreadable } from '../../domain/reading.ts';
import { days, seconds } from '../../domain/time.ts';
import { build, capture, folderOf, type House, vtlResource } from './house.fixture.ts';

const up = capture('1-mhvtl-up');
const first = folderOf('5:0:1:0');

/** A house that has looked once and watches. */
async function started(...parts: Parameters<typeof build>): Promise<House> {
  const house = build(...parts);
  house.watch();
  await house.look();
  house.told.length = 0;
  return house;
}
const about = (house: House, name: string): string[] =>
  house.told.filter((line) => line.includes(` ${name}=`));

test('offline is told within a second, and only what changed', async () => {
  const house = await started(capture('4-after-io'));
  house.show(capture('5-st1-offline'));
  await house.clock.advance(seconds(1));
  assert.deepEqual(about(house, 'state'), ['tape.drive XYZZY_A2 state="offline"']);
  assert.ok(house.told.every((line) => !line.includes('model=')));
  await house.stop();
});

test('a drive that is removed stays, is missed since then, and is the same when it is back', async () => {
  const house = await started(capture('5-st1-offline'));
  house.show(capture('6-st1-removed'));
  await house.clock.advance(seconds(1));
  const gone = house.of('XYZZY_A2');
  assert.equal(gone.present, false);
  assert.equal(gone.absentSince, house.clock.now());
  assert.equal(gone.lastSeenAt, house.clock.now() - seconds(1));
  assert.deepEqual(
    [gone.losses, gone.state, gone.node, gone.model],
    [1, null, null, 'ULT3580-TD8'],
  );
  // A rescan alone does not bring a drive of mhvtl back; its daemon does.
  house.show(capture('7-rescanned'));
  await house.look();
  assert.equal(house.of('XYZZY_A2').present, false);
  house.show(capture('10-after-daemon-restart'));
  await house.clock.advance(seconds(1));
  const back = house.of('XYZZY_A2');
  assert.deepEqual([back.present, back.absentSince, back.lastSeenAt], [true, null, null]);
  assert.deepEqual([back.node, back.attachedAt], ['/dev/st1', house.clock.now()]);
  assert.equal(house.known.size, 10);
  await house.stop();
});

test('a drive whose folder was just being made is seen with the next glance', async () => {
  const house = await started(capture('5-st1-offline'));
  house.show(capture('6-st1-removed'));
  await house.clock.advance(seconds(1));
  const back = capture('10-after-daemon-restart');
  house.show(changed(back, { [`${folderOf('5:0:2:0')}/type`]: undefined }));
  await house.clock.advance(seconds(1));
  assert.equal(house.of('XYZZY_A2').present, false);
  house.show(back);
  await house.clock.advance(seconds(1));
  assert.equal(house.of('XYZZY_A2').present, true);
  await house.stop();
});

test('a physical drive that is removed and found by a rescan is one loss', async () => {
  const house = await started(capture('sd-0-scsi_debug-tape'));
  house.show(capture('sd-1-removed'));
  house.hint('/dev/st0');
  assert.deepEqual(about(house, 'present'), ['tape.drive 6000 present=false']);
  house.show(capture('sd-2-rescanned'));
  await house.clock.advance(50);
  house.hint('/dev/tape/by-id/scsi-6000');
  await house.clock.advance(50);
  assert.deepEqual([house.of('6000').present, house.of('6000').losses], [true, 1]);
  assert.equal(house.of('6001').losses, 0);
  await house.stop();
});

test('a node that comes or goes is looked at before 200 ms have passed', async () => {
  const house = await started(capture('sd-1-removed'));
  house.show(capture('sd-0-scsi_debug-tape'));
  house.hint('/dev/st0');
  assert.equal(house.of('6000').present, true);
  house.show(capture('sd-1-removed'));
  house.hint('/dev/st0');
  await house.clock.advance(100);
  assert.equal(house.of('6000').present, false);
  // Other nodes of /dev are none of our business.
  house.show(capture('sd-0-scsi_debug-tape'));
  for (const path of ['/dev/sda', '/dev/tty1', '/dev/stderr']) house.hint(path);
  await house.clock.advance(100);
  assert.equal(house.of('6000').present, false);
  await house.stop();
});

test('a drive that was made anew between two looks is a loss, although nobody saw it gone', async () => {
  const house = await started(up);
  house.change({ [`${first}/iorequest_cnt`]: '0x4\n', [`${first}/iodone_cnt`]: '0x4\n' });
  await house.clock.advance(seconds(1));
  const drive = house.of('XYZZY_A1');
  assert.deepEqual([drive.present, drive.losses], [true, 1]);
  assert.equal(drive.attachedAt, house.clock.now());
  await house.stop();
});

test('other numbers after a restart: the same drives, and the change of numbers is told', async () => {
  const house = await started(up);
  await house.stop();
  const old = `${first}/scsi_tape`;
  const nodes = [...up].filter(([path]) => path.startsWith(`${old}/st0/`));
  const moved = changed(up, {
    [old]: undefined,
    ...Object.fromEntries(
      nodes.map(([path, entry]) => [path.replace('/st0/', '/st9/'), entry] as const),
    ),
    '/etc/bareos/bareos-sd.d/device/tape.conf': 'Archive Device = /dev/nst9\n',
    '/etc/bacula/bacula-sd.conf': 'Archive Device = /dev/nst90\n',
  });
  const after = await started(moved, {}, house.cursors);
  assert.deepEqual([...after.known.keys()].toSorted(), [...house.known.keys()].toSorted());
  const drive = after.of('XYZZY_A1');
  assert.deepEqual([drive.node, drive.nodeBefore], ['/dev/st9', '/dev/st0']);
  assert.equal(drive.namedBy, '/etc/bareos/bareos-sd.d/device/tape.conf');
  after.clock.jump(days(8));
  await after.look();
  assert.deepEqual([after.of('XYZZY_A1').nodeBefore, after.of('XYZZY_A1').namedBy], [null, null]);
  await after.stop();
});

test('what is missed is missed after a restart too, and forgotten after 30 days or by name', async () => {
  const house = await started(capture('sd-0-scsi_debug-tape'));
  await house.stop();
  const since = house.clock.now();
  const after = await started(capture('sd-1-removed'), {}, house.cursors);
  assert.equal(after.of('6000').present, false);
  const copy = new Map(house.cursors);
  const told = await started(capture('sd-1-removed'), { forget: ['60*'] }, copy);
  assert.deepEqual([...told.known.keys()], ['tape.drive 6001']);
  await told.stop();
  const third = await started(capture('sd-1-removed'), {}, after.cursors, after.clock);
  assert.equal(third.of('6000').absentSince, since);
  third.clock.jump(days(31));
  await third.look();
  assert.deepEqual([...third.known.keys()], ['tape.drive 6001']);
  await third.stop();
  await after.stop();
});

test('a virtual drive that the VTL does not name any more is not missed', async () => {
  const house = await started(up);
  house.vtl.push(vtlResource('vtl.drive', 'B1', { serial: 'XYZZY_B1', declared: false }));
  house.show(capture('6-st1-removed'));
  await house.look();
  assert.equal(house.of('XYZZY_A2').present, false);
  house.vtl.push(vtlResource('vtl.drive', '11', { serial: 'XYZZY_A1', declared: true }));
  await house.look();
  assert.equal(house.known.has('tape.drive XYZZY_A2'), false);
  assert.equal(house.of('XYZZY_A1').vtlDrive, '11');
  await house.stop();
});

test('a command that never ends is a hang since it was first seen, over a restart too', async () => {
  const house = await started(capture('3-writing'));
  const began = house.clock.now();
  await house.clock.advance(seconds(9));
  assert.equal(house.of('XYZZY_A1').stalledSince, null);
  await house.clock.advance(seconds(2));
  assert.equal(house.of('XYZZY_A1').stalledSince, began);
  assert.equal(house.of('XYZZY_A1').outstanding, 1);
  await house.stop();
  const after = await started(capture('3-writing'), {}, house.cursors, house.clock);
  assert.equal(after.of('XYZZY_A1').stalledSince, began);
  // Reads that are refused hold it; a command that ends clears it.
  const refused = { type: 'error', code: 'EIO' } as const;
  const stats = `${first}/scsi_tape/st0/stats/in_flight`;
  const busy = `${first}/device_busy`;
  after.change({ [stats]: refused, [busy]: refused, [`${first}/iodone_cnt`]: refused });
  await after.clock.advance(seconds(1));
  assert.equal(after.of('XYZZY_A1').stalledSince, began);
  const { inFlight } = after.of('XYZZY_A1');
  assert.ok(
    isUnreadable(inFlight) && inFlight.unreadable.endsWith('in_flight cannot be read (EIO)'),
  );
  after.show(capture('4-after-io'));
  await after.clock.advance(seconds(1));
  assert.equal(after.of('XYZZY_A1').stalledSince, null);
  await after.stop();
});

test('a drive that works is no hang, however long it works', async () => {
  const house = await started(capture('3-writing'));
  for (let i = 0; i < 30; i++) {
    house.change({ [`${first}/scsi_tape/st0/stats/write_cnt`]: `${400 + i}` });
    await house.clock.advance(seconds(1));
  }
  assert.equal(house.of('XYZZY_A1').stalledSince, null);
  assert.equal(house.of('XYZZY_A1').writeCommands, 429);
  await house.stop();
});

test('each file that refuses costs one attribute, never the drive and never its identity', async () => {
  const small = new Map(
    [...up].filter(([path]) => /5:0:1:0(?!.*\/n?st0[alm]|.*\/nst0)/.test(path)),
  );
  const house = await started(small);
  const before = house.of('XYZZY_A1');
  // What is concluded from several files may change too.
  const conclusions = /^(busy|outstanding|attachedAt|losses|byIdPath|virtual)$/;
  for (const [path, entry] of small) {
    if (!path.startsWith(first) || entry.type !== 'file') continue;
    for (const code of ['EIO', 'EINVAL']) {
      house.show(changed(small, { [path]: { type: 'error', code } }));
      await house.look();
      assert.deepEqual([...house.known.keys()], ['tape.drive XYZZY_A1'], `${path} ${code}`);
      const drive = house.of('XYZZY_A1');
      if (path.endsWith('/type')) {
        assert.ok(isUnreadable(drive.state) && drive.state.unreadable.endsWith(`(${code})`));
        continue;
      }
      const differ = Object.entries(drive).filter(
        ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
      );
      const facts = differ.filter(([name]) => !conclusions.test(name));
      assert.ok(facts.length <= 1, `${path} ${code}: ${JSON.stringify(facts)}`);
      assert.equal(drive.present, true, `${path} ${code}`);
    }
  }
  await house.stop();
});

test('where devices cannot be listed the look has failed, and nothing is gone', async () => {
  const house = await started(up);
  const working = house.files.list;
  house.files.list = (path) => {
    if (path.endsWith('/scsi_device')) throw Object.assign(new Error('EIO'), { code: 'EIO' });
    return working(path);
  };
  const reading = await house.look();
  assert.deepEqual(reading, { type: 'failed', why: 'SCSI devices cannot be listed: EIO' });
  await house.clock.advance(seconds(2));
  assert.deepEqual(house.told, []);
  house.files.list = working;
  await house.look();
  assert.equal(house.of('XYZZY_A1').losses, 0);
  await house.stop();
});
