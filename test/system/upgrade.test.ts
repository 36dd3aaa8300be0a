/**
 * A newer package, an older one, none: what callers meet, what is kept, and what is said when it
 * does not go on. Our package on a real systemd; dpkg does it all.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { type Appliance, bootAppliance, eventually, packageFile } from '../support/appliance.ts';
import { type Follower, follow } from '../support/follower.ts';
import { type Load, startLoad } from '../support/load.ts';
import { newerPackage, olderPackage } from '../support/packages.ts';

/** Real-time priority for these processes and what they start, or none again. */
function goBefore(pids: readonly number[], again?: 'again as everybody'): void {
  const policy = again === undefined ? ['--rr', '--pid', '5'] : ['--other', '--pid', '0'];
  // Where it is not allowed, the figure must be met without.
  for (const pid of pids) spawnSync('chrt', ['--all-tasks', ...policy, String(pid)]);
}

/** The longest that a caller may wait for an answer. The figure. */
const stallMsMax = 1000;

describe('packages over and under ours', { timeout: 600_000 }, () => {
  let appliance: Appliance;
  const run = (line: string): Promise<string> => appliance.container.run(line);
  const exec = (line: string) => appliance.container.exec(line);
  const database = (): string => join(appliance.container.root, 'var/lib/tocsin/tocsin.db');
  const socket = (): string => join(appliance.container.root, 'run/tocsin/local.sock');
  const started = async (): Promise<number> =>
    Number(await run('journalctl -u tocsin -o cat | grep -c "^Starting tocsin.service"'));

  /**
   * Calls with a copy of the database of a daemon that has ended, and puts it back: SQLite would
   * follow the link to the container's root, and look for the path out here.
   */
  function withDatabase<T>(call: (db: Database.Database) => T): T {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-upgrade-'));
    const copy = join(folder, 'tocsin.db');
    copyFileSync(database(), copy);
    const db = new Database(copy);
    const result = call(db);
    db.close();
    copyFileSync(copy, database());
    rmSync(folder, { recursive: true });
    return result;
  }
  const edit = (statement: string): void => withDatabase((db) => void db.exec(statement));
  const schema = (): unknown =>
    withDatabase((db) => db.prepare("SELECT value FROM meta WHERE key = 'schema'").pluck().get());

  before(async () => {
    appliance = await bootAppliance();
    const { container } = appliance;
    container.copyIn(packageFile(), '/root/tocsin.deb');
    container.copyIn(await newerPackage(packageFile()), '/root/newer.deb');
    container.copyIn(await olderPackage(), '/root/older.deb');
    await appliance.answers();
  });
  after(() => appliance?.stop());

  describe('a newer one, while callers never pause', () => {
    let load: Load;
    let stream: Follower;
    before(async () => {
      stream = await appliance.follow({ since: 0 });
      // The figure is about the package, and not about who else works on this machine.
      const pids = [process.pid, appliance.container.initPid];
      goBefore(pids);
      load = startLoad(socket());
      await load.round();
      const pid = await appliance.property('tocsin', 'MainPID');
      await run('dpkg -i /root/newer.deb');
      await load.round();
      await load.stop();
      goBefore(pids, 'again as everybody');
      assert.notEqual(await appliance.property('tocsin', 'MainPID'), pid);
    });

    it('refuses nobody, and breaks no answer off', () => {
      assert.ok(load.answered > 300, `${load.answered} answers`);
      assert.deepEqual(load.faults, []);
    });

    it(`lets nobody wait for more than ${stallMsMax / 1000} s`, (t) => {
      t.diagnostic(`${load.answered} answers, the slowest after ${load.slowestMs.toFixed(0)} ms`);
      assert.ok(load.slowestMs <= stallMsMax, `${load.slowestMs.toFixed(0)} ms`);
    });

    it('keeps everything that it has answered for', async () => {
      const alerts = await appliance.list('/api/v1/monitoring/alerts');
      const kept = new Set(alerts.map(({ title }) => title));
      assert.ok(load.raised.length > 20, `${load.raised.length} raised`);
      assert.deepEqual(
        load.raised.filter((key) => !kept.has(key)),
        [],
      );
    });

    it('loses no change of a stream that goes on by its number', async () => {
      const rest = await follow(socket(), { since: stream.seq });
      await appliance.settled(rest);
      const seen = [...stream.messages, ...rest.messages].filter(({ type }) => type === 'alert');
      const raised = seen.filter(({ data }) => data.reason === 'raised');
      const titles = raised.map(({ data }) => String(data.title));
      const ours = titles.filter((title) => title.startsWith('load-'));
      assert.deepEqual(ours, load.raised);
      rest.close();
      stream.close();
    });
  });

  describe('an upgrade that is broken off', () => {
    const stillAnswers = async (): Promise<void> => {
      assert.equal(await appliance.property('tocsin', 'ActiveState'), 'active');
      assert.match(await run('tocsin status'), /\S/);
    };

    it('for want of room leaves the daemon running, and goes on when there is some', async () => {
      const home = '/usr/libexec/tocsin';
      await run(`cp -a ${home} /root/kept && mount -t tmpfs -o size=150m tmpfs ${home}`);
      await run(`cp -a /root/kept/. ${home}/`);
      const failed = await exec('dpkg -i /root/newer.deb');
      assert.match(failed.stdout + failed.stderr, /No space left on device/);
      await appliance.answers();
      await stillAnswers();
      await run(`mount -o remount,size=600m ${home}`);
      await run('dpkg -i /root/newer.deb && dpkg --configure -a');
      await stillAnswers();
      await run(`systemctl stop tocsin && umount ${home} && dpkg -i /root/newer.deb`);
      await stillAnswers();
    });

    it('by a kill while files are put in place is made good by doing it again', async () => {
      const { container } = appliance;
      const dpkg = container.spawn('exec dpkg -i /root/newer.deb');
      const ended = once(dpkg, 'exit');
      const part = join(container.root, 'usr/libexec/tocsin/node.dpkg-new');
      await eventually('dpkg is in the middle', () => existsSync(part) || undefined);
      container.end(dpkg);
      await ended;
      await stillAnswers();
      await run('dpkg -i /root/newer.deb');
      await stillAnswers();
      assert.equal((await run('dpkg --audit')).trim(), '');
    });

    it('between unpacking and configuring is finished by dpkg --configure -a', async () => {
      const pid = await appliance.property('tocsin', 'MainPID');
      await run('dpkg --unpack /root/newer.deb');
      await stillAnswers();
      await run('dpkg --configure -a');
      await appliance.answers();
      assert.notEqual(await appliance.property('tocsin', 'MainPID'), pid);
    });
  });

  describe('the release before', () => {
    it('works on with the database of this one, and keeps what this one has stored', async () => {
      await run('tocsin alert raise --severity critical "from the newer one"');
      await run('dpkg -i --force-downgrade /root/older.deb');
      await eventually('the older one is ready', async () =>
        (await appliance.property('tocsin', 'ActiveState')) === 'active' ? true : undefined,
      );
      assert.match(await run('tocsin --version'), /0\.0\.9/);
      assert.match(await run('tocsin alert list'), /from the newer one/);
      await run('tocsin alert raise --severity critical "from the older one"');
      assert.equal(await appliance.property('tocsin', 'NRestarts'), '0');
    });

    it('leaves a database with which this one goes on', async () => {
      await run('dpkg -i /root/tocsin.deb');
      await appliance.answers();
      const list = await run('tocsin alert list');
      assert.match(list, /from the newer one/);
      assert.match(list, /from the older one/);
      assert.match(await run('tocsin health'), /healthy/);
    });

    it('left a database of schema 3, of which this one keeps a copy', async () => {
      await run('systemctl stop tocsin && dpkg -i --force-downgrade /root/older.deb');
      await run('systemctl stop tocsin && rm -f /var/lib/tocsin/tocsin.db*');
      await run('systemctl start tocsin && tocsin alert raise --severity critical "of schema 3"');
      await run('dpkg -i /root/tocsin.deb && systemctl start tocsin');
      assert.match(await run('tocsin alert list'), /of schema 3/);
      const log = await run('journalctl -u tocsin -o cat');
      assert.match(log, /database brought from schema 3 to 4; as it was before: .*pre-v4\.db/);
      const copies = readdirSync(join(appliance.container.root, 'var/lib/tocsin/backup'));
      assert.deepEqual(copies, ['pre-v4.db']);
    });
  });

  describe('a database that only a much newer one can read', () => {
    let before: number;
    it('stops the daemon once, although a caller waits', async () => {
      await run('systemctl stop tocsin');
      edit("UPDATE meta SET value = 99 WHERE key IN ('schema', 'min_compat')");
      before = await started();
      // The caller is who starts it, through the socket.
      const asked = await exec('tocsin status');
      assert.notEqual(asked.exitStatus, 0, asked.stdout);
      await eventually('the end', async () =>
        (await appliance.property('tocsin', 'ActiveState')) === 'failed' ? true : undefined,
      );
      // Whoever asks now is told at once, and starts nothing.
      for (let i = 0; i < 5; i += 1) assert.equal((await exec('tocsin status')).exitStatus, 5);
      assert.equal(await started(), before + 1);
    });

    it('says why, and what to do, where an administrator looks', async () => {
      assert.equal(await appliance.property('tocsin', 'ExecMainStatus'), '78');
      const status = (await exec('systemctl status tocsin --no-pager --full')).stdout;
      assert.match(status, /has schema 99 and needs a tocsin that knows schema 99/);
      assert.match(status, /Install the newer tocsin again, or put back the copy in/);
      assert.match(await appliance.property('tocsin', 'StatusText'), /^cannot run: .*schema 99/);
    });

    it('is left as it is, with the copy beside it, and opens again with what can read it', async () => {
      assert.equal(schema(), 99);
      const copy = join(appliance.container.root, 'var/lib/tocsin/backup/pre-v4.db');
      assert.ok(existsSync(copy));
      edit("UPDATE meta SET value = 4 WHERE key = 'schema'");
      edit("UPDATE meta SET value = 1 WHERE key = 'min_compat'");
      await run('dpkg -i /root/newer.deb');
      await appliance.answers();
      assert.match(await run('tocsin alert list'), /of schema 3/);
      for (const name of ['local', 'api', 'relay'])
        assert.equal(await appliance.property(`tocsin-${name}.socket`, 'ActiveState'), 'active');
    });
  });

  describe('none, while callers are connected', () => {
    it('goes in good order: streams end, and what comes then is refused at once', async () => {
      const stream = await appliance.follow();
      const load = startLoad(socket(), 'removal');
      await load.round();
      await run('dpkg --remove tocsin');
      await load.stop();
      stream.close();
      // Who waits in the backlog of a socket that is removed is reset; nobody is answered wrongly.
      const other = load.faults.filter((fault) => !/: (ENOENT|ECONN(REFUSED|RESET))$/.test(fault));
      assert.deepEqual(other, []);
      const resets = load.faults.filter((fault) => fault.endsWith('ECONNRESET'));
      assert.ok(resets.length <= 7, `${resets.length} resets of 7 callers`);
      assert.equal(await run('systemctl --failed --plain --no-legend | grep tocsin; true'), '');
    });

    it('comes back with everything, and leaves nothing when it is purged', async () => {
      await run('dpkg -i /root/tocsin.deb');
      await appliance.answers();
      assert.match(await run('tocsin alert list'), /removal-1\b/);
      const load = startLoad(socket(), 'purge');
      await load.round();
      await run('dpkg --purge tocsin');
      await load.stop();
      const gone = ['var/lib/tocsin', 'etc/tocsin', 'usr/lib/tocsin', 'run/tocsin/local.sock'];
      assert.deepEqual(
        gone.filter((path) => existsSync(join(appliance.container.root, path))),
        [],
      );
    });
  });
});
