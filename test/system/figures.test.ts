/**
 * What tocsin counts on a real systemd, held against what the machine says of itself: the host, the
 * metrics, their history, who needs whom. And the kernel log, of which a container has none.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { askPromtool } from '../../src/api/metrics/exposed.fixture.ts';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import type { Follower } from '../support/follower.ts';
import type { Json, StreamMessage } from '../support/gathering.ts';

const units = {
  'server.service': '[Service]\nExecStart=/bin/sleep infinity\n',
  'client.service':
    '[Unit]\nRequires=server.service\nAfter=server.service\n' +
    '[Service]\nExecStart=/bin/sleep infinity\n',
  'broken.service': '[Service]\nType=oneshot\nExecStart=/bin/false\n',
};

/** A metrics message, and a tick of the history, come every 30 s. */
const every = 30_000;

describe('figures on a real systemd', { timeout: 300_000 }, () => {
  let appliance: Appliance;
  let stream: Follower;
  before(async () => {
    appliance = await bootAppliance({ units });
    stream = await appliance.follow();
    await run('useradd -G tocsin-read scraper; useradd stranger');
    await appliance.systemctl('start', 'client', 'broken');
    await stream.alert('broken.service', 'unit-failed', 'raised');
  });
  after(() => appliance?.stop());

  const run = (line: string): Promise<string> => appliance.container.run(line);
  const asUser = async (user: string, line: string): Promise<string> =>
    (await appliance.container.exec(['sh', '-c', line], { user })).stdout;
  const metrics = async (): Promise<Json> =>
    (await appliance.get('/api/v1/monitoring/metrics')).body;
  const points = async (from = '1h'): Promise<readonly (readonly number[])[]> => {
    const what = `kind=system.host&id=${appliance.container.name}&attribute=memoryTotalBytes`;
    const { status, body } = await appliance.get(
      `/api/v1/monitoring/metrics/history?${what}&from=${from}`,
    );
    assert.equal(status, 200, JSON.stringify(body));
    return body.points;
  };
  const inProc = async (file: string, name: string): Promise<number> =>
    Number(await run(`sed -n 's/^${name}:* *\\([0-9.]*\\).*/\\1/p' /proc/${file}`));

  describe('the host', () => {
    it('has the figures of its kernel', async () => {
      const [host] = await appliance.list('/api/v1/resources?kind=system.host');
      assert.equal(host.id, appliance.container.name);
      const { attributes } = host;
      assert.equal(attributes.memoryTotalBytes, (await inProc('meminfo', 'MemTotal')) * 1024);
      assert.equal(attributes.oomKills, await inProc('vmstat', 'oom_kill'));
      assert.equal(attributes.cpus, Number(await run('grep -c "^cpu[0-9]" /proc/stat')));
      const [uptime] = (await run('cat /proc/uptime')).split(' ');
      const behind = Number(uptime) - attributes.uptimeSeconds;
      assert.ok(behind >= 0 && behind < 30, `${behind} s behind`);
      const available = (await inProc('meminfo', 'MemAvailable')) * 1024;
      const apart = Math.abs(attributes.memoryAvailableBytes - available);
      assert.ok(apart < attributes.memoryTotalBytes / 10, `${apart} bytes apart`);
      assert.ok(attributes.cpuRatio === null || attributes.cpuRatio <= 1);
    });

    it('has a kernel log that no user can write into', async () => {
      const { components } = (await appliance.get('/api/v1/health')).body;
      assert.equal(components['kernel log'].status, 'healthy', JSON.stringify(components));
      const line = 'EXT4-fs error (device sda1): ext4_find_entry:1234: inode 2: comm x: bad';
      const record = `MESSAGE=${line}\n_TRANSPORT=kernel\nSYSLOG_FACILITY=0\nPRIORITY=2\n`;
      for (const user of ['root', 'stranger']) {
        await asUser(user, `logger -t kernel -p kern.crit '${line}'`);
        await asUser(user, `printf '${record}' | logger --journald`);
        await asUser(user, `printf '<2>${line}\\n' | systemd-cat -t kernel`);
      }
      assert.match(await run('journalctl --no-pager -n 20'), /EXT4-fs error/);
      await appliance.settled(stream);
      assert.deepEqual(await appliance.list('/api/v1/resources?kind=system.fault'), []);
    });
  });

  describe('metrics', () => {
    it('are for members of tocsin-read, and promtool finds nothing amiss', async () => {
      const line = 'curl -s --unix-socket /run/tocsin/local.sock http://localhost/metrics';
      const page = await asUser('scraper', line);
      assert.match(page, /^systemd_unit_state\{name="client.service",.*state="active".*\} 1$/m);
      assert.match(page, /^ALERTS\{alertname="unit-failed",alertstate="firing",.*\} 1$/m);
      assert.equal(askPromtool(page) ?? '', '');
      const openMetrics = await asUser(
        'scraper',
        `${line} -H 'accept: application/openmetrics-text; version=1.0.0'`,
      );
      assert.match(openMetrics, /\n# EOF\n$/);
      assert.equal(JSON.parse(await asUser('stranger', line)).code, 'not-permitted');
    });

    it('say the same as the inventory and as systemd', async () => {
      const { system, tasks, storage, api } = await metrics();
      const known = (kind: string): Promise<readonly Json[]> =>
        appliance.list(`/api/v1/resources?kind=${kind}`);
      const there = (await known('systemd.unit')).filter((one) => one.attributes.present);
      assert.equal(system.units, there.length);
      const failed = (await run('systemctl list-units --failed --plain --no-legend'))
        .trim()
        .split('\n');
      assert.deepEqual([system.failedUnits, failed.length], [1, 1]);
      const runs = await known('task.run');
      assert.equal(tasks.total, runs.length);
      assert.equal(
        tasks.failed,
        runs.filter(({ attributes }) => attributes.state === 'failed').length,
      );
      assert.equal(storage.disks, (await known('storage.disk')).length);
      assert.equal(api.streamClients, 1);
      assert.ok(api.requests > 0 && api.latencyP50Ms <= api.latencyP99Ms);
    });

    it('come on the stream every half minute', async () => {
      const isMetrics = ({ type }: StreamMessage): boolean => type === 'metrics';
      await stream.until('metrics', () => stream.messages.some(isMetrics));
      const told = stream.messages.find(isMetrics);
      assert.equal(told?.data.system.failedUnits, 1);
      assert.deepEqual(Object.keys(told?.data ?? {}), Object.keys(await metrics()));
    });
  });

  describe('the history', () => {
    const firstPoint = (what: string): Promise<readonly (readonly number[])[]> =>
      eventually(what, async () => {
        const found = await points();
        return found.length > 0 ? found : undefined;
      });

    it('has what was recorded, on the grid of half minutes', async () => {
      const [first] = await firstPoint('the first tick');
      const total = (await inProc('meminfo', 'MemTotal')) * 1024;
      assert.deepEqual(first?.slice(1), [total, total, total]);
      assert.equal((first?.[0] ?? 1) % every, 0);
    });

    it('is there after SIGKILL, and so is every alert', async () => {
      const before = await points();
      const told = await stream.alert('broken.service', 'unit-failed', 'raised');
      await appliance.systemctl('kill', '-s', 'KILL', 'tocsin');
      await appliance.systemctl('start', 'tocsin');
      await appliance.answers();
      stream = await appliance.follow();
      assert.deepEqual((await points()).slice(0, before.length), before);
      const now = await appliance.get(`/api/v1/monitoring/alerts/${told.id}`);
      assert.equal(now.body.phase, 'firing');
    });

    it('that somebody deletes begins anew, says so, and harms no alert', async () => {
      await run('rm /var/lib/tocsin/history.db*');
      // A unit fails and recovers meanwhile.
      await appliance.settled(stream);
      await firstPoint('a tick of the new history');
      const { components } = (await appliance.get('/api/v1/health')).body;
      assert.match(components.history.reason, /begins anew: .*history\.db was deleted/);
      assert.equal(components.database.status, 'healthy');
      assert.match(await run('ls /var/lib/tocsin'), /^history\.db$/m);
    });
  });

  describe('who needs whom', () => {
    const topology = async (query: string): Promise<Json> =>
      (await appliance.get(`/api/v1/topology${query}`)).body;

    it('is told over REST: a unit, who requires it, and their alerts', async () => {
      const { nodes, edges } = await topology('?kind=systemd.unit&id=server.service');
      assert.deepEqual(nodes.map(({ id }: Json) => id).toSorted(), [
        'client.service',
        'server.service',
      ]);
      assert.deepEqual(
        edges.map(({ from, to }: Json) => [from.id, to.id]),
        [['server.service', 'client.service']],
      );
    });

    it('is shown by tocsin unit show, with alerts and events', async () => {
      const shown = await run('tocsin unit show broken');
      assert.match(shown, /^Alerts\n {2}critical .*broken\.service failed/m);
      assert.match(shown, /run-failed/);
    });
  });
});
