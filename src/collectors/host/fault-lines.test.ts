import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findFault } from './fault-lines.ts';
import { faults } from './faults.ts';
import { parseJournalLine, parseKmsg } from './kernel-line.ts';

// Made after the format strings that fault-lines.ts names, and after lines in public reports.
const known: readonly (readonly [string, string])[] = [
  [
    'I/O error, dev sda, sector 2048 op 0x0:(READ) flags 0x80700 phys_seg 1 prio class 2',
    'io-error sda',
  ],
  ['blk_update_request: critical medium error, dev sdb, sector 99', 'io-error sdb'],
  ['print_req_error: I/O error, dev nvme0n1, sector 7', 'io-error nvme0n1'],
  ['Buffer I/O error on dev dm-0, logical block 0, async page read', 'io-error dm-0'],
  ['sd 0:0:0:0: [sda] tag#12 Sense Key : Medium Error [current] ', 'io-error sda'],
  ['sd 0:0:0:0: Device offlined - not ready after error recovery', 'disk-offline 0:0:0:0'],
  ['st 6:0:1:0: rejecting I/O to offline device', 'disk-offline 6:0:1:0'],
  ['ata1.00: exception Emask 0x0 SAct 0x0 SErr 0x0 action 0x6 frozen', 'ata-error ata1.00'],
  ['nvme nvme0: I/O 12 QID 3 timeout, aborting', 'nvme-timeout nvme0'],
  [
    'nvme nvme1: I/O tag 5 (1005) opcode 0x2 (I/O Cmd) QID 4 timeout, aborting req_op:READ(0) size:4096',
    'nvme-timeout nvme1',
  ],
  [
    'nvme nvme0: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0x10',
    'nvme-failed nvme0',
  ],
  ['device-mapper: multipath: 253:0: Failing path 8:16.', 'path-failed 8:16'],
  [
    'EXT4-fs error (device sda1): ext4_lookup:1855: inode #2: comm ls: iget: checksum invalid',
    'filesystem-error sda1',
  ],
  ['EXT4-fs (sda1): Remounting filesystem read-only', 'filesystem-read-only sda1'],
  ['Aborting journal on device sda1-8.', 'filesystem-corrupt sda1-8'],
  [
    'XFS (dm-3): Metadata CRC error detected at xfs_agi_read_verify+0x4b/0x50',
    'filesystem-corrupt dm-3',
  ],
  ['XFS (sdc): metadata I/O error in "xlog_iodone" at daddr 0x1', 'filesystem-error sdc'],
  ['BTRFS error (device sdd): parent transid verify failed', 'filesystem-error sdd'],
  ['BTRFS info (device sdd state EA): forced readonly', 'filesystem-read-only sdd'],
  [
    "WARNING: Pool 'tank' has encountered an uncorrectable I/O failure and has been suspended.",
    'pool-suspended tank',
  ],
  ['nfs: server nas.example.org not responding, still trying', 'nfs-server-away nas.example.org'],
  ['sd 1:0:0:0: attempting task abort!scmd(0x00000000a1b2c3d4)', 'adapter-reset 1:0:0:0'],
  ['mpt3sas_cm0: sending diag reset !!', 'adapter-reset mpt3sas_cm0'],
  ['mpt2sas0: fault_state(0x265d)!', 'adapter-failed mpt2sas0'],
  ['mpt3sas_cm0: SAS host is non-operational !!!!', 'adapter-failed mpt3sas_cm0'],
  [
    'megaraid_sas 0000:03:00.0: Found FW in FAULT state, will reset adapter scsi0.',
    'adapter-failed 0000:03:00.0',
  ],
  ['qla2xxx [0000:02:00.0]-500b:1: LOOP DOWN detected (2 7 0 0).', 'fc-link-down 0000:02:00.0'],
  [
    'pcieport 0000:00:1c.0: AER: Uncorrected (Fatal) error received: 0000:01:00.0',
    'pci-error 0000:00:1c.0',
  ],
  ['st 6:0:1:0: [st0] Sense Key : Medium Error [current] ', 'tape-error st0'],
  ['st 6:0:1:0: [st0] Error 70000 (driver bt 0, host bt 0x7).', 'tape-error st0'],
  ['scst: ***ERROR***: Unable to allocate buffer', 'scst-error'],
  ['[1234]: dev_vdisk: vdisk_open:88:***ERROR***: filp_open(/x) failed: -2', 'scst-error'],
  ['[77]: iscsi-scst: ***CRITICAL ERROR***: conn lost', 'scst-critical'],
  [
    '[9]: iscsi-scst: ***ERROR***: Connection 00000000a1 with initiator iqn.2001-04.org:a (ip 10.0.0.1) unexpectedly closed!',
    'scst-connection-lost iqn.2001-04.org:a',
  ],
  ['[2311262]: iscsi-scst: execute_task_management:2625:iSCSI TM fn 1', 'scst-task-management'],
  [
    '[2311262]: iscsi-scst: iscsi_send_task_mgmt_resp:3635:iSCSI TM fn 1 finished, status 1, dropped 0',
    'nothing',
  ],
  [
    '[5]: scst: tgt_dev for LUN 3 not found, command to unexisting LU? (initiator a)',
    'scst-unknown-lun',
  ],
  ['igb 0000:01:00.0 eth0: igb: eth0 NIC Link is Down', 'link-lost eth0'],
  ['bond0: (slave eth1): link status definitely down, disabling slave', 'link-lost eth1'],
  ['NETDEV WATCHDOG: eth0 (igb): transmit queue 2 timed out', 'transmit-timeout eth0'],
  [
    'ixgbe 0000:01:00.0 eno1: NETDEV WATCHDOG: CPU: 3: transmit queue 0 timed out 5120 ms',
    'transmit-timeout eno1',
  ],
  [' connection2:0: detected conn error (1020)', 'iscsi-path-lost connection2:0'],
  [
    'Out of memory: Killed process 812 (postgres) total-vm:1200kB, anon-rss:1kB',
    'oom-kill postgres',
  ],
  ['Memory cgroup out of memory: Killed process 5 (a (b) c) total-vm:1kB', 'oom-kill a (b) c'],
  ['EDAC MC0: 1 UE memory read error on CPU_SrcID#0', 'memory-failed MC0'],
  ['EDAC MC1: 12 CE memory read error on CPU_SrcID#1', 'memory-error MC1'],
  ['mce: [Hardware Error]: CPU 2: Machine Check: 0 Bank 5: bea0000000000108', 'machine-check'],
  ['mce: CPU3: Package temperature above threshold, cpu clock throttled', 'overheated'],
  ['INFO: task txg_sync:1234 blocked for more than 120 seconds.', 'hung-task txg_sync'],
  ['INFO: task kworker/0:3:14902 blocked for more than 241 seconds.', 'hung-task kworker/0:3'],
  ['watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [kworker/1:2:88]', 'lockup'],
  ['rcu: INFO: rcu_preempt self-detected stall on CPU', 'lockup'],
  ['BUG: kernel NULL pointer dereference, address: 0000000000000068', 'kernel-oops'],
  ['Oops: 0000 [#1] PREEMPT SMP PTI', 'kernel-oops'],
];

for (const [line, expected] of known) {
  test(`"${line.slice(0, 60)}" is ${expected}`, () => {
    const found = findFault(line);
    const told = found === undefined ? 'nothing' : [found.fault, found.device].filter(Boolean);
    assert.equal(typeof told === 'string' ? told : told.join(' '), expected);
  });
}

test('every fault has a line that is tested', () => {
  const tested = new Set(known.map(([, expected]) => expected.split(' ')[0]));
  const missing = Object.keys(faults).filter((fault) => !tested.has(fault));
  assert.deepEqual(missing, ['scst-device-detached']);
  const line = '[1]: scst: Detached from scsi3, channel 0, id 1, lun 0, type 1';
  assert.equal(findFault(line)?.device, 'scsi3, channel 0, id 1, lun 0, type 1');
});

test('ordinary lines of a boot are no faults', () => {
  const ordinary = [
    "[Firmware Bug]: TSC doesn't count with P0 frequency!",
    'EXT4-fs (vda): mounted filesystem with ordered data mode. Quota mode: none.',
    'sd 0:0:0:0: [sda] Write cache: enabled, read cache: enabled, does not support DPO or FUA',
    'st 6:0:1:0: Attached scsi tape st0',
    'nvme nvme0: 8/0/0 default/read/poll queues',
    'XFS (sda1): Mounting V5 Filesystem',
    'mpt3sas_cm0: log_info(0x31110d00): originator(PL), code(0x11), sub_code(0x0d00)',
    'scst: Using security group "a" for initiator "b" (target c)',
    'igb 0000:01:00.0 eth0: NIC Link is Up 1000 Mbps Full Duplex',
    'hrtimer: interrupt took 10952252 ns',
    'Oops_program[12]: segfault at 0 ip 0 sp 0 error 4',
    // What a process calls itself, at the beginning of a line of the kernel.
    'I/O error, dev [99]: segfault at 0 ip 0000000000000000 sp 0 error 14',
    'EDAC MC0: 1 UE[99]: segfault at 0',
    '',
  ];
  assert.deepEqual(
    ordinary.filter((line) => findFault(line) !== undefined),
    [],
  );
});

test('any line takes a time that does not grow with what is in it', () => {
  const pieces = [
    'sd 1:0:0:0: ',
    '[sda] ',
    'tag#1 ',
    'a: ',
    'INFO: task ',
    '(',
    ' ',
    ':1',
    'XFS (',
  ];
  const hostile = fc.array(fc.constantFrom(...pieces), { minLength: 50, maxLength: 400 });
  const began = process.cpuUsage().user;
  fc.assert(
    fc.property(hostile, (parts) => {
      findFault(parts.join(''));
    }),
    { numRuns: 300 },
  );
  const spentMs = (process.cpuUsage().user - began) / 1000;
  assert.ok(spentMs < 1000, `300 lines took ${spentMs} ms`);
});

test('a record of /dev/kmsg has its sequence, its time and who said it', () => {
  assert.deepEqual(parseKmsg('4,345,9443455197,-;hrtimer: interrupt took 10952252 ns'), {
    position: '345',
    uptime: 9_443_455.197,
    at: undefined,
    bootId: undefined,
    isKernel: true,
    text: 'hrtimer: interrupt took 10952252 ns',
  });
  // A daemon that writes to /dev/kmsg: facility 3.
  assert.equal(parseKmsg('30,1,2,-;systemd[1]: I/O error, dev sda')?.isKernel, false);
  assert.equal(parseKmsg('6,1,2,-,caller=T1;a;b\\x1b[0m')?.text, 'a;b?[0m');
  for (const none of [' SUBSYSTEM=scsi', '', 'text', '4,5', ';', '1,2,3,-'])
    assert.equal(parseKmsg(none), undefined);
});

test('what is no record is none, whatever it is', () => {
  fc.assert(
    fc.property(fc.string(), (line) => {
      const parsed = parseKmsg(line);
      assert.ok(parsed === undefined || line.endsWith(parsed.text) || line.includes('\\x'));
      assert.equal(parseJournalLine(line), undefined);
    }),
  );
  const text = fc.string({ unit: 'grapheme-ascii' }).filter((one) => !one.includes('\\'));
  const number = fc.nat();
  fc.assert(
    fc.property(number, number, text, (seq, usec, said) => {
      const parsed = parseKmsg(`3,${seq},${usec},-;${said}`);
      assert.deepEqual(
        [parsed?.position, parsed?.uptime, parsed?.text],
        [String(seq), usec / 1000, said],
      );
    }),
  );
});

test("the journal's copy is the same line, and believed only from the kernel", () => {
  const record = {
    __CURSOR: 's=1;i=2',
    __REALTIME_TIMESTAMP: '1795342461443455',
    _SOURCE_MONOTONIC_TIMESTAMP: '9443455',
    _BOOT_ID: 'b',
    _TRANSPORT: 'kernel',
    SYSLOG_FACILITY: '0',
    MESSAGE: 'Oops: 0000',
  };
  const parsed = parseJournalLine(JSON.stringify(record));
  assert.deepEqual([parsed?.uptime, parsed?.isKernel], [9443.455, true]);
  const forged = { ...record, SYSLOG_FACILITY: '1' };
  assert.equal(parseJournalLine(JSON.stringify(forged))?.isKernel, false);
  const binary = { ...record, MESSAGE: [1, 2] };
  assert.equal(parseJournalLine(JSON.stringify(binary)), undefined);
});
