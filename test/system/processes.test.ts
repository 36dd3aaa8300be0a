/**
 * Fault 82: the kernel makes no process and no thread any more. What needs a child is unknown and
 * never "not there"; everything else is seen and told; it is itself again when there is room. A
 * start without room ends and is made good by systemd, at each number of threads that there are.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import type { Follower } from '../support/follower.ts';
import { stateOf } from '../support/fuse/house.ts';
import type { Json } from '../support/gathering.ts';
import { type LimitedGroup, makeLimitedGroup } from '../support/limited-group.ts';
import { children, kill } from '../support/nspawn.ts';
import { mainPidOutside, passGate, startGate } from '../support/start-gate.ts';

const units = {
  'fails@.service':
    '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo last words of %i; false"\n',
};
const settings = `storage:
  repositories:
    - { name: archive, path: /srv }
channels:
  program:
    type: exec
    command: [/usr/bin/tee, /var/lib/tocsin/told]
    groupWait: 0s
    groupInterval: 0s
    budget: 0
`;
/** What needs a thread or a child is refused, and not waited for. */
const refusedMsMax = 2000;
/** Threads and children that a start may have: it needs about a dozen. */
const rooms = (process.env.ROOMS ?? '2,6,9,12,20').split(',').map(Number);
const roomEnough = 20;
/** Node waits for ever where it has a thread too few; 60 s in the unit that is shipped. */
const startTimeout = 'TimeoutStartSec=12s\n';

/** From now on the kernel refuses, until the returned function is called. */
type Refuse = (appliance: Appliance) => Promise<() => Promise<void>>;

/** RLIMIT_NPROC counts the processes and threads of the user: one is always exceeded. */
async function refuseByLimit(appliance: Appliance): Promise<() => Promise<void>> {
  const outside = await mainPidOutside(appliance);
  const pid = await appliance.property('tocsin', 'MainPID');
  const limits = readFileSync(`/proc/${outside}/limits`, 'utf8');
  const before = /^Max processes\s+(\S+)/m.exec(limits)?.[1] ?? '';
  // Its own user may: for others, even for root, that takes CAP_SYS_RESOURCE.
  const set = async (soft: string): Promise<void> => {
    const argv = ['prlimit', '--pid', pid, `--nproc=${soft}:`] as const;
    await appliance.container.run(argv, { user: 'tocsin' });
  };
  await set('1');
  return () => set(before);
}

/** pids.max of a group of its own. */
async function refuseByGroup(appliance: Appliance): Promise<() => Promise<void>> {
  const group = makeLimitedGroup('pids');
  if (group === undefined) throw new Error('there was a controller a moment ago');
  group.take(await mainPidOutside(appliance));
  group.write('pids.max', 0);
  return async () => group.write('pids.max', 'max');
}

/** Not every machine lets us make groups; a limit of the process is refused in the same way. */
function means(): ReadonlyMap<string, Refuse> {
  const probe = makeLimitedGroup('pids');
  void probe?.end();
  const always: readonly [string, Refuse][] = [['RLIMIT_NPROC', refuseByLimit]];
  return new Map(probe === undefined ? always : [...always, ['pids.max', refuseByGroup]]);
}

describe('a daemon for which no process and no thread can be made', { timeout: 300_000 }, () => {
  let appliance: Appliance;
  let stream: Follower;
  before(async () => {
    appliance = await bootAppliance({
      units,
      files: { 'etc/tocsin/tocsin.yaml.d/test.yaml': settings },
    });
    stream = await appliance.follow();
  });
  after(() => appliance?.stop());

  const repository = async (): Promise<Json> => {
    const path = '/api/v1/resources?kind=storage.repository';
    return (await appliance.get(path)).body.items[0]?.attributes;
  };
  const repositoryBecomes = (what: string, fits: (attributes: Json) => boolean) =>
    eventually(`the repository is ${what}`, async () => {
      const attributes = await repository();
      return attributes !== undefined && fits(attributes) ? attributes : undefined;
    });
  /** What is mounted has changed: storage looks again, with a child. */
  const look = async (mounted: boolean): Promise<void> => {
    await appliance.container.run(mounted ? 'mount -t tmpfs none /mnt' : 'umount /mnt');
  };
  const fails = async (name: string) => {
    await appliance.systemctl('start', name);
    await stream.alert(`${name}.service`, 'unit-failed', 'raised');
  };
  const raise = async (title: string): Promise<void> => {
    const body = { severity: 'critical', source: 'system', title };
    assert.equal((await appliance.post('/api/v1/monitoring/alerts', body)).status, 201);
  };
  const journal = () =>
    appliance.container.run(['journalctl', '-u', 'tocsin', '-o', 'cat', '--no-pager']);
  async function isRefused(asked: ReturnType<Appliance['get']>, code: string): Promise<void> {
    const began = performance.now();
    const { status, body } = await asked;
    assert.deepEqual([status, body.code], [503, code]);
    assert.match(body.detail, /no thread can be started: EAGAIN/);
    assert.ok(performance.now() - began < refusedMsMax);
  }

  for (const [name, refuse] of means()) {
    it(`by ${name} knows what it cannot know, tells all else, and is itself again`, async () => {
      await repositoryBecomes('known', ({ usedRatio }) => typeof usedRatio === 'number');
      const before = await appliance.property('tocsin', 'InvocationID');
      const giveBack = await refuse(appliance);
      // Those that read the journal for it, too.
      for (const child of children(await mainPidOutside(appliance))) kill(child);
      await fails(`fails@without-${name}`);
      await look(true);
      const unknown = await repositoryBecomes('unknown', ({ reason }) => reason !== null);
      assert.deepEqual(unknown.present, { unreadable: 'spawn stat EAGAIN' });
      assert.deepEqual(unknown.usedRatio, { unreadable: 'spawn stat EAGAIN' });
      await raise(`nobody can be sent with ${name}`);
      await isRefused(appliance.post('/api/v1/rules/backtest', {}), 'backtest-failed');
      await isRefused(appliance.get('/api/v1/audit/verify'), 'audit-unread');
      await eventually('the channel says why', async () => {
        const { body } = await appliance.get('/api/v1/channels');
        return /tee cannot be run: .*EAGAIN/.test(body.items[0]?.reason) || undefined;
      });
      const { components } = await eventually('no journalctl can be started', async () => {
        const { body } = await appliance.get('/api/v1/health');
        return /spawn journalctl EAGAIN/.test(body.components.journal.reason) ? body : undefined;
      });
      assert.equal(components.systemd.status, 'healthy');
      assert.equal(components.database.status, 'healthy');
      assert.match(components.repositories.reason, /archive: spawn stat EAGAIN/);
      await giveBack();
      await look(false);
      await repositoryBecomes('known again', ({ usedRatio }) => typeof usedRatio === 'number');
      await eventually('the channel has told what waited', async () => {
        const { stdout } = await appliance.container.exec('cat /var/lib/tocsin/told');
        return stdout.includes(`nobody can be sent with ${name}`) || undefined;
      });
      await eventually('the journal is read again', async () => {
        const { body } = await appliance.get('/api/v1/health');
        return body.components.journal.status === 'healthy' || undefined;
      });
      await fails(`fails@after-${name}`);
      await stream.evidence(`fails@after-${name}.service`, 'unit-failed', 'last words of after');
      assert.equal((await appliance.get('/api/v1/audit/verify')).body.result, 'sound');
      assert.equal(await appliance.property('tocsin', 'InvocationID'), before);
      assert.deepEqual(stream.story('archive'), []);
      assert.doesNotMatch(await journal(), /met a bug/);
    });
  }

  it('with room for any few threads it starts, or ends and is started again', async (test: TestContext) => {
    await fails('fails@before-starts');
    const group = makeLimitedGroup('pids');
    const gate = { 'tocsin.service.d/gate.conf': `${startGate}${startTimeout}` };
    // Where nobody counts threads for us: it is alone then, and cannot start.
    const limits = `[Service]\nLimitNPROC=1\nRestartSec=100ms\n${startTimeout}`;
    const closed = { 'tocsin.service.d/gate.conf': limits };
    await appliance.addUnits(group === undefined ? closed : gate);
    await appliance.systemctl('restart', '--no-block', 'tocsin');
    const outcomes: string[] = [];
    if (group === undefined) await restarts(1);
    else for (const room of rooms) outcomes.push(`${room}: ${await startsWith(group, room)}`);
    test.diagnostic(outcomes.join(', '));
    await appliance.addUnits({ 'tocsin.service.d/gate.conf': '' });
    await appliance.systemctl('restart', 'tocsin');
    stream = await appliance.followOn(stream);
    await fails('fails@after-starts');
    assert.deepEqual(stream.story('fails@before-starts.service'), []);
    const { body } = await appliance.get('/api/v1/health');
    assert.equal(body.components.database.status, 'healthy');
  });

  const restarts = (count: number) =>
    eventually(`restart ${count}`, async () =>
      Number(await appliance.property('tocsin', 'NRestarts')) >= count ? true : undefined,
    );

  /** How a start goes that may have so many threads and children in all; ends it. */
  async function startsWith(group: LimitedGroup, room: number): Promise<string> {
    const began = performance.now();
    const pid = await passGate(appliance, (gated) => {
      group.write('pids.max', room);
      group.take(gated);
    });
    const how = await eventually(`a start with ${room} threads is over`, async () => {
      if ([undefined, 'Z'].includes(stateOf(pid))) return 'ends';
      const state = await appliance.property('tocsin', 'ActiveState');
      return state === 'active' ? 'runs' : undefined;
    });
    assert.ok(how === 'runs' || room < roomEnough, `${room} threads are enough`);
    if (how === 'runs') {
      assert.equal((await appliance.get('/livez')).status, 200);
      kill(pid);
    }
    return `${how} after ${(performance.now() - began).toFixed()} ms`;
  }
});
