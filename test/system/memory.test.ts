/**
 * Fault 20: the kernel's own OOM killer, from a control group around the daemon alone, under a load
 * of alerts (`OOMS=50` for more): systemd starts it again, and nothing that was told or answered is
 * lost. And it does hard work within the memory that its unit gives it.
 */
import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import { inspectDatabase } from '../support/database.ts';
import type { Follower } from '../support/follower.ts';
import { stateOf } from '../support/fuse/house.ts';
import { type LimitedGroup, makeLimitedGroup } from '../support/limited-group.ts';
import { startLoad } from '../support/load.ts';
import { kill } from '../support/nspawn.ts';
import { mainPidOutside, passGate, startGate } from '../support/start-gate.ts';

const ooms = Number(process.env.OOMS ?? 6);
/** Messages that it may tell before it is squeezed. */
const messagesMax = 60;
const flapping = 100;
const listeners = 30;
const workMs = 8000;
const mib = 1024 * 1024;
const limitFile = 'memory.limit_in_bytes';

const units = {
  'load@.service': '[Service]\nType=oneshot\nExecStart=/bin/false\n',
  'flap@.service': `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/false
Restart=always
RestartSec=300ms
`,
};
const loadScript = `
units=$(seq -f load@%g.service 20)
while :; do systemctl start $units; systemctl reset-failed $units; done`;

const isOver = (pid: number): boolean => [undefined, 'Z'].includes(stateOf(pid));

/** Takes memory away until the kernel has ended the process. */
async function squeeze(group: LimitedGroup, pid: number): Promise<void> {
  await eventually('the kernel has killed it', async () => {
    for (let limit = Number(group.read('memory.usage_in_bytes')); limit > mib; limit -= mib) {
      try {
        group.write(limitFile, limit);
      } catch {
        break; // EBUSY: the kernel can give back no more, and whatever it asks for next is its end.
      }
    }
    return isOver(pid) || undefined;
  });
}

/** How often the kernel has killed in this group. */
const killsIn = (group: LimitedGroup): number =>
  Number(/^oom_kill (\d+)$/m.exec(group.read('memory.oom_control'))?.[1]);

/** The most that was resident so far. */
const residentMost = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

describe('a daemon without memory', { timeout: 120_000 + ooms * 15_000 }, () => {
  // Where this machine has no such group, SIGKILL stands in: to a process both are the same.
  const group = makeLimitedGroup('memory');
  let appliance: Appliance;
  before(async () => {
    appliance = await bootAppliance({ units });
    await appliance.addUnits({ 'tocsin.service.d/gate.conf': startGate });
    await appliance.systemctl('restart', '--no-block', 'tocsin');
  });
  after(async () => {
    await appliance?.stop();
    await group?.end();
  });
  const socket = () => join(appliance.container.root, 'run/tocsin/local.sock');

  /** Lets the next process through, below so many bytes. */
  async function start(limit: number): Promise<number> {
    const pid = await passGate(appliance, (gated) => {
      group?.write(limitFile, limit);
      group?.take(gated);
    });
    await appliance.answers();
    return pid;
  }
  const bytesOf = async (name: string) => Number(await appliance.property('tocsin', name));

  describe('killed by the kernel under load', () => {
    /** What was told: number of the change -> alert and reason. */
    const told = new Map<number, string>();
    let last = 0;
    function take(stream: Follower): void {
      for (const { type, seq, data } of stream.messages) {
        assert.notEqual(data.event, 'resync', 'the daemon forgot what it had told');
        if (type !== 'alert') continue;
        assert.equal(seq, last + 1, 'a change is missing, or told again');
        told.set(seq, `${data.id} ${data.reason}`);
        last = seq;
      }
      stream.close();
    }

    it(`${ooms} times is started again, and has lost nothing that it told or answered`, async (test: TestContext) => {
      const most = await bytesOf('MemoryMax');
      const working: ChildProcessWithoutNullStreams = appliance.container.spawn(loadScript);
      working.stdout.resume();
      working.stderr.resume();
      const load = startLoad(socket(), 'unforgotten');
      for (let i = 0; i < ooms; i++) {
        const pid = await start(most);
        const before = group === undefined ? 0 : killsIn(group);
        const stream = await eventually('its stream', () =>
          appliance.follow({ since: last }).catch(() => undefined),
        );
        const enough = Math.floor(Math.random() * messagesMax);
        await stream.until(`${enough} messages`, () => stream.messages.length >= enough);
        if (group === undefined) kill(pid);
        else await squeeze(group, pid);
        await eventually('its end', () => isOver(pid) || undefined);
        if (group !== undefined) assert.ok(killsIn(group) > before, 'it was not the kernel');
        take(stream);
      }
      await start(most);
      await load.stop();
      appliance.container.end(working);
      take(await appliance.follow({ since: last }));
      const titles = (await appliance.list('/api/v1/monitoring/alerts')).map(({ title }) => title);
      const known = new Set(titles);
      assert.ok(load.raised.length > ooms, `${load.raised.length} were answered`);
      assert.deepEqual(
        load.raised.filter((key) => !known.has(key)),
        [],
      );
      assert.equal(await bytesOf('NRestarts'), ooms);
      test.diagnostic(`${ooms} kills, ${told.size} told, ${load.raised.length} answered`);
    });

    it('leaves a sound database with everything in it', async () => {
      await appliance.systemctl('stop', 'tocsin', 'tocsin-local.socket', 'tocsin-api.socket');
      const state = join(appliance.container.root, 'var/lib/tocsin');
      const { integrity, danglingRows, changes } = inspectDatabase(state);
      assert.deepEqual([integrity, danglingRows], ['ok', 0]);
      const stored = new Map(changes.map((one) => [one.seq, `${one.alertId} ${one.reason}`]));
      changes.forEach(({ seq }, i) => {
        assert.equal(seq, i + 1);
      });
      for (const [seq, what] of told) assert.equal(stored.get(seq), what, `change ${seq}`);
      await appliance.systemctl('start', '--no-block', 'tocsin');
    });
  });

  it('does hard work below MemoryHigh of its unit, and is never near MemoryMax', async (test: TestContext) => {
    const high = await bytesOf('MemoryHigh');
    assert.ok(high > 0 && high < (await bytesOf('MemoryMax')));
    const pid = await start(high);
    const before = group === undefined ? 0 : killsIn(group);
    const streams = await Promise.all(Array.from({ length: listeners }, () => appliance.follow()));
    const names = Array.from({ length: flapping }, (_, i) => `flap@${i}.service`);
    const load = startLoad(socket(), 'work');
    await appliance.systemctl('start', ...names);
    const end = performance.now() + workMs;
    while (performance.now() < end) {
      await appliance.list('/api/v1/resources');
      assert.equal((await appliance.post('/api/v1/rules/backtest', {})).status, 200);
      await pause(50);
    }
    await load.stop();
    await appliance.systemctl('stop', ...names);
    for (const stream of streams) stream.close();
    assert.equal(await mainPidOutside(appliance), pid);
    const resident = residentMost(pid);
    const charged = group === undefined ? 0 : Number(group.read('memory.max_usage_in_bytes'));
    test.diagnostic(
      `at most ${(resident / mib).toFixed()} MiB resident, ${(charged / mib).toFixed()} MiB with its pages of files`,
    );
    assert.ok(resident < high, `${resident} bytes`);
    if (group !== undefined) assert.equal(killsIn(group), before);
  });
});
