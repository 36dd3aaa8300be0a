/**
 * Storage and tasks on a real systemd, seen by the packaged daemon in its hardened unit: file
 * systems that fill up, vanish and become read-only; jobs of units, of `tocsin run`, of programs.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import type { ExecResult } from '../support/container.ts';
import type { Follower } from '../support/follower.ts';
import type { Json } from '../support/gathering.ts';

const units = {
  'nightly.service':
    '[Service]\nType=oneshot\n' +
    'ExecStart=/bin/sh -c "test -e /run/mended || { echo the tape is full >&2; exit 4; }"\n',
};

const settingsOf = (expect: string): string => `storage:
  repositories:
    - { name: main, path: /backup }
    - { name: private, path: /backup/private/jobs }
    - { name: home, path: /home/boss }
tasks:
  expect: ${expect}
`;

const files = {
  'etc/tocsin/tocsin.yaml': settingsOf('[]'),
  // The second one cannot be mounted: the kernel knows no such type.
  'etc/fstab': 'tmpfs /backup tmpfs size=8M,nofail 0 0\nnone /vault fancyfs nofail 0 0\n',
  'etc/tocsin/rules.d/storage.yaml.d/soon.yaml': `rules:
  - { id: repository-capacity, levels: { warning: { for: 0s }, critical: { for: 0s } } }
  - { id: repository-missing, for: 0s }
  - { id: repository-read-only, for: 0s }
`,
  'etc/tocsin/rules.d/tasks.yaml.d/soon.yaml':
    'rules:\n  - { id: task-expectation-broken, for: 0s }\n',
};

/** By name, its groups beside its own. */
const users = { stranger: '', reader: 'tocsin-read', boss: 'tocsin-admin' };

describe('the sources on a real systemd', { timeout: 300_000 }, () => {
  let appliance: Appliance;
  let stream: Follower;
  before(async () => {
    appliance = await bootAppliance({ units, files });
    stream = await appliance.follow({ since: 0 });
    for (const [user, groups] of Object.entries(users))
      await run(`useradd -m ${groups === '' ? '' : `-G ${groups}`} ${user}`);
  });
  after(() => appliance?.stop());

  const run = (line: string): Promise<string> => appliance.container.run(line);
  const firing = async (rule: string, resource: string): Promise<Json> =>
    (await appliance.list(`/api/v1/monitoring/alerts?rule=${rule}&resourceId=${resource}`))[0];
  const component = async (name: string): Promise<Json> =>
    (await appliance.get('/api/v1/health')).body.components[name];
  /** A mount that comes makes tocsin look at all places at once, instead of within half a minute. */
  const lookNow = (): Promise<string> => run('mount -t tmpfs tmpfs /mnt');

  /** `tocsin run` as a user would type it. */
  const runAs = (user: string, line: string): Promise<ExecResult> => {
    const home = user === 'root' ? '/root' : `/home/${user}`;
    return appliance.container.exec(['env', `HOME=${home}`, 'sh', '-c', line], { user });
  };
  const task = async (job: string): Promise<Json> =>
    (await appliance.get(`/api/v1/tasks/${job}`)).body;

  describe('storage', () => {
    it('a file system of fstab that could not be mounted is told with its mount unit as the cause', async () => {
      const missing = await stream.alert('/vault', 'repository-missing', 'raised');
      assert.match(missing.message, /^\/vault: not mounted\./);
      const cause = await stream.alert('vault.mount', 'unit-failed', 'raised');
      const now = await appliance.get(`/api/v1/monitoring/alerts/${missing.id}`);
      assert.ok(now.body.mutedBy.includes(cause.id), JSON.stringify(now.body));
    });

    it('repositories that the hardened unit may not look into are said to be unseen', async () => {
      await run('mkdir -p /backup/private/jobs && chmod 700 /backup/private');
      await lookNow();
      const eye = await eventually('the eye that sees less', async () => {
        const found = await component('repositories');
        return found?.reason?.includes('private') === true ? found : undefined;
      });
      assert.equal(eye.status, 'degraded');
      assert.equal(eye.reason, 'private: Permission denied; home: Permission denied');
      await run('chmod o+x /backup/private && umount /mnt');
      await eventually('the one eye open', async () =>
        (await component('repositories')).reason === 'home: Permission denied' ? true : undefined,
      );
    });

    it('a repository that fills up is told by levels, with its true figures, and ends', async () => {
      await run('head -c 7M /dev/zero >/backup/full');
      await lookNow();
      const told = await stream.alert('main', 'repository-capacity', 'raised');
      assert.equal(told.severity, 'warning');
      assert.equal(told.title, 'main is 87.5% full');
      await run('head -c 7900K /dev/zero >/backup/full; umount /mnt');
      const worse = await stream.alert('main', 'repository-capacity', 'severity');
      assert.equal(worse.severity, 'critical');
      assert.equal(worse.id, told.id);
      const [size, used] = (await run('df --output=size,used -B1 /backup | tail -n 1'))
        .trim()
        .split(/ +/);
      const { body } = await appliance.get('/api/v1/resources/storage.repository/main');
      assert.equal(body.attributes.sizeBytes, Number(size));
      assert.equal(body.attributes.usedBytes, Number(used));
      await run('rm /backup/full');
      await lookNow();
      const ended = await stream.alert('main', 'repository-capacity', 'resolved');
      assert.equal(ended.resolvedBy, 'recovered');
    });

    it('a repository that is remounted read-only is told, and no longer when it can be written', async () => {
      await run('mount -o remount,ro /backup');
      await stream.alert('main', 'repository-read-only', 'raised');
      await run('mount -o remount,rw /backup');
      await stream.alert('main', 'repository-read-only', 'resolved');
    });

    it('a file system that is unmounted under its repository is told, and nothing of the disk below is taken for it', async () => {
      await run('umount /backup');
      // Not the first one of the stream: a boot may have been caught before it was mounted.
      const missing = await eventually('the repository that is missing', () =>
        firing('repository-missing', 'main'),
      );
      assert.match(missing.message, /^\/backup: not mounted\./);
      const { body } = await appliance.get('/api/v1/resources/storage.repository/main');
      assert.equal(body.attributes.mounted, false);
      assert.equal(typeof body.attributes.usedBytes, 'object', JSON.stringify(body));
      await run('mount /backup');
      await eventually('the end of it', async () => {
        const { body: now } = await appliance.get(`/api/v1/monitoring/alerts/${missing.id}`);
        return now.phase === 'resolved' ? true : undefined;
      });
    });
  });

  describe('tasks', () => {
    it('a oneshot unit that fails is a failed task, until the same unit succeeds', async () => {
      await appliance.systemctl('start', 'nightly');
      const told = await stream.alert('nightly', 'task-failed', 'raised');
      assert.equal(told.title, 'Task nightly failed (exit status 4)');
      await stream.evidence('nightly.service', 'unit-failed', 'the tape is full');
      await appliance.systemctl('reset-failed', 'nightly');
      await appliance.settled(stream);
      assert.equal((await firing('task-failed', 'nightly')).id, told.id);
      await run('touch /run/mended');
      await appliance.systemctl('start', 'nightly');
      const ended = await stream.alert('nightly', 'task-failed', 'resolved');
      assert.equal(ended.resolvedBy, 'recovered');
      assert.equal(ended.title, told.title);
      assert.deepEqual(stream.story('nightly'), ['task-failed raised', 'task-failed resolved']);
    });

    for (const [user, mayReport] of [
      ['root', true],
      ['boss', true],
      ['reader', false],
      ['stranger', false],
    ] as const) {
      it(`what ${user} runs goes on as without tocsin, and is ${mayReport ? '' : 'not '}reported`, async () => {
        const job = `by-${user}`;
        const ended = await runAs(
          user,
          `echo good | tocsin run --name ${job} -- sh -c 'cat; echo bad >&2; exit 7'`,
        );
        assert.deepEqual([ended.exitStatus, ended.stdout], [7, 'good\n']);
        if (mayReport) {
          assert.equal(ended.stderr, 'bad\n');
          assert.equal((await task(job)).state, 'failed');
          assert.equal((await task(job)).exitStatus, 7);
          await stream.alert(job, 'task-failed', 'raised');
        } else {
          assert.match(ended.stderr, /^bad\ntocsin: the report of by-\w+ was refused: /);
          assert.equal((await appliance.get(`/api/v1/tasks/${job}`)).status, 404);
          assert.equal(await run(`ls /home/${user}/.local/state/tocsin/spool`), '');
        }
      });
    }

    it('a command that a signal ended is told with the signal, and a shell sees 128 and its number', async () => {
      const ended = await runAs('root', `tocsin run --name killed -- sh -c 'kill -KILL $$'`);
      assert.equal(ended.exitStatus, 137);
      assert.equal((await task('killed')).message, 'killed by SIGKILL');
      const missing = await runAs('root', 'tocsin run --name nothing -- /usr/bin/nothing-here');
      assert.equal(missing.exitStatus, 127);
      assert.equal((await task('nothing')).state, 'failed');
    });

    it('a signal to `tocsin run` ends the command, and is told', async () => {
      const line = `tocsin run --name stopped -- sh -c 'touch /run/began; exec sleep infinity' &
        until test -e /run/began; do :; done
        kill -TERM $!; wait $!`;
      assert.equal((await runAs('root', line)).exitStatus, 143);
      assert.equal((await task('stopped')).message, 'killed by SIGTERM');
    });

    it('what ran while tocsin was away is reported when it is back, once', async () => {
      const sockets = ['tocsin-local.socket', 'tocsin-api.socket'];
      await appliance.systemctl('stop', 'tocsin.service', ...sockets);
      const start = await run('date +%s');
      assert.equal((await runAs('root', 'tocsin run --name away -- false')).exitStatus, 1);
      assert.equal((await runAs('boss', 'tocsin run --name away-boss -- true')).exitStatus, 0);
      const spool = await run('ls -l /var/lib/tocsin/spool');
      assert.match(spool, /^-rw------- 1 tocsin tocsin .*\.json$/m);
      await appliance.systemctl('start', 'tocsin.service');
      await appliance.answers();
      stream = await appliance.follow();
      const told = await eventually('the report that was kept', () =>
        firing('task-failed', 'away'),
      );
      assert.ok(Math.abs(Date.parse(told.startsAt) / 1000 - Number(start)) < 5, told.startsAt);
      // Only he may read his own folder: his next run brings the report along.
      await runAs('boss', 'tocsin run --name later -- true');
      assert.equal((await task('away-boss')).state, 'completed');
      assert.equal(
        await run('ls /var/lib/tocsin/spool /home/boss/.local/state/tocsin/spool'),
        ['/home/boss/.local/state/tocsin/spool:', '', '/var/lib/tocsin/spool:', ''].join('\n'),
      );
      const runs = await appliance.list('/api/v1/tasks?job=away');
      assert.equal(runs.length, 1);
    });

    it('the alert of a unit keeps the title that it was told with, also when the unit starts again', async () => {
      const again = 'again.service';
      await appliance.addUnits({ [again]: units['nightly.service'].replace('mended', 'again') });
      await appliance.systemctl('start', again);
      const told = await stream.alert(again, 'unit-failed', 'raised');
      await run('touch /run/again');
      await appliance.systemctl('start', again);
      const ended = await stream.alert(again, 'unit-failed', 'resolved');
      assert.equal(ended.title, told.title);
    });

    it('a program reports over REST, and its alert ends with the next success of its job', async () => {
      const key = 'monday';
      const begun = await appliance.post('/api/v1/tasks', { job: 'verify', key, progress: 0.5 });
      assert.equal(begun.body.state, 'running');
      const failed = { job: 'verify', key, state: 'failed', message: 'two files differ' };
      assert.equal((await appliance.post('/api/v1/tasks', failed)).body.id, begun.body.id);
      const told = await stream.alert('verify', 'task-failed', 'raised');
      assert.equal(told.title, 'Task verify failed (two files differ)');
      await appliance.post('/api/v1/tasks', { job: 'verify', state: 'completed' });
      await stream.alert('verify', 'task-failed', 'resolved');
    });

    it('what should have happened and has not is told at its moment, and a calendar that is none at once', async () => {
      const expect = `
    - { job: due, calendar: "*:*:0/5", within: 1h }
    - { job: unclear, calendar: now and then }`;
      appliance.container.writeFile('/etc/tocsin/tocsin.yaml', settingsOf(expect));
      await run('systemctl reload tocsin');
      const broken = await stream.alert('unclear', 'task-expectation-broken', 'raised');
      assert.match(broken.message, /Failed to parse calendar specification 'now and then'/);
      assert.match((await component('tasks.expect')).reason, /^tasks\.expect\[1\]\.calendar: /);
      const missed = await stream.alert('due', 'task-missed', 'raised');
      assert.equal(Date.parse(missed.startsAt) % 5000, 0, missed.startsAt);
      await runAs('root', 'tocsin run --name due -- true');
      await stream.alert('due', 'task-missed', 'resolved');
    });
  });
});
