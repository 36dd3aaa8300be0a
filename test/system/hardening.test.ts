/**
 * The sandbox of tocsin.service is in force: a program in a unit with the very same options tries
 * what a taken-over daemon would try, and what the daemon must be able to do.
 *
 * This kernel has no tape driver. A file with the lines of one is laid over /proc/devices, which is
 * where systemd looks for `char-st`; a node without a driver answers ENXIO to whoever may open it,
 * and EPERM to whoever may not.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Appliance, bootAppliance } from '../support/appliance.ts';

/** Options that say what runs and how it is started; all others are the sandbox. */
const life =
  /^(Exec|Type=|Notify|Watchdog|Restart|SuccessExit|Timeout|StateDirectory|RuntimeDirectory|ConfigurationDirectory|LoadCredential)/;

/**
 * `[Service]` of a shipped unit with another program in it; `asRoot`: as a root with every
 * capability, so that only filter and policy are left to say no.
 */
function withProgram(unit: string, program: string, asRoot = false): string {
  const service = /^\[Service\]\n(.*?)(?=^\[Install\])/ms.exec(unit)?.[1] ?? '';
  const sandbox = service.split('\n').filter((line) => !life.test(line) && !line.startsWith('#'));
  assert.ok(sandbox.includes('NoNewPrivileges=yes'), service);
  const root = asRoot ? ['User=root', 'Group=root', 'CapabilityBoundingSet=~', ''] : [''];
  return ['[Service]', 'Type=oneshot', `ExecStart=${program}`, ...sandbox, ...root].join('\n');
}

/** Says as JSON what each attempt came to: `ok`, or the name of the error. */
const attempts = `
import { execFileSync, spawnSync } from 'node:child_process';
import { openSync, closeSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
const attempt = (deed) => { try { deed(); return 'ok'; } catch (error) { return error.code ?? String(error); } };
const open = (path, mode) => attempt(() => closeSync(openSync(path, mode)));
const run = (...argv) => {
  const { status, stdout, stderr, error } = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8' });
  return error?.code ?? (status === 0 ? 'ok' : stderr.trim() || stdout.trim() || 'status ' + status);
};
const call = (options) => new Promise((resolve) => {
  const socket = connect(options, () => { socket.destroy(); resolve('ok'); });
  socket.on('error', (error) => resolve(error.code));
});
const status = Object.fromEntries(readFileSync('/proc/self/status', 'utf8').split('\\n').map((line) => line.split(':\\t')));
const said = {
  tape: open('/dev/tocsin-st0', 'r'), tapeWritten: open('/dev/tocsin-st0', 'r+'),
  changer: open('/dev/tocsin-sg0', 'r+'), zfs: open('/dev/zfs', 'r+'),
  disk: open('/dev/tocsin-sda', 'r'), memory: open('/dev/mem', 'r'), kernelLog: open('/dev/kmsg', 'r'),
  journal: run('journalctl', '-n', '1', '-q'), sysfs: attempt(() => readdirSync('/sys/class')),
  processes: attempt(() => readFileSync('/proc/1/stat')),
  internet: await call({ host: '127.0.0.1', port: 9 }), bus: await call({ path: '/run/dbus/system_bus_socket' }),
  mount: run('mount', '-t', 'tmpfs', 'tmpfs', '/tmp'), namespaces: run('unshare', '--user', 'true'),
  program: attempt(() => writeFileSync('/usr/lib/tocsin/x', '')), settings: attempt(() => writeFileSync('/etc/x', '')),
  tunable: attempt(() => writeFileSync('/proc/sys/kernel/hostname', 'x')), priority: run('chrt', '-f', '1', 'true'),
  temporary: attempt(() => writeFileSync('/tmp/x', '')), homes: attempt(() => readdirSync('/home').length || readdirSync('/root')),
  clock: run('date', '-s', '2001-01-01'), setuid: run('chmod', '4755', '/tmp/x'),
  privileges: status.CapEff + status.CapBnd, noNew: status.NoNewPrivs, filter: status.Seccomp,
};
console.log(JSON.stringify(said));
`;

/** Numbers of x86-64, for perl's syscall: what @system-service leaves out, or we take from it. */
const forbidden = {
  mount: 165,
  umount2: 166,
  pivot_root: 155,
  swapon: 167,
  reboot: 169,
  settimeofday: 164,
  init_module: 175,
  bpf: 321,
  ptrace: 101,
  chroot: 161,
  setns: 308,
} as const;

/** A line `NAME ERRNO` for each; 1 is EPERM. */
const callAll = Object.entries(forbidden)
  .map(([name, number]) => `$! = 0; syscall(${number}, 0, 0, 0, 0, 0); printf "${name} %d\\n", $!;`)
  .concat('open(my $disk, "<", "/dev/tocsin-sda") or printf "disk %d\\n", $!;')
  .join('\n');

const nodes = [
  'mknod -m 660 /dev/tocsin-st0 c 9 0',
  'mknod -m 660 /dev/tocsin-sg0 c 21 0',
  'chgrp tape /dev/tocsin-st0 /dev/tocsin-sg0',
  // Whatever their mode says: it is the policy of the unit that is asked.
  'mknod -m 666 /dev/tocsin-sda b 8 0',
  'mknod -m 666 /dev/mem c 1 1',
  '[ -e /dev/zfs ] || mknod -m 666 /dev/zfs c 10 4242',
].join(' && ');

const drivers = '(cat /proc/devices; echo; sed "" /run/drivers) >/run/devices';

describe('the sandbox of tocsin.service', { timeout: 120_000 }, () => {
  let appliance: Appliance;
  let said: Readonly<Record<string, string>>;
  const run = (line: string): Promise<string> => appliance.container.run(line);

  before(async () => {
    appliance = await bootAppliance();
    const { container } = appliance;
    const found = (await run('systemctl cat tocsin.service | sed -n "1s/^# //p"')).trim();
    const unit = readFileSync(join(container.root, found), 'utf8');
    container.writeFile('/usr/lib/probe.mjs', attempts);
    const program = '/usr/libexec/tocsin/node /usr/lib/probe.mjs';
    container.writeFile('/etc/systemd/system/probe.service', withProgram(unit, program));
    container.writeFile('/run/drivers', 'Character devices:\n  9 st\n 21 sg\n');
    await run(`${nodes} && ${drivers} && mount --bind /run/devices /proc/devices`);
    await run('systemctl daemon-reload && systemctl start probe');
    const written = await run('journalctl -u probe -o cat -q | grep "^{"');
    said = JSON.parse(written.trim()) as typeof said;
    container.writeFile('/usr/lib/calls.pl', callAll);
    const calls = withProgram(unit, '/usr/bin/perl /usr/lib/calls.pl', true);
    container.writeFile('/etc/systemd/system/calls.service', calls);
    await run('systemctl daemon-reload && systemctl start calls');
  });
  after(() => appliance?.stop());

  const cases: Readonly<Record<string, readonly [string, RegExp]>> = {
    'a tape drive may be opened to be asked': ['tape', /^ENXIO$/],
    'a tape drive may not be opened to be written': ['tapeWritten', /^EPERM$/],
    'a changer may be opened as mtx opens it': ['changer', /^ENXIO$/],
    'pools may be asked for': ['zfs', /^(ENXIO|ENODEV)$/],
    'no disk may be opened, whatever the mode of its node': ['disk', /^EPERM$/],
    'no memory of the machine may be read': ['memory', /^(EPERM|EACCES)$/],
    'the log of the kernel is not opened': ['kernelLog', /^(EPERM|EACCES|ENOENT)$/],
    'the journal is read': ['journal', /^ok$/],
    'sysfs is read': ['sysfs', /^ok$/],
    'other processes are seen': ['processes', /^ok$/],
    'there is no socket to the internet, not even to this machine': ['internet', /^EAFNOSUPPORT$/],
    'the bus is reached': ['bus', /^ok$/],
    'nothing is mounted': ['mount', /must be superuser|permission denied|not permitted/i],
    'no namespace is made': ['namespaces', /not permitted/i],
    'its own program is not changed': ['program', /^EROFS$/],
    'the settings of the machine are not changed': ['settings', /^EROFS$/],
    'no tunable of the kernel is changed': ['tunable', /^(EROFS|EACCES)$/],
    'no priority over others is taken': ['priority', /not permitted/i],
    'temporary files are its own': ['temporary', /^ok$/],
    'homes are not seen': ['homes', /^(ok|EACCES)$/],
    'the clock is not set': ['clock', /not permitted/i],
    'no file is made setuid': ['setuid', /not permitted/i],
    'no capability is left': ['privileges', /^0{32}$/],
    'no privilege can be gained': ['noNew', /^1$/],
    'system calls are filtered': ['filter', /^2$/],
  };
  for (const [name, [attempt, expected]] of Object.entries(cases))
    it(name, () => assert.match(said[attempt] ?? '', expected, JSON.stringify(said, null, 1)));

  it('what even root with all capabilities is refused, is refused by filter and policy', async () => {
    const written = await run('journalctl -u calls -o cat -q | grep -E "^[a-z0-9_]+ [0-9]+$"');
    const refused = [...Object.keys(forbidden), 'disk'].map((name) => `${name} 1`);
    assert.deepEqual(written.trim().split('\n'), refused);
  });

  it('the daemon itself runs under the filter, without privileges, in that policy', async () => {
    await appliance.answers();
    const pid = (await appliance.property('tocsin', 'MainPID')).trim();
    const status = await run(`cat /proc/${pid}/status`);
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.match(status, /^Seccomp:\t2$/m);
    assert.match(status, /^CapBnd:\t0{16}$/m);
    // root in its control group is bound by its device policy too.
    const enter = 'echo $$ >/sys/fs/cgroup/system.slice/tocsin.service/cgroup.procs';
    const opening = await appliance.container.exec(`${enter}; exec 3</dev/tocsin-sda`);
    assert.match(opening.stderr, /Operation not permitted/);
  });
});
