/**
 * The daemon itself in distress: its main thread stands still, it is stopped for a moment, it has
 * no descriptors, no room for callers, no children; its log is not taken, a credential is missing.
 * It goes on or is started anew, and tells what happened meanwhile.
 */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import type { Follower } from '../support/follower.ts';

const units = {
  'fails@.service':
    '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo last words of %i; false"\n',
  'runs@.service': '[Service]\nExecStart=/bin/sleep infinity\n',
};
const settings = `storage:
  repositories:
    - { name: archive, path: /srv }
channels:
  hook: { type: webhook, url: "http://192.0.2.1/", token: { credential: tocsin.token } }
`;
/** Room for what the daemon holds itself, and a little more. */
const descriptors = 96;
const flood = 300;
/** The least that a backlog of 4,096 needs, with what is accepted meanwhile. */
const backlogFlood = 5000;
const residentMiBMax = 300;
const answerMsMax = 1000;

/**
 * Seizes one thread and holds it until it is killed (ptrace: perl-base is on every Debian). No
 * signal reaches a thread that is held so; a loop that is merely busy would die of SIGABRT at once.
 * The tracer has to collect what it traced before systemd can.
 */
const hold = `syscall(101, 0x4206, $ARGV[0] + 0, 0, 0) == 0 or die "seize: $!";
syscall(101, 0x4207, $ARGV[0] + 0, 0, 0) == 0 or die "interrupt: $!";
$| = 1; print "held\\n"; 1 while waitpid($ARGV[0], 0x40000000) > 0;`;

describe('the daemon in distress', { timeout: 400_000 }, () => {
  let appliance: Appliance;
  let stream: Follower;
  before(async () => {
    appliance = await bootAppliance({
      units,
      files: { 'etc/tocsin/tocsin.yaml.d/test.yaml': settings },
    });
    stream = await appliance.follow();
    await appliance.systemctl('start', 'fails@before', 'runs@1', 'runs@2');
    await stream.alert('fails@before.service', 'unit-failed', 'raised');
  });
  after(() => appliance?.stop());

  const pidOf = async () => Number(await appliance.property('tocsin', 'MainPID'));
  const journal = (...more: readonly string[]) =>
    appliance.container.run(['journalctl', '-u', 'tocsin', '-o', 'cat', '--no-pager', ...more]);
  const fails = async (name: string) => {
    await appliance.systemctl('start', name);
    return stream.alert(`${name}.service`, 'unit-failed', 'raised');
  };
  const again = async (): Promise<void> => {
    stream = await appliance.followOn(stream);
  };
  async function dropIn(name: string, text: string): Promise<void> {
    await appliance.addUnits({ [`tocsin.service.d/${name}.conf`]: text });
    await appliance.systemctl('restart', 'tocsin');
    await again();
  }
  const signal = (name: string) => appliance.systemctl('kill', '-s', name, 'tocsin');

  it('whose main thread stands still is killed by its watchdog, started, and tells what it missed', async (test: TestContext) => {
    await dropIn('watchdog', '[Service]\nWatchdogSec=3\nTimeoutAbortSec=2\n');
    const pid = await pidOf();
    const holder = appliance.container.spawn(['perl', '-e', hold, String(pid)]);
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const began = performance.now();
    await appliance.systemctl('start', 'fails@held');
    const other = await eventually('another process', async () => {
      const now = await pidOf();
      return now !== 0 && now !== pid ? now : undefined;
    });
    appliance.container.end(holder);
    await again();
    test.diagnostic(`answers again after ${(performance.now() - began).toFixed()} ms`);
    const raised = await stream.alert('fails@held.service', 'unit-failed', 'raised');
    assert.equal(raised.foundLate, true);
    assert.match(await journal(), /Watchdog timeout/);
    assert.equal(await pidOf(), other);
    assert.deepEqual(stream.story('fails@before.service'), []);
  });

  it('that is stopped for less than its watchdog waits goes on, and ends no alert that still holds', async () => {
    await dropIn('watchdog', '[Service]\nWatchdogSec=30\n');
    const pid = await pidOf();
    await signal('STOP');
    await appliance.systemctl('kill', '-s', 'KILL', 'runs@1');
    await appliance.systemctl('start', 'fails@passes');
    await appliance.systemctl('reset-failed', 'fails@passes');
    await pause(3000);
    await signal('CONT');
    await stream.alert('runs@1.service', 'unit-failed', 'raised');
    await stream.event('fails@passes.service', 'run-failed');
    await appliance.settled(stream);
    assert.equal(await pidOf(), pid);
    assert.deepEqual(stream.story('runs@1.service'), ['unit-failed raised']);
    assert.deepEqual(stream.story('fails@before.service'), []);
    assert.deepEqual(stream.story('runs@2.service'), []);
    assert.deepEqual(stream.story('database'), [], 'the disk was not to blame');
  });

  const socket = () => join(appliance.container.root, 'run/tocsin/local.sock');
  /** Connects so often, or until the kernel refuses; never reads. */
  async function crowd(count: number): Promise<{ sockets: readonly Socket[]; refused: string[] }> {
    const sockets: Socket[] = [];
    const refused: string[] = [];
    for (let i = 0; i < count && refused.length === 0; i += 100) {
      const some = Array.from({ length: 100 }, () => connect(socket()));
      sockets.push(...some);
      await Promise.all(
        some.map(
          (one) =>
            new Promise<void>((resolve) => {
              one.on('connect', () => resolve());
              one.on('error', (error: NodeJS.ErrnoException) => {
                if (error.syscall === 'connect') refused.push(String(error.code));
                resolve();
              });
            }),
        ),
      );
    }
    return { sockets, refused };
  }

  it('without a free descriptor keeps its streams and tells, and is itself again when there are some', async () => {
    await dropIn('files', `[Service]\nLimitNOFILE=${descriptors}\n`);
    const pid = await pidOf();
    const { sockets } = await crowd(flood);
    await eventually('nearly all descriptors are in use', async () => {
      const open = await appliance.container.run(`ls /proc/${pid}/fd | wc -l`);
      return Number(open) >= descriptors - 8 || undefined;
    });
    await fails('fails@crowded');
    for (const one of sockets) one.destroy();
    await eventually('it answers and is healthy', async () => {
      try {
        const { status, components } = (await appliance.get('/api/v1/health')).body;
        return (status !== 'unhealthy' && components.systemd.status === 'healthy') || undefined;
      } catch {
        return undefined;
      }
    });
    assert.equal(await pidOf(), pid);
    await appliance.addUnits({ 'tocsin.service.d/files.conf': '' });
    await appliance.systemctl('restart', 'tocsin');
    await again();
  });

  it('with a full backlog is asked again by the command line, which says so when it stays full', async (test: TestContext) => {
    await signal('STOP');
    const { sockets, refused } = await crowd(backlogFlood);
    assert.deepEqual([...new Set(refused)], ['EAGAIN']);
    test.diagnostic(`the kernel took ${sockets.length - refused.length} connections`);
    const ask = ['tocsin', 'alert', 'list', '--no-legend'] as const;
    const vain = await appliance.container.exec(ask);
    assert.equal(vain.exitStatus, 5);
    assert.match(vain.stderr, /no room for one more connection/);
    const asked = appliance.container.exec(ask);
    // Between its first attempt and its last: 600 ms lie between them, and there is no fact to wait for.
    await pause(300);
    await signal('CONT');
    const { exitStatus, stdout, stderr } = await asked;
    for (const one of sockets) one.destroy();
    assert.equal(exitStatus, 0, stderr);
    assert.match(stdout, /fails@before\.service/);
    await again();
  });

  it('whose log nobody takes answers and tells, and what it said is there when somebody takes it', async (test: TestContext) => {
    const mistakes = Array.from({ length: 300 }, (_, i) => `  - { id: wrong-${i}, kind: nothing }`);
    const file = '/etc/tocsin/rules.d/50-wrong.yaml';
    appliance.container.writeFile(file, `rules:\n${mistakes.join('\n')}\n`);
    const pid = await pidOf();
    await appliance.systemctl('kill', '-s', 'STOP', 'systemd-journald');
    let slowest = 0;
    // Each is 100 KB of complaints, and over when systemctl is. Only 8 MiB would fill the socket that
    // systemd has made: what is dropped then is told by log.test.ts.
    for (let i = 0; i < 3; i++) {
      await appliance.systemctl('reload', 'tocsin');
      const asked = performance.now();
      assert.equal((await appliance.get('/livez')).status, 200);
      slowest = Math.max(slowest, performance.now() - asked);
    }
    await fails('fails@unheard');
    const status = readFileSync(
      join(appliance.container.root, 'proc', String(pid), 'status'),
      'utf8',
    );
    const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
    await appliance.systemctl('kill', '-s', 'CONT', 'systemd-journald');
    await appliance.container.run(['rm', file]);
    await appliance.systemctl('reload', 'tocsin');
    test.diagnostic(`slowest answer ${slowest.toFixed()} ms, ${resident.toFixed()} MiB`);
    await eventually('all of it is in the journal', async () => {
      const said = await journal();
      const complaints = said.split('configuration refused, the one before stays').length - 1;
      return (complaints === 3 && /configuration read: \d+ rules/.test(said)) || undefined;
    });
    assert.equal(await pidOf(), pid);
    assert.ok(slowest < answerMsMax && resident < residentMiBMax);
  });

  it('whose children crash at once knows that it does not know, and starts few of them', async () => {
    const count = '/run/crashes';
    appliance.container.writeFile(
      '/opt/crash',
      `#!/bin/sh\necho >>${count}\nkill -SEGV $$\n`,
      0o755,
    );
    await appliance.container.run(['install', '-m', '666', '/dev/null', count]);
    await dropIn(
      'crash',
      `[Service]\nBindReadOnlyPaths=/opt/crash:/usr/bin/stat\nReadWritePaths=${count}\n`,
    );
    const repository = async () => {
      const path = '/api/v1/resources?kind=storage.repository';
      return (await appliance.get(path)).body.items[0];
    };
    const found = await eventually('the repository was asked for', async () => {
      const known = await repository();
      return known !== undefined && statSync(join(appliance.container.root, count)).size > 0
        ? known
        : undefined;
    });
    assert.notEqual(typeof found.attributes.usedRatio, 'number');
    const before = statSync(join(appliance.container.root, count)).size;
    await pause(3000);
    const crashes = statSync(join(appliance.container.root, count)).size - before;
    assert.ok(crashes <= 9, `${crashes} children in 3 s`);
    await fails('fails@crashing');
    assert.equal((await appliance.get('/api/v1/health')).body.components.systemd.status, 'healthy');
    await appliance.addUnits({ 'tocsin.service.d/crash.conf': '' });
    await appliance.systemctl('restart', 'tocsin');
    await again();
  });

  it('without a credential that a channel needs watches on, and says which is missing', async () => {
    await eventually('the relay runs', async () =>
      (await appliance.property('tocsin-relay', 'ActiveState')) === 'active' ? true : undefined,
    );
    await eventually('the channel says what is missing', async () => {
      const { body } = await appliance.get('/api/v1/channels');
      return /no credential tocsin\.token/.test(JSON.stringify(body)) || undefined;
    });
    await fails('fails@secretless');
  });

  it('told to stop in a burst of writes ends with 0 within five seconds, its log of writes folded in', async () => {
    const burst = Array.from({ length: 200 }, (_, i) => `fails@burst-${i}`);
    const starting = appliance.systemctl('start', '--no-block', ...burst);
    await stream.until('the first of them', () =>
      stream.messages.some(({ data }) => data.resource?.id.startsWith('fails@burst-')),
    );
    const began = performance.now();
    await appliance.systemctl('stop', 'tocsin');
    const took = performance.now() - began;
    await starting;
    assert.ok(took < 5000, `it took ${took.toFixed()} ms`);
    assert.equal(await appliance.property('tocsin', 'Result'), 'success');
    const log = join(appliance.container.root, 'var/lib/tocsin/tocsin.db-wal');
    assert.equal(statSync(log, { throwIfNoEntry: false })?.size ?? 0, 0);
  });
});
