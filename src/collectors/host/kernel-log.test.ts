import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes, seconds } from '../../domain/time.ts';
import { bootedAt, bootId, House, kmsg } from './host.fixture.ts';

const started = () => new House().start();
const ioError = (seq: number, after: number, disk = 'sda'): string =>
  kmsg(seq, after, `I/O error, dev ${disk}, sector ${seq} op 0x0:(READ)`);
/** The captured machine has been running for an hour. */
const now = 3600;

test('a fault is an event with its time, its device and its words, and a resource', async () => {
  const house = await started();
  assert.deepEqual(house.source?.argv, ['cat', '/dev/kmsg']);
  await house.say(kmsg(1, now, 'nvme nvme0: I/O 12 QID 3 timeout, aborting'), ' SUBSYSTEM=nvme');
  const [event] = house.events;
  assert.deepEqual(
    [event?.event, event?.kind, event?.id, event?.at, event?.foundBy],
    ['kernel-fault', 'system.fault', 'nvme-timeout/nvme0', bootedAt + now * 1000, 'signal'],
  );
  assert.deepEqual(event?.attributes, {
    fault: 'nvme-timeout',
    severity: 'warning',
    title: 'An NVMe drive did not answer in time (nvme0)',
    facility: 'disk',
    device: 'nvme0',
    text: 'nvme nvme0: I/O 12 QID 3 timeout, aborting',
    recent: 1,
    omitted: 0,
  });
  const found = await house.attributes('system.fault', 'nvme-timeout/nvme0');
  assert.deepEqual([found.count, found.host, found.lastAt], [1, 'appliance', event?.at]);
  assert.deepEqual(house.eyes, ['kernel log: seeing']);
});

test('who only writes to the kernel log is not believed', async () => {
  const house = await started();
  await house.say(kmsg(1, now, 'Oops: 0000 [#1] SMP', 11));
  assert.deepEqual(house.faults(), []);
});

test('of many equal faults five are told in ten minutes, and the rest is counted', async () => {
  const house = await started();
  await house.say(...Array.from({ length: 50 }, (_, i) => ioError(i, now + i * 2)));
  await house.say(ioError(60, now + 100, 'sdb'));
  assert.equal(house.faults().filter((fault) => fault.startsWith('io-error/sda')).length, 5);
  assert.deepEqual(
    house.events.map(({ attributes }) => attributes.recent),
    [1, 2, 3, 4, 5, 1],
  );
  await house.clock.advance(minutes(11));
  await house.say(ioError(70, now + 660 + 100));
  assert.deepEqual(
    [house.events.at(-1)?.attributes.omitted, house.events.at(-1)?.attributes.recent],
    [45, 1],
  );
  assert.equal((await house.attributes('system.fault', 'io-error/sda')).count, 51);
});

test('several lines about one error are one error', async () => {
  const house = await started();
  for (const n of [0, 5]) {
    await house.say(
      kmsg(10 + n, now + n, 'sd 0:0:0:0: [sda] tag#0 Sense Key : Medium Error [current] '),
      kmsg(11 + n, now + n, 'critical medium error, dev sda, sector 7 op 0x0:(READ)'),
      kmsg(12 + n, now + n, 'Buffer I/O error on dev sda, logical block 0, async page read'),
    );
  }
  assert.deepEqual(
    house.events.map(({ attributes }) => attributes.recent),
    [1, 2],
  );
});

test('an oops and a killed process make the machine be looked at again at once', async () => {
  const house = await started();
  await house.say(kmsg(1, now, 'BUG: kernel NULL pointer dereference, address: 00'));
  await house.say(kmsg(2, now, 'Out of memory: Killed process 8 (postgres) total-vm:1kB'));
  assert.equal(house.looks.length, 2);
  const host = await house.attributes('system.host', 'appliance');
  assert.equal(host.lastOops, 'BUG: kernel NULL pointer dereference, address: 00');
  assert.equal(host.lastOomKilled, 'postgres');
});

test('a restart tells nothing twice, loses nothing, and still knows how often', async () => {
  const first = await started();
  await first.say(ioError(1, now - 20), ioError(2, now - 10));
  assert.equal(first.cursors.get('kmsg'), `${bootId} 2`);
  await first.kill();
  await first.clock.advance(seconds(30));
  const second = await new House(first).start();
  await second.say(ioError(1, now - 20), ioError(2, now - 10), ioError(3, now + 10));
  await second.say(ioError(4, now + 40));
  assert.deepEqual(second.faults(), ['io-error/sda journal', 'io-error/sda signal']);
  assert.deepEqual(
    second.events.map(({ attributes, at }) => [attributes.recent, at - bootedAt]),
    [
      [3, (now + 10) * 1000],
      [4, (now + 30) * 1000],
    ],
    'late with its own time, and never in the future',
  );
  await second.stop();
});

test('an event that was stored is not told again although its position was not', async () => {
  const first = await started();
  await first.say(ioError(1, now));
  await first.kill();
  first.cursors.delete('kmsg');
  const second = await new House(first).start();
  await second.say(ioError(1, now));
  assert.deepEqual(second.faults(), []);
});

test('after a reboot the numbers begin anew and everything is read', async () => {
  const first = await started();
  await first.say(ioError(900, now));
  await first.stop();
  first.cursors.set('kmsg', 'another 900');
  const second = await new House(first).start();
  await second.say(ioError(3, 20, 'sdz'));
  assert.deepEqual(second.faults(), ['io-error/sdz journal']);
});

test('at the very first start what is older than an hour is history', async () => {
  const house = new House();
  await house.clock.advance(minutes(60));
  await house.start();
  await house.say(ioError(1, 10), ioError(2, 4000));
  assert.deepEqual(house.faults(), ['io-error/sda journal']);
  assert.equal((await house.attributes('system.fault', 'io-error/sda')).count, 2);
});

test('quiet lines move the position half a minute later, and once', async () => {
  const house = await started();
  const before = house.saves;
  for (let seq = 1; seq < 200; seq++) house.source?.say(kmsg(seq, now, 'quiet'));
  await house.clock.advance(seconds(29));
  assert.equal(house.saves, before);
  await house.clock.advance(seconds(1));
  assert.equal(house.cursors.get('kmsg'), `${bootId} 199`);
  assert.equal(house.saves, before + 1);
});

test('lines that the kernel overwrote are blind time', async () => {
  const house = await started();
  await house.say(kmsg(5, now, 'quiet'), kmsg(9, now, 'quiet'));
  assert.deepEqual(house.eyes, [
    'kernel log: seeing',
    'kernel log: the kernel overwrote 3 lines before they could be read',
    'kernel log: seeing',
  ]);
});

test('a log that overran while it was read is opened again at once', async () => {
  const house = await started();
  await house.say(kmsg(1, now, 'quiet'));
  house.source?.end(1, 'cat: /dev/kmsg: Broken pipe');
  await house.clock.advance(seconds(1));
  assert.equal(house.runs.length, 2);
  await house.say(ioError(8, now));
  assert.deepEqual(house.faults(), ['io-error/sda signal']);
});

test('a plain file ends, is read again a minute later, and its lines count once', async () => {
  const house = await new House().start('/capture/dev');
  for (let reads = 1; reads <= 3; reads++) {
    assert.equal(house.runs.length, reads);
    await house.say(ioError(1, now));
    house.source?.end(0);
    await house.clock.advance(minutes(1));
  }
  assert.deepEqual(house.faults(), ['io-error/sda signal']);
  assert.deepEqual(house.source?.argv, ['cat', '/capture/dev/kmsg']);
});

test('a captured machine without a kernel log is blind there, and our own journal is not asked', async () => {
  const house = new House();
  house.refuses = 'cat: /capture/dev/kmsg: No such file or directory';
  await house.start('/capture/dev');
  assert.deepEqual(house.eyes, [`kernel log: ${house.refuses}`]);
  assert.equal(house.runs.length, 1);
});

const ended = { type: 'ended', exitStatus: 0, signal: null, stdout: '', truncated: false } as const;

test('where /dev/kmsg is closed the journal is followed, from where it was left', async () => {
  const house = new House();
  house.refuses = 'cat: /dev/kmsg: Operation not permitted';
  house.journal = { ...ended, stderr: '' };
  await house.start();
  assert.equal(house.source?.argv.includes('--since=-1h'), true);
  const record = {
    __CURSOR: 's=1;i=2',
    __REALTIME_TIMESTAMP: String((bootedAt + now * 1000) * 1000),
    _SOURCE_MONOTONIC_TIMESTAMP: String(now * 1_000_000),
    _TRANSPORT: 'kernel',
    _BOOT_ID: bootId,
    MESSAGE: 'EDAC MC0: 1 UE memory read error',
  };
  await house.say(JSON.stringify(record), 'no record', '[]');
  assert.deepEqual(house.faults(), ['memory-failed/MC0 signal']);
  await house.stop();
  const second = new House(house);
  second.refuses = house.refuses;
  second.journal = house.journal;
  await second.start();
  assert.equal(second.source?.argv.includes('--after-cursor=s=1;i=2'), true);
  await second.say(JSON.stringify(record));
  assert.deepEqual(second.faults(), [], 'the same line, whichever source it came from');
});

test('a journal that shows nothing of the system is no second eye', async () => {
  const house = new House();
  house.refuses = 'cat: /dev/kmsg: Operation not permitted';
  const hint = 'Hint: You are currently not seeing messages from other users and the system.';
  house.journal = { ...ended, stderr: hint };
  await house.start();
  assert.deepEqual(house.eyes, [`kernel log: ${house.refuses}; journal: ${hint}`]);
  house.journal = { ...ended, stderr: '' };
  await house.clock.advance(minutes(1));
  assert.equal(house.eyes.at(-1), 'kernel log: seeing');
});

test('stopping ends the child and keeps the position', async () => {
  const house = await started();
  await house.say(kmsg(7, now, 'quiet'));
  await house.stop();
  assert.equal(house.source?.isStopped, true);
  assert.equal(house.cursors.get('kmsg'), `${bootId} 7`);
  assert.equal(house.cursors.get('boot'), `${bootId} stopped`);
});

test('a fault is forgotten a day after its last report', async () => {
  const house = await started();
  await house.say(ioError(1, now));
  await house.clock.advance(minutes(24 * 60 - 1));
  assert.equal((await house.attributes('system.fault', 'io-error/sda')).count, 1);
  await house.clock.advance(minutes(2));
  assert.deepEqual(await house.attributes('system.fault', 'io-error/sda'), {});
});

test('devices beyond the limit are counted together', async () => {
  const house = await started();
  await house.say(...Array.from({ length: 300 }, (_, i) => ioError(i, now, `sd${i}`)));
  const all = (await house.look()).filter(({ kind }) => kind === 'system.fault');
  assert.equal(all.length, 201);
  const rest = all.find(({ id }) => id === 'io-error');
  assert.deepEqual([rest?.attributes.device, rest?.attributes.count], [null, 100]);
});
