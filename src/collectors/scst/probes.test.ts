/** What children and /proc answer: backing files, queued reads, threads that hang, the port. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capturedFiles, type Entry } from '../../../test/support/captures.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { ProbeOutcome, Probes } from '../../platform/probes.ts';
import { readBacking } from './backing.ts';
import { Pace } from './pace.ts';
import { readPortal } from './portal.ts';
import { readQueued } from './queue.ts';
import { isThreadOfScst, ThreadWatch } from './threads.ts';

const { signal } = new AbortController();
const ended = (stdout: string, stderr = ''): ProbeOutcome => ({
  type: 'ended',
  exitStatus: 0,
  signal: null,
  stdout,
  stderr,
  truncated: false,
});
const asking = (answer: (object: string, argv: readonly string[]) => ProbeOutcome) => {
  const asked: string[] = [];
  const probes: Probes = {
    run: (object, argv) => {
      asked.push(object);
      return Promise.resolve(answer(object, argv));
    },
    stuck: () => [],
  };
  return { probes, asked };
};
const visible = { dev: '/dev', devicesVisible: true, tree: '' };

test('a file is gone only where it would be seen', async () => {
  const no = (name: string, why = 'No such file or directory'): string =>
    `stat: cannot statx '${name}': ${why}\n`;
  const { probes } = asking(() =>
    ended(
      'regular file\t/srv/a\nblock special file\t/dev/sdb\n',
      no('/srv/b') + no('/srv/c', 'Permission denied') + no('/tmp/d') + no('/dev/sdc'),
    ),
  );
  const names = ['/srv/a', '/srv/b', '/srv/c', '/srv/e', '/tmp/d', '/dev/sdb', '/dev/sdc', 'rel'];
  const found = await readBacking(probes, names, visible, signal);
  assert.deepEqual(Object.fromEntries(found), {
    '/srv/a': 'other',
    '/srv/b': 'absent',
    '/srv/c': { unreadable: 'Permission denied' },
    '/srv/e': { unreadable: 'stat gave no answer' },
    '/tmp/d': { unreadable: 'this folder is hidden from tocsin (PrivateTmp, ProtectHome)' },
    '/dev/sdb': 'block',
    '/dev/sdc': 'absent',
  });
  const hidden = await readBacking(
    probes,
    ['/dev/sdc'],
    { ...visible, devicesVisible: false },
    signal,
  );
  assert.deepEqual(hidden.get('/dev/sdc'), {
    unreadable: 'the devices of the machine are hidden from tocsin (PrivateDevices)',
  });
});

test('a folder that does not answer takes no other answer away', async () => {
  const { probes, asked } = asking((object) =>
    object.endsWith('/dead') ? { type: 'timeout' } : ended('regular file\t/srv/a\n'),
  );
  const found = await readBacking(probes, ['/dead/x', '/srv/a'], visible, signal);
  assert.deepEqual(asked, ['files in /dead', 'files in /srv']);
  assert.equal(found.get('/srv/a'), 'other');
  assert.match(JSON.stringify(found.get('/dead/x')), /does not answer/);
});

test('files of a captured machine are looked for below its /dev', async () => {
  const { probes } = asking((_, argv) => ended(`block special file\t${argv.at(-1)}\n`));
  const found = await readBacking(probes, ['/dev/sdb'], { ...visible, dev: '/cap/dev' }, signal);
  assert.equal(found.get('/dev/sdb'), 'block');
});

test('queued reads: values, refusals, what went away, and a stuck child', async () => {
  const { probes, asked } = asking(() =>
    ended(
      '/s/a:b/active_commands:3\n/s/x/active_commands:1\n/s/x/active_commands:[key]\n',
      [
        'grep: /s/c/active_commands: Resource temporarily unavailable',
        'grep: /s/e: 1/active_commands: Input/output error',
        'grep: /s/f/active_commands: No such device\n',
      ].join('\n'),
    ),
  );
  const paths = ['/s/a:b', '/s/x', '/s/c', '/s/d', '/s/e: 1', '/s/f'];
  const { values, silent } = await readQueued(probes, paths, signal);
  assert.deepEqual(
    [...values.values()],
    [
      3,
      1,
      { unreadable: 'EAGAIN: queued behind other work of SCST' },
      null,
      { unreadable: 'Input/output error' },
      null,
    ],
  );
  assert.deepEqual([silent, asked], [false, ['queue of SCST']]);
  const stuck = asking(() => ({ type: 'busy', since: 0, stuck: true }));
  assert.equal((await readQueued(stuck.probes, ['/s/a'], signal)).silent, true);
  assert.deepEqual((await readQueued(probes, [], signal)).silent, false);
});

test('threads of SCST are told by their names', () => {
  const devices = ['disk1', 'averyveryverylongname', '5:0:1:0'];
  const ours = [
    'scstd0',
    'scsi_tm',
    'iscsiwr1_0',
    'disk10',
    'disk11_2',
    'averyveryv0',
    'averyveryver3',
    '5:0:1:00',
  ];
  const others = ['kworker/0:1', 'disk1', 'disk1_2', 'averyvery0', 'md0_raid1', 'scsi_eh_1'];
  assert.deepEqual(
    ours.filter((name) => !isThreadOfScst(name, devices)),
    [],
  );
  assert.deepEqual(
    others.filter((name) => isThreadOfScst(name, devices)),
    [],
  );
});

type Processes = Readonly<Record<string, readonly [stat: string, switches: number]>>;
const procOf = (processes: Processes) =>
  capturedFiles(
    new Map(
      Object.entries(processes).flatMap(([pid, [stat, switches]]): [string, Entry][] => [
        [`/proc/${pid}/stat`, { type: 'file', bytes: Buffer.from(`${pid} ${stat} 0\n`) }],
        [
          `/proc/${pid}/status`,
          { type: 'file', bytes: Buffer.from(`Name:\nvoluntary_ctxt_switches:\t${switches}\n`) },
        ],
      ]),
    ),
  );

test('a thread hangs when it is in state D twice and has not run in between', async () => {
  const clock = new FakeClock();
  const watch = new ThreadWatch();
  const look = async (processes: Processes) => {
    await clock.advance(30_000);
    const of = { devices: ['disk1'], now: clock.now(), pace: new Pace(clock) };
    return await watch.look(procOf({ '2': ['(kthreadd) S 0', 1], ...processes }), '/proc', of);
  };
  const hangs: Processes = { '7': ['(disk10_1) D 2', 5], '8': ['(scstd1) D 2', 9] };
  assert.deepEqual(await look(hangs), { names: [], since: null });
  const since = clock.now();
  // One ran in between; a process of a user with such a name is none of ours.
  const next: Processes = { ...hangs, '8': ['(scstd1) D 2', 10], '9': ['(scstd2) D 1', 1] };
  assert.deepEqual(await look(next), { names: ['disk10_1'], since });
  assert.deepEqual(await look({ '7': ['(disk10_1) S 2', 6] }), { names: [], since: null });
});

test('processes that cannot be seen are unknown, not none', async () => {
  const clock = new FakeClock();
  const of = { devices: [], now: 0, pace: new Pace(clock) };
  const found = await new ThreadWatch().look(procOf({ '900': ['(node) S 1', 1] }), '/proc', of);
  assert.match(JSON.stringify(found), /hidden/);
});

test('the port is found in either table, and a table that is hidden is unknown', () => {
  const head = '  sl  local_address rem_address   st\n';
  const tables = (tcp: string, tcp6: string) =>
    capturedFiles(
      new Map<string, Entry>([
        ['/proc/1/net/tcp', { type: 'file', bytes: Buffer.from(head + tcp) }],
        ['/proc/1/net/tcp6', { type: 'file', bytes: Buffer.from(head + tcp6) }],
      ]),
    );
  const listening = '   0: 00000000:0CBC 00000000:0000 0A 00000000:00000000\n';
  const zeros = '0'.repeat(32);
  const listening6 = `   4: ${zeros}:0CBC ${zeros}:0000 0A 00000000:00000000\n`;
  const connected = '   1: 0100007F:0CBC 0100007F:A1B2 01 00000000:00000000\n';
  assert.equal(readPortal(tables(listening, ''), '/proc'), true);
  assert.equal(readPortal(tables(connected, listening6), '/proc'), true);
  assert.equal(readPortal(tables(connected, ''), '/proc'), false);
  assert.match(JSON.stringify(readPortal(capturedFiles(new Map()), '/proc')), /hidden/);
});
