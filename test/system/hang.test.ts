/**
 * Things that never answer, for real: a file system whose server keeps quiet holds a queued read
 * of SCST and the statfs of a repository. tocsin goes on, says what is silent, starts nothing
 * twice, and forgets it when the answer comes.
 */
import assert from 'node:assert/strict';
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../support/appliance.ts';
import { plantAppliance } from '../support/captured-appliance.ts';
import { type Capture, changed, plantTree, readCapture } from '../support/captures.ts';
import { hastenedRules, startDaemon, type TestDaemon } from '../support/daemon.ts';
import { type Follower, follow } from '../support/follower.ts';
import type { FaultyFiles } from '../support/fuse/fuse.ts';
import { gone, House, parentOf, stateOf } from '../support/fuse/house.ts';
import type { Json } from '../support/gathering.ts';

const fixtures = join(import.meta.dirname, '../../src/collectors/scst/fixtures');
const target = 'iqn.2024-01.com.example:backup1';
const initiator = 'iqn.1993-08.org.debian:01:scstvm';
const sessions = `/sys/kernel/scst_tgt/targets/iscsi/${target}/sessions`;
const sessionOf = (name: string): string => `iscsi/${target}/${name}`;

/** A captured SCST with two more initiators, like the one that there is. */
function threeSessions(): Capture {
  const one = readCapture(fixtures, 'iii-session-idle');
  const more = [...one].flatMap(([path, entry]) =>
    path.startsWith(`${sessions}/${initiator}/`)
      ? ['refused', 'vanished'].map((name) => [path.replace(initiator, name), entry] as const)
      : [],
  );
  return changed(one, {
    ...Object.fromEntries(more),
    [`${sessions}/refused/initiator_name`]: 'refused\n',
    [`${sessions}/vanished/initiator_name`]: 'vanished\n',
  });
}

/** Asks all the time, and knows how long the slowest answer took. */
class Asker {
  readonly #daemon: TestDaemon;
  readonly #asking: Promise<void>;
  #isOver = false;
  slowestMs = 0;
  answers = 0;

  constructor(daemon: TestDaemon) {
    this.#daemon = daemon;
    this.#asking = this.#ask();
  }

  async #ask(): Promise<void> {
    while (!this.#isOver) {
      for (const path of ['/livez', '/api/v1/resources?kind=storage.repository']) {
        const began = performance.now();
        const { status } = await this.#daemon.get(path);
        this.slowestMs = Math.max(this.slowestMs, performance.now() - began);
        assert.equal(status, 200, path);
        this.answers += 1;
      }
      await pause(50);
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#asking;
  }
}

/** What DESIGN.md promises of SIGTERM. */
const endsWithinMs = 2000;
/** A tenth of how long a hanging read would hold the loop; far above what a busy machine needs. */
const promptMs = 1000;

const attributesOf = async (daemon: TestDaemon, kind: string, id: string): Promise<Json> => {
  const path = `/api/v1/resources?kind=${kind}&id=${encodeURIComponent(id)}`;
  return (await daemon.get(path)).body.items[0]?.attributes;
};

describe('a machine on which something never answers', { timeout: 240_000 }, () => {
  const house = new House();
  let silent: FaultyFiles;
  let daemon: TestDaemon;
  let stream: Follower;
  let asker: Asker;
  let extra: FaultyFiles | undefined;
  const repository = (id: string) => attributesOf(daemon, 'storage.repository', id);
  const session = (id: string) => attributesOf(daemon, 'scst.session', sessionOf(id));

  before(async () => {
    const commands = { commands: '3\n', refused: '0\n', vanished: '0\n' };
    silent = await house.mount('silent', { backup: null, ...commands });
    silent.become('commands', 'read', 'hangs');
    silent.become('refused', 'read', 'EIO');
    silent.become('vanished', 'read', 'ENODEV');
    await house.mount('well', { backup: null });
    (await house.mount('broken', { backup: null })).become('backup', 'statfs', 'EIO');
    (await house.mount('gone', { backup: null })).become('backup', 'statfs', 'ENODEV');
    const tree = join(house.root, 'tree');
    plantTree(threeSessions(), tree);
    for (const [name, file] of Object.entries({
      [initiator]: 'commands',
      refused: 'refused',
      vanished: 'vanished',
    })) {
      const place = join(tree, sessions, name, 'active_commands');
      rmSync(place);
      symlinkSync(join(silent.point, file), place);
    }
    const places = ['silent', 'well', 'broken', 'gone'].map(
      (name) => `    - { name: ${name}, path: ${join(house.root, name, 'backup')} }`,
    );
    daemon = await startDaemon({
      settings: ['storage:', '  repositories:', ...places].join('\n'),
      roots: { sysfs: join(tree, 'sys'), etc: join(tree, 'etc'), dev: join(tree, 'dev') },
      rules: { 'storage.yaml': hastenedRules('storage'), 'self.yaml': hastenedRules('self') },
    });
    stream = await follow(daemon.socket, { since: 0 });
    asker = new Asker(daemon);
  });
  after(async () => {
    await asker?.end();
    stream?.close();
    await daemon?.end('SIGKILL');
    await house.end();
  });

  it('has true figures of what answers, and the reason of what refuses', async () => {
    for (const name of ['silent', 'well']) {
      const { reachable, reason, sizeBytes, usedBytes, usedRatio } = await repository(name);
      assert.deepEqual([reachable, reason], [true, null]);
      assert.deepEqual([sizeBytes, usedBytes], [4_096_000, 550 * 4096]);
      assert.equal(usedRatio, 550 / 950);
    }
    for (const [name, why] of [
      ['broken', 'Input/output error'],
      ['gone', 'No such device'],
    ] as const) {
      const { reachable, reason, usedRatio } = await repository(name);
      assert.deepEqual([reachable, reason, usedRatio], [false, why, { unreadable: why }]);
      const raised = await stream.alert(name, 'repository-unreachable', 'raised');
      assert.match(raised.message, new RegExp(why));
    }
  });

  it('says that the queue of SCST is silent, and loses nothing else of SCST', async () => {
    const { pid } = await silent.held('commands', 'read');
    const why = { unreadable: 'the queue of SCST does not answer' };
    await eventually('the queue is silent', async () => {
      const { activeCommands } = await session(initiator);
      return activeCommands?.unreadable === why.unreadable || undefined;
    });
    await gone(pid);
    for (const id of [initiator, 'refused', 'vanished']) {
      const { activeCommands, sessions, lunCommands } = await session(id);
      assert.deepEqual([activeCommands, sessions, lunCommands], [why, 1, 0]);
    }
    const core = await attributesOf(daemon, 'scst.core', 'scst');
    assert.ok(Date.parse(core.managementStuckSince) > 0);
    assert.equal(silent.asked('commands', 'read'), 1);
  });

  it('tells a repository that does not answer, and a child that even SIGKILL does not end', async () => {
    const before = silent.asked('backup', 'statfs');
    silent.become('backup', 'statfs', 'hangs for good');
    // What is mounted has changed: storage looks again.
    extra = await house.mount('extra', {});
    const { pid } = await silent.held('backup', 'statfs');
    const raised = await stream.alert('silent', 'repository-unreachable', 'raised');
    assert.match(raised.message, /no answer within 10s/);
    const stuck = await stream.alert('probes', 'probe-stuck', 'raised');
    assert.match(stuck.message, /mount \S+\/silent\/backup: stat since 20/);
    assert.equal(stateOf(pid), 'D');
    // Another look goes past it.
    await extra.end();
    await eventually('another look', async () => {
      const { reason } = await repository('silent');
      return reason === 'a look at it hangs in the kernel' || undefined;
    });
    assert.equal(silent.asked('backup', 'statfs'), before + 1);
    const { reachable, usedBytes } = await repository('silent');
    assert.equal(reachable, false);
    assert.deepEqual(Object.keys(usedBytes), ['unreadable']);
    assert.equal((await repository('well')).usedBytes, 550 * 4096);
    const { components } = (await daemon.get('/api/v1/health')).body;
    assert.equal(components.probes.status, 'degraded');
    assert.equal(components.storage.status, 'healthy');
  });

  it('knows everything again when the answers come', async () => {
    silent.become('backup', 'statfs', 'none');
    silent.become('commands', 'read', 'none');
    await house.mount('more', {});
    const resolved = await stream.alert('silent', 'repository-unreachable', 'resolved');
    assert.equal(resolved.resolvedBy, 'recovered');
    await stream.alert('probes', 'probe-stuck', 'resolved');
    assert.equal((await repository('silent')).usedBytes, 550 * 4096);
    await eventually('the queue answers', async () => {
      const { activeCommands } = await session(initiator);
      return activeCommands === 3 || undefined;
    });
    assert.deepEqual((await session('refused')).activeCommands, {
      unreadable: 'Input/output error',
    });
    assert.equal((await session('vanished')).activeCommands, null);
    assert.equal((await attributesOf(daemon, 'scst.core', 'scst')).managementStuckSince, null);
    assert.deepEqual(silent.hanging(), []);
    const story = ['pending', 'raised', 'resolved'];
    assert.deepEqual(
      stream.story('silent'),
      story.map((reason) => `repository-unreachable ${reason}`),
    );
    assert.deepEqual(stream.story('well'), []);
  });

  it('has answered promptly all the time', async (context) => {
    await asker.end();
    context.diagnostic(`${asker.answers} answers, the slowest took ${asker.slowestMs} ms`);
    assert.ok(asker.answers > 500, `${asker.answers} answers`);
    assert.ok(asker.slowestMs < promptMs, `the slowest took ${asker.slowestMs} ms`);
  });

  it('ends within two seconds of SIGTERM, and takes the child that waits along', async () => {
    silent.become('backup', 'statfs', 'hangs');
    await house.mount('last', {});
    const { pid } = await silent.held('backup', 'statfs');
    const began = performance.now();
    assert.equal(await daemon.end('SIGTERM'), 0);
    assert.ok(performance.now() - began < endsWithinMs);
    await gone(pid);
  });
});

describe('a machine on which things hang while tocsin starts', { timeout: 60_000 }, () => {
  /** Each kind of look that may have to wait, at a name of its own. */
  const looks = [
    ['dead', 'statfs', null],
    ['slow', 'statfs', null],
    ['sensor', 'read', '41000\n'],
    ['commands', 'read', '0\n'],
    ['backing', 'getattr', ''],
  ] as const;

  it('lets it end all the same: what can be killed is, what cannot is left to the kernel', async () => {
    const house = new House();
    const names = Object.fromEntries(looks.map(([name, , content]) => [name, content]));
    const silent = await house.mount('silent', names);
    const appliance = plantAppliance({
      '/sys/class/hwmon/hwmon0/name': 'board\n',
    });
    let starting: Promise<TestDaemon> | undefined;
    try {
      for (const [name, operation] of looks)
        silent.become(name, operation, name === 'dead' ? 'hangs for good' : 'hangs');
      for (const [path, name] of [
        ['/sys/class/hwmon/hwmon0/temp1_input', 'sensor'],
        [`${sessions}/${initiator}/active_commands`, 'commands'],
        ['/srv/disk1.img', 'backing'],
      ] as const) {
        appliance.remove(path);
        symlinkSync(join(silent.point, name), appliance.at(path));
      }
      const places = ['dead', 'slow'].map((name) => `    - ${join(silent.point, name)}`);
      const { proc: _, ...roots } = appliance.roots;
      starting = startDaemon({
        settings: ['storage:', '  repositories:', ...places].join('\n'),
        roots,
      });
      const held = await Promise.all(
        looks.map(([name, operation]) => silent.held(name, operation)),
      );
      const [daemon = 0, ...others] = held.map(({ pid }) => parentOf(pid));
      assert.deepEqual(others, Array(looks.length - 1).fill(daemon));
      const began = performance.now();
      process.kill(daemon, 'SIGTERM');
      await assert.rejects(starting, /the daemon ended with 0/);
      assert.ok(performance.now() - began < endsWithinMs);
      const [dead, ...killed] = held;
      for (const { pid } of killed) await gone(pid);
      // Linux 6.18: neither SIGTERM nor SIGKILL ends a wait for an answer of FUSE.
      assert.equal(stateOf(dead?.pid ?? 0), 'D');
      silent.become('dead', 'statfs', 'none');
      await gone(dead?.pid ?? 0);
    } finally {
      await house.end();
      // When something above was wrong it still runs, and is ready now that nothing hangs.
      await starting?.then(
        (running) => running.end('SIGKILL'),
        () => {},
      );
      appliance.end();
    }
  });
});
