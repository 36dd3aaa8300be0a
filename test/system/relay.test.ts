/**
 * The relay as it is installed: in its hardened unit, with its socket, its credentials and the
 * daemon beside it; and the channels of the core inside the daemon's own hardening.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import type { ExecCommand } from '../support/container.ts';
import { type HttpSink, openHttpSink } from '../support/http-sink.ts';

/** The longest that stopping may take. */
const stopMsMax = 2000;

describe('tocsin-relay in its unit', { timeout: 300_000 }, () => {
  let appliance: Appliance;
  let hook: HttpSink;
  let beats: HttpSink;
  before(async () => {
    [hook, beats] = await Promise.all([openHttpSink(), openHttpSink()]);
    const files = { 'etc/hosts': '127.0.0.1 localhost receiver.test\n' };
    appliance = await bootAppliance({ network: 'host', files });
  });
  after(async () => {
    await appliance?.stop();
    await Promise.all([hook?.close(), beats?.close()]);
  });

  const run = (command: ExecCommand) => appliance.container.run(command);
  const property = (name: string) => appliance.property('tocsin-relay', name);
  const becomes = (name: string, value: string) =>
    eventually(`${name} of tocsin-relay is ${value}`, async () =>
      (await property(name)) === value ? true : undefined,
    );
  const write = (path: string, text: string) =>
    writeFileSync(join(appliance.container.root, path), text);
  const quick = 'groupWait: 0s, groupInterval: 0s, budget: 0';
  const settings = () =>
    [
      'channels:',
      `  hook: { type: webhook, url: "${hook.url}", token: { credential: tocsin.token }, ${quick} }`,
      `  log: { type: journal, ${quick} }`,
      `  terminals: { type: wall, ${quick} }`,
      `  quiet: { type: wall, through: wall, enabled: true, ${quick} }`,
      `  program: { type: exec, command: [/usr/bin/tee, /var/lib/tocsin/told], ${quick} }`,
      // By name: resolving works in the unit, too.
      `heartbeat: { url: "${beats.url.replace('127.0.0.1', 'receiver.test')}", every: 1s }`,
      '',
    ].join('\n');
  const raise = (title: string) =>
    run(['tocsin', 'alert', 'raise', '--severity', 'critical', title]);
  const isTold = (title: string) =>
    eventually(`${title} arrives`, () => hook.requests.find(({ body }) => body.includes(title)));

  it('does not run where nothing needs a network, and nothing is missed', async () => {
    assert.equal(await property('ActiveState'), 'inactive');
    assert.equal(await property('Result'), 'exec-condition');
    assert.equal(await run('systemctl --failed --plain --no-legend'), '');
  });

  it('has a socket for itself alone', async () => {
    const socket = await run('stat -c "%F %a %U:%G" /run/tocsin/relay.sock');
    assert.equal(socket, 'socket 660 root:tocsin-relay\n');
  });

  it('starts when there is something to do, and says that it is ready', async () => {
    await run('mkdir -p /etc/credstore');
    write('etc/credstore/tocsin.token', 'open sesame\n');
    write('etc/tocsin/tocsin.yaml', settings());
    await run('systemctl reload tocsin');
    await run('systemctl start tocsin-relay');
    assert.equal(await property('ActiveState'), 'active');
    assert.equal(await property('User'), 'tocsin-relay');
    assert.match(await property('StatusText'), /^Serving hook and the heartbeat/);
  });

  it('sends an alert, with the secret of its credentials', async () => {
    await raise('first words');
    const { headers } = await isTold('first words');
    assert.equal(headers.authorization, 'Bearer open sesame');
  });

  it('beats while the core works', async () => {
    await beats.wait(beats.requests.length + 2);
    assert.equal(beats.requests.at(-1)?.method, 'GET');
  });

  it('ceases to beat while the core hangs, and goes on after it', async () => {
    const says = (line: string) =>
      eventually(line, async () =>
        (await run('journalctl -u tocsin-relay --no-pager -o cat')).includes(line)
          ? true
          : undefined,
      );
    await run('systemctl kill --signal=SIGSTOP tocsin');
    await says('heartbeat: not asked: tocsind does not answer');
    const beaten = beats.requests.length;
    assert.equal(await property('ActiveState'), 'active');
    assert.equal(beats.requests.length, beaten);
    await run('systemctl kill --signal=SIGCONT tocsin');
    await says('heartbeat: arrives again');
  });

  it('the daemon writes entries into the journal that journalctl explains', async () => {
    const query = 'journalctl _SYSTEMD_UNIT=tocsin.service TOCSIN_RULE=raised-by-hand --no-pager';
    const entry = await eventually('an entry', async () => {
      const json = await run(`${query} -o json | head -n 1`);
      return json === '' ? undefined : (JSON.parse(json) as Record<string, string>);
    });
    assert.equal(entry.MESSAGE, 'critical: first words');
    assert.equal(entry.PRIORITY, '2');
    assert.match(await run(`${query} -x`), /shows its cause and what happened before/);
  });

  it('the daemon runs a program and wall inside its own hardening', async () => {
    const told = await eventually('what the program was told', async () => {
      const { exitStatus, stdout } = await appliance.container.exec('cat /var/lib/tocsin/told');
      return exitStatus === 0 && stdout.endsWith('\n') ? stdout : undefined;
    });
    assert.equal(JSON.parse(told).channel, 'program');
    assert.match(await run('tocsin channel test quiet'), /wall has taken it/);
  });

  it('the daemon reaches who is logged in, also on a terminal that takes no messages', async () => {
    // Debian 13 has no utmp, and the container no PAM that would tell logind of a session.
    if (process.env.TOCSIN_TEST_RELEASE === 'trixie') return;
    await run('systemd-run --unit=session script -q -f -c "login -f root" /root/typed');
    await eventually('somebody is logged in', async () => (await run('who')) || undefined);
    await run('chmod 600 /dev/pts/0');
    await run('tocsin channel test terminals');
    await eventually('the text', async () =>
      (await run('cat /root/typed')).includes('Test of the channel terminals') ? true : undefined,
    );
  });

  it('goes on where it was after SIGKILL of either', async () => {
    await run('systemctl kill --signal=SIGKILL tocsin-relay');
    await raise('after the relay was killed');
    await isTold('after the relay was killed');
    await run('systemctl kill --signal=SIGKILL tocsin');
    await appliance.answers();
    await raise('after the daemon was killed');
    await isTold('after the daemon was killed');
    await becomes('ActiveState', 'active');
  });

  it('lets nobody else ask, member of its group or not', async () => {
    const ask =
      'curl -s -o /dev/null -w "%{http_code}" --unix-socket /run/tocsin/relay.sock http://l/alive';
    await run('useradd -G tocsin-relay curious');
    assert.equal(await run(`runuser -u tocsin-relay -- ${ask}`), '200');
    assert.equal(await run(`runuser -u curious -- ${ask}`), '403');
    const refused = await appliance.container.exec(`runuser -u nobody -- ${ask}`);
    assert.equal(refused.stdout, '000');
  });

  it('keeps what it had when new settings are wrong', async () => {
    const pid = await property('MainPID');
    write('etc/tocsin/tocsin.yaml', settings().replace('type: webhook', 'type: pigeon'));
    await appliance.container.exec('systemctl reload tocsin tocsin-relay');
    await raise('through the old settings');
    await isTold('through the old settings');
    assert.equal(await property('MainPID'), pid);
  });

  it('does not start with settings that are wrong, and says where', async () => {
    await appliance.container.exec('systemctl restart tocsin-relay');
    await becomes('ActiveState', 'failed');
    assert.equal(await property('ExecMainStatus'), '78');
    assert.match(
      await run('journalctl -u tocsin-relay --no-pager'),
      /tocsin\.yaml:2:\d+: .*must be one of/,
    );
  });

  it('ends with the core, which nothing starts again then, and starts with it', async () => {
    write('etc/tocsin/tocsin.yaml', settings());
    await run('systemctl restart tocsin tocsin-relay');
    await becomes('ActiveState', 'active');
    await run('systemctl stop tocsin');
    assert.equal(await property('ActiveState'), 'inactive');
    assert.equal(await appliance.property('tocsin', 'ActiveState'), 'inactive');
    await run('systemctl start tocsin');
    await becomes('ActiveState', 'active');
  });

  it('stops within two seconds', async () => {
    const start = performance.now();
    await run('systemctl stop tocsin-relay');
    const took = performance.now() - start;
    assert.ok(took < stopMsMax, `it took ${took.toFixed(0)} ms`);
    assert.equal(await property('Result'), 'success');
  });

  it('exposes little: 1.1 at most', async () => {
    const unit = '/usr/lib/systemd/system/tocsin-relay.service';
    await run(`systemd-analyze security --no-pager --offline=yes --threshold=11 ${unit}`);
  });
});
