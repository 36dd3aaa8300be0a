import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { bootContainer, type Container, ensureBase } from '../support/container.ts';

const unit = (start: string, more = '') => `[Service]\nType=oneshot\nExecStart=${start}\n${more}`;

describe('a real systemd in a container', { timeout: 60_000 }, () => {
  let container: Container;
  before(async () => {
    container = await bootContainer({ base: await ensureBase() });
  });
  after(() => container.stop());

  it('is up when it has booted', async () => {
    const { stdout } = await container.exec(['systemctl', 'is-system-running']);
    assert.equal(stdout, 'running\n');
  });

  it('sees a unit fail', async () => {
    container.writeFile('/etc/systemd/system/broken.service', unit('/bin/false'));
    assert.equal((await container.exec('systemctl start broken')).exitStatus, 1);
    const shown = await container.run(['systemctl', 'show', '-P', 'Result', 'broken']);
    assert.equal(shown, 'exit-code\n');
    await container.run(['systemctl', 'reset-failed']);
  });

  it('lets the host connect to its bus', async () => {
    const bus = spawn('busctl', [`--address=${container.busAddress}`, 'status']);
    const [status] = await new Promise<[number]>((resolve) => {
      bus.once('close', (code) => resolve([code ?? -1]));
    });
    assert.equal(status, 0);
  });

  it('has no network but loopback', async () => {
    const interfaces = await container.run(['ls', '/sys/class/net']);
    assert.equal(interfaces, 'lo\n');
  });

  it('runs commands as another user', async () => {
    assert.equal(await container.run(['id', '-un'], { user: 'nobody' }), 'nobody\n');
  });

  it('ends a command at its limit', async () => {
    const { exitStatus } = await container.exec(['sleep', 'infinity'], { timeoutMs: 50 });
    assert.equal(exitStatus, null);
  });

  it('keeps what was written and the journal through a reboot, with another boot id', async () => {
    const boot = 'cat /proc/sys/kernel/random/boot_id';
    const first = await container.run(boot);
    container.writeFile('/var/lib/kept', 'yes');
    await container.reboot();
    assert.notEqual(await container.run(boot), first);
    assert.equal(await container.run('cat /var/lib/kept'), 'yes');
    const boots = await container.run(['journalctl', '--list-boots', '--no-pager']);
    assert.match(boots, /^ *-1 .*\n *0 /m);
  });

  it('comes up again when the plug was pulled', async () => {
    await container.powerCycle();
    assert.match(await container.run('cat /var/lib/kept'), /yes/);
  });

  it('enforces the device policy of a unit', async () => {
    const read = (policy: string) =>
      container.exec(`systemd-run --wait --collect -q ${policy} head -c1 /dev/urandom`);
    assert.equal((await read('')).exitStatus, 0);
    assert.notEqual((await read('-p DevicePolicy=strict')).exitStatus, 0);
  });

  it('ends when the process that booted it is killed', { timeout: 10_000 }, async (test) => {
    const support = join(import.meta.dirname, '../support/container.ts');
    const script = `import { bootContainer, ensureBase } from '${support}';
      const container = await bootContainer({ base: await ensureBase() });
      console.log(container.initPid);
      setInterval(() => {}, 900);`;
    const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', script]);
    const initPid = await new Promise<string>((resolve) => {
      owner.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()));
    });
    assert.ok(existsSync(`/proc/${initPid}/root`));
    owner.kill('SIGKILL');
    // Not /proc/PID: a zombie stays there until somebody collects it.
    while (existsSync(`/proc/${initPid}/root`) && !test.signal.aborted) await nextTurn();
    assert.equal(existsSync(`/proc/${initPid}/root`), false);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const other = await bootContainer({ base: await ensureBase() });
    const { initPid } = other;
    await other.stop();
    assert.equal(existsSync(`/proc/${initPid}`), false);
    assert.equal(existsSync(join('/tmp', other.name)), false);
  });

  it('two at a time do not disturb each other', async () => {
    await using other = await bootContainer({ base: await ensureBase() });
    await other.run(['systemctl', 'daemon-reexec']);
    const names = await Promise.all([container, other].map((one) => one.run(['hostname'])));
    assert.notEqual(names[0], names[1]);
    assert.equal(await other.run('systemctl is-system-running --wait'), 'running\n');
    assert.equal(await container.run('systemctl is-system-running --wait'), 'running\n');
  });
});
