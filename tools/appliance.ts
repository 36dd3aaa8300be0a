/**
 * `make appliance`: boots a container with a real systemd, installs dist/*.deb in it as an
 * administrator would, lets units fail in different ways, and shows how to look at it. It lives on
 * in .run/appliance until `down`.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { bootContainer, type Container, ensureBase } from '../test/support/container.ts';
import { endKept } from '../test/support/kept.ts';

const top = join(import.meta.dirname, '..');
const home = join(top, '.run/appliance');

const service = (command: string, more = '') => `[Service]\nExecStart=${command}\n${more}`;

/** What an appliance runs, and how it goes wrong here. */
const units: Readonly<Record<string, string>> = {
  'nightly-backup.service': service(
    '/bin/sh -c "echo reading the catalogue; echo repository is locked >&2; exit 1"',
    'Type=oneshot\n',
  ),
  'tape-library.service': service('/bin/sleep infinity'),
  'replication.service': service(
    '/bin/sh -c "echo lost the peer; sleep 0.2; exit 2"',
    [
      'Restart=always',
      'RestartSec=200ms',
      '[Unit]',
      'StartLimitBurst=5',
      'StartLimitIntervalSec=60',
      '',
    ].join('\n'),
  ),
  'export-volume.service': service('/bin/false', 'Type=oneshot\n'),
  'export-share.service': [
    '[Unit]',
    'Requires=export-volume.service',
    'After=export-volume.service',
    service('/bin/sleep infinity'),
  ].join('\n'),
  'snapshot.service': service('/usr/bin/missing-program'),
};

async function install(container: Container, deb: string): Promise<void> {
  const path = container.copyIn(deb, '/root/tocsin.deb');
  await container.run('apt-get -qq update');
  await container.run(['apt-get', 'install', '-y', '--no-install-recommends', path], {
    timeoutMs: 120_000,
  });
  await container.run(['systemctl', 'is-active', 'tocsin.service']);
}

async function breakUnits(container: Container): Promise<void> {
  for (const [name, text] of Object.entries(units)) {
    container.writeFile(`/etc/systemd/system/${name}`, text);
  }
  await container.run('systemctl daemon-reload');
  // Their failure is the point: exit status and complaints do not matter here.
  await container.exec('systemctl start tape-library && systemctl kill -s KILL tape-library');
  for (const unit of ['nightly-backup', 'replication', 'export-share', 'snapshot']) {
    await container.exec(['systemctl', 'start', unit]);
  }
  // The last to give up: five starts, 400 ms each.
  await container.run(
    'until [ "$(systemctl show -P ActiveState replication)" = failed ]; do :; done',
    { timeoutMs: 30_000 },
  );
}

async function show(container: Container): Promise<void> {
  for (const command of ['tocsin status', 'tocsin alert list']) {
    const { stdout, stderr } = await container.exec(command);
    console.log(`# ${command}\n${stdout}${stderr}`);
  }
  const enter = `nsenter -t ${container.initPid} -m -u -i -n -p -C`;
  const alerts = 'http://localhost/api/v1/monitoring/alerts';
  console.log(`The appliance runs. To look further:
  ${enter} tocsin alert list
  ${enter} tocsin alert show ID
  ${enter} tocsin event -f
  ${enter} tocsin alert watch
  ${enter} systemctl start nightly-backup
  ${enter} bash
  curl --unix-socket ${container.root}/run/tocsin/local.sock ${alerts}
To end it: make appliance-down`);
}

async function up(): Promise<void> {
  await endKept(home);
  const deb = execFileSync(join(top, 'tools/deb'), ['--if-older'], { encoding: 'utf8' }).trim();
  const base = await ensureBase();
  console.log('booting a Debian 12');
  const container = await bootContainer({
    base,
    name: 'tocsin-appliance',
    network: 'host',
    keepIn: home,
  });
  try {
    console.log(`installing ${deb}`);
    await install(container, join(top, deb));
    console.log('letting units fail\n');
    await breakUnits(container);
    await show(container);
  } catch (error) {
    await container.stop();
    throw error;
  }
}

const [verb = 'up', ...rest] = process.argv.slice(2);
if (rest.length > 0 || (verb !== 'up' && verb !== 'down')) {
  console.error('usage: tools/appliance [up|down]');
  process.exitCode = 2;
} else if (verb === 'down') {
  console.log((await endKept(home)) ? 'the appliance has ended' : 'there is no appliance');
} else {
  await up();
}
