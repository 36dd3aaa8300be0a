/** Each check on a planted machine: what is well is told so, what is sick by name, what hides as hidden. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { version } from '../../platform/version.ts';
import { Stop } from '../exit.ts';
import { checks } from './checks.ts';
import {
  busCall,
  examineSick,
  healthyChannel,
  healthyHealth,
  noOwnRules,
  packageQuery,
  refused,
  type Sick,
  siteRule,
} from './doctor.fixture.ts';
import type { Verdict } from './finding.ts';

const healthy = healthyHealth(version);
const ill = (name: string, status: 'degraded' | 'unknown', reason: string) => ({
  health: async () => ({
    ...healthy,
    components: {
      ...healthy.components,
      [name]: { status, reason, since: '2026-11-22T06:00:00Z', blindSince: null },
    },
  }),
});
const stopped = { ActiveState: 'inactive', SubState: 'dead' };
const forbidden = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
const gone = { LoadState: 'not-found', UnitFileState: '', ActiveState: 'inactive' };

interface Case {
  readonly name: string;
  readonly sick: Sick;
  readonly check: string;
  readonly verdict?: Verdict;
  readonly what: RegExp;
  readonly why?: RegExp;
  readonly mend?: RegExp;
}

const units = (name: string, properties: Readonly<Record<string, string>>): Sick => ({
  units: { [name]: properties },
});

const cases: readonly Case[] = [
  {
    name: 'an old systemd',
    sick: { commands: { 'systemctl --version': 'systemd 247 (247.3)\n' } },
    check: 'systemd',
    what: /^systemd 247$/,
  },
  {
    name: 'a service that ended with 78 has its status text, its log and the checks to run',
    sick: {
      ...units('tocsin.service', {
        ActiveState: 'failed',
        SubState: 'failed',
        Result: 'exit-code',
        ExecMainStatus: '78',
        StatusText: 'tocsin.yaml:2:3: error',
      }),
      commands: { 'journalctl --quiet': 'one\ntocsin.yaml:2:3: error\n' },
    },
    check: 'service',
    what: /does not run: ended with status 78.*it said: tocsin\.yaml:2:3: error/,
    mend: /tocsin config check/,
  },
  {
    name: 'a service that was stopped',
    sick: units('tocsin.service', stopped),
    check: 'service',
    what: /does not run: inactive \(dead\)/,
    mend: /systemctl restart tocsin/,
  },
  {
    name: 'a service that does not start with the machine',
    sick: units('tocsin.service', { UnitFileState: 'disabled' }),
    check: 'service',
    what: /tocsin\.service is disabled/,
    mend: /systemctl enable tocsin\.service/,
  },
  {
    name: 'a masked service',
    sick: units('tocsin.service', { ...stopped, LoadState: 'masked', UnitFileState: 'masked' }),
    check: 'service',
    what: /is masked/,
    mend: /systemctl unmask/,
  },
  {
    name: 'a unit that systemd cannot parse',
    sick: units('tocsin.service', { ...stopped, LoadState: 'bad-setting' }),
    check: 'service',
    what: /cannot load tocsin\.service \(bad-setting\)/,
  },
  {
    name: 'units that changed after they were read',
    sick: units('tocsin.service', { NeedDaemonReload: 'yes' }),
    check: 'service',
    what: /have changed since/,
    mend: /daemon-reload/,
  },
  {
    name: 'a package that is not there',
    sick: units('tocsin.service', gone),
    check: 'service',
    what: /there is no tocsin\.service/,
  },
  {
    name: 'a machine without systemd is not said to be well',
    sick: { commands: { 'systemctl show': refused('System has not been booted with systemd') } },
    check: 'service',
    verdict: 'unknown',
    what: /has not been booted with systemd/,
  },
  {
    name: 'a socket that was removed',
    sick: { facts: { '/run/tocsin/api.sock': undefined } },
    check: 'sockets',
    what: /api\.sock is gone/,
    mend: /restart tocsin-api\.socket/,
  },
  {
    name: 'a socket open to everybody',
    sick: { facts: { '/run/tocsin/api.sock': { mode: 0o666 } } },
    check: 'sockets',
    what: /api\.sock has mode 0666, not 0660/,
  },
  {
    name: 'a socket of another group',
    sick: { facts: { '/run/tocsin/api.sock': { gid: 0 } } },
    check: 'sockets',
    what: /api\.sock is not of root:www-data/,
  },
  {
    name: 'a socket unit that does not listen',
    sick: units('tocsin-local.socket', { ActiveState: 'failed', SubState: 'failed' }),
    check: 'sockets',
    what: /tocsin-local\.socket does not listen/,
  },
  {
    name: 'a daemon that does not answer',
    sick: {
      daemon: {
        health: () => Promise.reject(new Stop('unreachable', 'tocsind cannot be reached\nadvice')),
      },
    },
    check: 'answer',
    what: /^tocsind cannot be reached$/,
  },
  {
    name: 'a caller who may see the status alone',
    sick: { daemon: { health: async () => ({ status: 'healthy' }) } },
    check: 'answer',
    verdict: 'unknown',
    what: /join tocsin-read/,
  },
  {
    name: 'a half-installed package',
    sick: { commands: { [packageQuery]: `iF \t${version}` } },
    check: 'versions',
    what: /in state "iF"/,
    mend: /dpkg --configure -a/,
  },
  {
    name: 'an upgrade that has not come into force',
    sick: { daemon: { health: async () => ({ ...healthy, version: '0.0.1' }) } },
    check: 'versions',
    what: /tocsind 0\.0\.1 runs/,
    mend: /systemctl restart tocsin/,
  },
  {
    name: 'another tocsin in the PATH',
    sick: { commands: { [packageQuery]: 'ii \t99.1+b1' } },
    check: 'versions',
    what: /the package is 99\.1\+b1/,
  },
  {
    name: 'settings with a mistake have its line',
    sick: { files: { '/etc/tocsin/tocsin.yaml': 'retention: { agee: 1d }\n' } },
    check: 'settings',
    what: /tocsin\.yaml:1:\d+: .*did you mean "age"/,
  },
  {
    name: 'a rule with a mistake',
    sick: { files: { '/etc/tocsin/rules.d/a.yaml': 'rules: [{ id: a }]\n' } },
    check: 'rules',
    what: /rules\.d\/a\.yaml:1:/,
    mend: /tocsin rule check/,
  },
  {
    name: 'no rule at all',
    sick: { files: noOwnRules },
    check: 'rules',
    what: /there is no rule in .*rules\.d/,
    mend: /reinstall tocsin/,
  },
  {
    name: 'a rule of this site for what is not here',
    sick: { daemon: { rules: async () => [siteRule('tape.drive')], has: async () => false } },
    check: 'rules',
    what: /rule mine .*matches nothing: there is no tape\.drive here/,
  },
  {
    name: 'a source that is blind',
    sick: { daemon: ill('systemd', 'unknown', 'no system bus') },
    check: 'sources',
    what: /systemd is unknown: no system bus/,
  },
  {
    name: 'a configuration that was refused at reload',
    sick: { daemon: ill('configuration', 'degraded', 'a.yaml:1:1: error') },
    check: 'sources',
    what: /configuration is degraded/,
    mend: /tocsin config check/,
  },
  {
    name: 'a door over D-Bus that is shut, which is no source',
    sick: { daemon: ill('bus', 'degraded', 'the bus does not answer') },
    check: 'sources',
    what: /bus is degraded: the bus does not answer/,
    why: /ask over D-Bus get no answer/,
  },
  {
    name: 'a database that cannot be written',
    sick: { daemon: ill('database', 'degraded', 'disk full') },
    check: 'database',
    what: /database is degraded: disk full/,
  },
  {
    name: 'a database that was set aside',
    sick: { files: { '/var/lib/tocsin/tocsin.db.corrupt-1': '' } },
    check: 'database',
    what: /tocsin\.db\.corrupt-1 was set aside/,
  },
  {
    name: 'a database that outgrew its retention',
    sick: { facts: { '/var/lib/tocsin/tocsin.db': { sizeBytes: 2 ** 30, mode: 0o600, uid: 990 } } },
    check: 'database',
    what: /has 1024 MiB, and retention\.size is 512 MiB/,
  },
  {
    name: 'a full disk',
    sick: {
      commands: { 'stat -f -c %S %b %a %c %d /var/lib/tocsin': '4096 1000000 100 9000 9000' },
    },
    check: 'disk',
    what: /has 1 MiB left/,
  },
  {
    name: 'a disk that takes no writing',
    sick: {
      commands: { 'test -w /var/lib/tocsin': { exitStatus: 1, stdout: '', stderr: '' } },
    },
    check: 'disk',
    what: /the file system of \/var\/lib\/tocsin takes no writing/,
    mend: /mount -o remount,rw/,
  },
  {
    name: 'a disk without inodes',
    sick: {
      commands: { 'stat -f -c %S %b %a %c %d /var/lib/tocsin': '4096 9000000 8000000 9000 3' },
    },
    check: 'disk',
    what: /has 3 inodes left/,
  },
  {
    name: 'a clock that nobody sets',
    sick: { commands: { 'timedatectl show --property=NTPSynchronized --value': 'no\n' } },
    check: 'clock',
    what: /not synchronised/,
    mend: /timedatectl set-ntp true/,
  },
  {
    name: 'the clock of a container',
    sick: { commands: { 'systemd-detect-virt --container --quiet': '' } },
    check: 'clock',
    verdict: 'not-applicable',
    what: /of its host/,
  },
  {
    name: 'an account that is missing',
    sick: { commands: { 'getent passwd tocsin tocsin-relay': 'tocsin:x:990:\n' } },
    check: 'accounts',
    what: /there is no user tocsin-relay/,
    mend: /systemd-sysusers/,
  },
  {
    name: 'a daemon outside of the group of the journal',
    sick: { commands: { 'id -nG tocsin': 'tocsin tape tty\n' } },
    check: 'accounts',
    what: /not in the group systemd-journal/,
  },
  {
    name: 'settings that others may write',
    sick: { facts: { '/etc/tocsin/tocsin.yaml': { mode: 0o666 } } },
    check: 'permissions',
    what: /tocsin\.yaml has mode 0666, not 0644/,
    mend: /chmod 0644/,
  },
  {
    name: 'settings that tocsind may not read',
    sick: { facts: { '/etc/tocsin/tocsin.yaml': { mode: 0o600 } } },
    check: 'permissions',
    what: /tocsin\.yaml has mode 0600/,
  },
  {
    name: 'a state folder of somebody else',
    sick: { facts: { '/var/lib/tocsin': { uid: 0 } } },
    check: 'permissions',
    what: /\/var\/lib\/tocsin does not belong to tocsin/,
    mend: /chown tocsin:tocsin/,
  },
  {
    name: 'a database that its owner may not write',
    sick: { facts: { '/var/lib/tocsin/tocsin.db': { mode: 0o400 } } },
    check: 'permissions',
    what: /tocsin\.db has mode 0400/,
  },
  {
    name: 'a folder that we may not enter is not said to be well',
    sick: { facts: { '/var/lib/tocsin/tocsin.db': forbidden } },
    check: 'permissions',
    verdict: 'unknown',
    what: /tocsin\.db: EACCES/,
  },
  {
    name: 'a credential that is missing',
    sick: { facts: { '/etc/credstore/tocsin.token': undefined } },
    check: 'credentials',
    what: /the credential tocsin\.token is missing/,
    mend: /\/etc\/credstore\/tocsin\.token/,
  },
  {
    name: 'a credential that others may read',
    sick: { facts: { '/etc/credstore/tocsin.token': { mode: 0o644 } } },
    check: 'credentials',
    what: /can be read by others/,
  },
  {
    name: 'a credential that the unit does not pass on',
    sick: {
      commands: { 'systemctl cat tocsin-relay.service': 'LoadCredential=tocsin.smtp\n' },
    },
    check: 'credentials',
    what: /is not given the credential tocsin\.token/,
  },
  {
    name: 'a relay that is needed and stopped',
    sick: units('tocsin-relay.service', stopped),
    check: 'relay',
    what: /is needed and does not run/,
    mend: /systemctl start tocsin-relay/,
  },
  {
    name: 'a relay that nobody needs',
    sick: { files: { '/etc/tocsin/tocsin.yaml': '' } },
    check: 'relay',
    verdict: 'not-applicable',
    what: /no channel needs a network/,
  },
  {
    name: 'a channel that fails',
    sick: {
      daemon: {
        channels: async () => [{ ...healthyChannel, health: 'failing', reason: 'refused' }],
      },
    },
    check: 'channels',
    what: /channel hook fails: refused/,
  },
  {
    name: 'a channel that was never tested',
    sick: {
      daemon: {
        channels: async () => [{ ...healthyChannel, health: 'unknown', lastDeliveredAt: null }],
      },
    },
    check: 'channels',
    what: /channel hook was never tested/,
    mend: /tocsin channel test hook/,
  },
  {
    name: 'nobody to tell',
    sick: { daemon: { channels: async () => [{ ...healthyChannel, type: 'journal' }] } },
    check: 'somebody',
    what: /nobody is told/,
  },
  {
    name: 'a name that nobody has',
    sick: { commands: { [busCall('GetNameOwner')]: refused("'org.tocsin1': no such name") } },
    check: 'bus-name',
    what: /nobody has the name org\.tocsin1/,
  },
  {
    name: 'a name that somebody else has',
    sick: { commands: { [busCall('GetConnectionUnixProcessID')]: 'u 1234\n' } },
    check: 'bus-name',
    what: /belongs to process 1234/,
  },
  {
    name: 'a bus that does not answer',
    sick: { commands: { [busCall('GetNameOwner')]: refused('Failed to connect to bus') } },
    check: 'bus-name',
    what: /the system bus does not answer/,
  },
  {
    name: 'a policy that is missing',
    sick: { facts: { '/usr/share/dbus-1/system.d/org.tocsin1.conf': undefined } },
    check: 'bus-files',
    what: /org\.tocsin1\.conf is missing/,
    mend: /--reinstall tocsin/,
  },
  {
    name: 'actions that polkit does not know',
    sick: { facts: { '/usr/share/polkit-1/actions/org.tocsin1.policy': undefined } },
    check: 'polkit',
    what: /org\.tocsin1\.policy is missing/,
  },
  {
    name: 'a machine without polkit',
    sick: units('polkit.service', gone),
    check: 'polkit',
    verdict: 'not-applicable',
    what: /polkit is not installed/,
  },
  {
    name: 'a web socket that answers something else',
    sick: { asked: 502 },
    check: 'web-socket',
    what: /answers 502/,
  },
  {
    name: 'somebody who may not ask through the socket of the web server',
    sick: { uid: 1000 },
    check: 'web-socket',
    verdict: 'unknown',
    what: /for root and www-data/,
  },
  {
    name: 'a machine without nginx',
    sick: units('nginx.service', gone),
    check: 'nginx',
    verdict: 'not-applicable',
    what: /not installed/,
  },
  {
    name: 'settings that nginx refuses',
    sick: { commands: { 'nginx -t -q': refused('nginx: [emerg] unknown directive') } },
    check: 'nginx',
    what: /unknown directive/,
  },
  {
    name: 'an nginx that may not open the socket',
    sick: {
      files: { '/etc/nginx/nginx.conf': 'user nginx;\n' },
      commands: { 'id -nG nginx': 'nginx\n' },
    },
    check: 'nginx',
    what: /runs as nginx, which is not in the group www-data/,
  },
  {
    name: 'an nginx without a site of ours',
    sick: { files: { '/etc/nginx/sites-enabled/tocsin': undefined } },
    check: 'nginx',
    verdict: 'not-applicable',
    what: /no site of nginx includes/,
  },
];

test('a healthy appliance has no problem, and nothing is hidden from root', async () => {
  const found = await examineSick({}, version);
  assert.deepEqual(
    found.filter(({ verdict }) => verdict !== 'ok'),
    [],
  );
  assert.deepEqual(
    found.map(({ check }) => check),
    checks.map(({ name }) => name),
  );
});

for (const { name, sick, check, verdict = 'problem', what, why, mend } of cases) {
  test(`${name} is told as ${verdict} by ${check}`, async () => {
    const found = (await examineSick(sick, version)).filter((one) => one.check === check);
    const met = found.find((one) => what.test(one.what));
    assert.equal(met?.verdict, verdict, JSON.stringify(found, null, 1));
    if (verdict !== 'problem') return;
    assert.ok(met.why && met.mend, 'a problem says why it matters and what to do');
    if (why !== undefined) assert.match(met.why, why);
    if (mend !== undefined) assert.match(met.mend, mend);
  });
}

test('every check has a case in which it finds a problem', () => {
  const covered = new Set(
    cases.filter(({ verdict }) => verdict === undefined).map((one) => one.check),
  );
  assert.deepEqual(
    checks.filter(({ name }) => !covered.has(name)).map(({ name }) => name),
    [],
  );
});

test('nothing is ok where nothing can be seen', async () => {
  const blind: Sick = {
    uid: 1000,
    commands: Object.fromEntries(
      ['systemctl show', 'systemctl --version', 'id -u tocsin', 'id -nG tocsin', 'id -nG www-data']
        .concat(
          ['stat -f -c %S %b %a %c %d /var/lib/tocsin', busCall('GetNameOwner')].concat(
            'timedatectl show --property=NTPSynchronized --value',
          ),
        )
        .map((line) => [line, refused('no')]),
    ),
    facts: { '/run/tocsin/local.sock': forbidden, '/var/lib/tocsin': forbidden },
    daemon: { health: () => Promise.reject(new Stop('not-permitted', 'you may not connect')) },
  };
  const found = await examineSick(blind, version);
  const wronglyOk = found
    .filter(({ verdict }) => verdict === 'ok')
    .map(({ check }) => check)
    .filter(
      (check) => !['settings', 'rules', 'accounts', 'bus-files', 'credentials'].includes(check),
    );
  assert.deepEqual(wronglyOk, []);
});
