/**
 * Our package, installed as an administrator would on a clean Debian. It is packed anew only when
 * something in it has changed; dist/ itself must be there (`make build`).
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import Database from 'better-sqlite3';
import { migrations } from '../../src/store/schema/migrations.ts';
import { bootContainer, type Container, ensureBase, type Release } from '../support/container.ts';

const top = join(import.meta.dirname, '../..');
const deb = join(
  top,
  execFileSync(join(top, 'tools/deb'), ['--if-older'], { encoding: 'utf8' }).trim(),
);

/** The longest that stopping may take. The figure. */
const stopMsMax = 2000;

/**
 * Calls with the database of a daemon that has ended. A copy of it, put back afterwards: SQLite
 * follows the link to the container's root, and would look for the path out here.
 */
function withDatabase<T>(path: string, call: (db: Database.Database) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-package-'));
  try {
    const copy = join(folder, 'tocsin.db');
    copyFileSync(path, copy);
    const db = new Database(copy);
    const result = call(db);
    db.close();
    copyFileSync(copy, path);
    return result;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const tablesOfSchema1 =
  'meta alerts changes events cursors blind digests expiries occurrences'.split(' ');

/** What the release before would have left. */
const toSchema1 = (db: Database.Database): void => {
  const list = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .pluck();
  const newer = list.all().filter((name) => !tablesOfSchema1.includes(name));
  for (const name of newer.filter((one) => !one.startsWith('sqlite_')))
    db.exec(`DROP TABLE ${name}`);
  db.exec('DROP INDEX alerts_still_true; ALTER TABLE alerts DROP COLUMN still_true');
  db.exec('DROP TRIGGER changes_complete; ALTER TABLE changes DROP COLUMN door');
  db.exec("UPDATE meta SET value = 1 WHERE key = 'schema'");
};

const schemaOf = (db: Database.Database): unknown =>
  db.prepare("SELECT value FROM meta WHERE key = 'schema'").pluck().get();

const releases: readonly Release[] = ['bookworm', 'trixie'];

for (const release of releases) {
  describe(`the package on ${release}`, { timeout: 300_000 }, () => {
    let container: Container;
    before(async () => {
      const base = await ensureBase(release);
      container = await bootContainer({ base, network: 'host' });
      // The base has it for other tests, but a machine without glib gets it from the archive now.
      if (release === 'bookworm') await container.run('dpkg --purge libatomic1');
      await container.run('apt-get -qq update');
      container.copyIn(deb, '/root/tocsin.deb');
    });
    after(() => container?.stop());

    const property = async (unit: string, name: string) =>
      (await container.run(['systemctl', 'show', '-P', name, unit])).trim();
    const failed = () => container.run('systemctl --failed --plain --no-legend');

    it('installs with what Debian has', async () => {
      await container.run('apt-get install -y --no-install-recommends /root/tocsin.deb', {
        timeoutMs: 120_000,
      });
    });

    it('starts the service, which says itself that it is ready', async () => {
      const journal = () => container.run('journalctl -u tocsin --no-pager -o cat | tail -n 30');
      assert.equal(await property('tocsin', 'ActiveState'), 'active', await journal());
      assert.equal(await property('tocsin', 'Type'), 'notify');
      assert.equal(await property('tocsin', 'NRestarts'), '0', await journal());
      assert.equal(await failed(), '');
      assert.equal(await property('tocsin', 'User'), 'tocsin');
    });

    it('is started at boot, and its sockets too', async () => {
      const sockets = ['tocsin-local.socket', 'tocsin-api.socket', 'tocsin-relay.socket'];
      const units = ['tocsin.service', 'tocsin-relay.service', ...sockets];
      const states = await container.run(['systemctl', 'is-enabled', ...units]);
      assert.equal(states, 'enabled\n'.repeat(5));
    });

    it('opens the sockets to whom they are for', async () => {
      const sockets = await container.run(
        'cd /run/tocsin && stat -c "%n %F %a %U:%G" local.sock api.sock relay.sock',
      );
      assert.deepEqual(sockets.trimEnd().split('\n'), [
        'local.sock socket 666 root:root',
        'api.sock socket 660 root:www-data',
        'relay.sock socket 660 root:tocsin-relay',
      ]);
    });

    it('keeps its state to itself', async () => {
      const state = await container.run('stat -c "%a %U:%G" /var/lib/tocsin');
      assert.equal(state, '750 tocsin:tocsin\n');
      assert.match(await container.run('ls /var/lib/tocsin'), /^tocsin\.db$/m);
    });

    it('answers root on local.sock, and refuses a stranger', async () => {
      await container.run(['tocsin', 'status']);
      const refused = await container.exec(['tocsin', 'status'], { user: 'nobody' });
      assert.equal(refused.exitStatus, 6, refused.stdout + refused.stderr);
    });

    it('lets a member of tocsin-read look', async () => {
      await container.run('useradd -G tocsin-read viewer');
      await container.run(['tocsin', 'status'], { user: 'viewer' });
    });

    it('reads the journal, the bus and its rules under its hardening', async () => {
      // The bus learns of a new user at the end of the installation, and the name is ours then.
      const whole = '^  "status": "healthy"';
      const wait = `until tocsin health -o json | grep -q '${whole}'; do :; done`;
      await container.exec(wait, { timeoutMs: 20_000 });
      const health = await container.run(['tocsin', 'health', '-o', 'json']);
      const { status, components } = JSON.parse(health) as {
        readonly status: string;
        readonly components: Record<string, { readonly status: string; readonly reason: string }>;
      };
      assert.equal(status, 'healthy', health);
      assert.equal(components.systemd?.status, 'healthy', health);
    });

    it('starts no relay while nothing needs a network', async () => {
      assert.equal(await property('tocsin-relay', 'ActiveState'), 'inactive');
      assert.equal(await property('tocsin-relay', 'Result'), 'exec-condition');
    });

    it('explains its entries of the journal', async () => {
      assert.match(await container.run('journalctl --list-catalog'), /tocsin: An alert fires/);
    });

    it('shows a unit that fails', async () => {
      container.writeFile(
        '/etc/systemd/system/broken.service',
        '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo a last word; exit 3"\n',
      );
      await container.exec('systemctl start broken');
      const wait = 'until tocsin alert list | grep broken.service; do :; done';
      const shown = await container.run(wait, { timeoutMs: 20_000 });
      assert.match(shown, /broken\.service/);
      await container.run('systemctl reset-failed broken');
    });

    it('reloads', async () => {
      const pid = await property('tocsin', 'MainPID');
      await container.run('systemctl reload tocsin');
      assert.equal(await property('tocsin', 'ActiveState'), 'active');
      assert.equal(await property('tocsin', 'MainPID'), pid);
    });

    for (const [unit, tenths] of [
      ['tocsin', 7],
      ['tocsin-relay', 11],
    ] as const) {
      it(`exposes little of ${unit}: ${tenths / 10} at most`, async () => {
        const path = `/usr/lib/systemd/system/${unit}.service`;
        // Offline, so that the verdict is about the file and not about the container.
        const judge = 'systemd-analyze security --no-pager --offline=yes';
        await container.run(`${judge} --threshold=${tenths} ${path}`);
      });
    }

    it('stops within two seconds', async () => {
      const start = performance.now();
      await container.run('systemctl stop tocsin');
      const took = performance.now() - start;
      assert.ok(took < stopMsMax, `it took ${took.toFixed(0)} ms`);
      assert.equal(await property('tocsin', 'Result'), 'success');
    });

    it('is started by the first who asks', async () => {
      assert.equal(await property('tocsin', 'ActiveState'), 'inactive');
      await container.run(['tocsin', 'status']);
      // It may answer before it calls itself ready; this waits for that, and starts nothing.
      await container.run('systemctl start tocsin');
      assert.equal(await property('tocsin', 'ActiveState'), 'active');
    });

    it('keeps the sockets open while it is installed again', async () => {
      const inode = 'cd /run/tocsin && stat -c %i local.sock relay.sock';
      const [socket, pid] = [await container.run(inode), await property('tocsin', 'MainPID')];
      await container.run('apt-get install -y --reinstall /root/tocsin.deb');
      assert.equal(await container.run(inode), socket);
      assert.notEqual(await property('tocsin', 'MainPID'), pid);
    });

    it('takes over what the release before has stored, and loses nothing of it', async () => {
      const database = join(container.root, 'var/lib/tocsin/tocsin.db');
      const ended = async () => {
        const list = await container.run(['tocsin', 'alert', 'list', '--all', '-o', 'json']);
        const alerts = JSON.parse(list) as readonly { phase: string; rule: string }[];
        return alerts.filter(({ phase, rule }) => phase === 'resolved' && rule === 'unit-failed');
      };
      const events = () => container.run(['tocsin', 'event', '--since', '1d', '-o', 'json']);
      const before = [await ended(), await events()];
      assert.match(JSON.stringify(before), /broken\.service.*run-failed/);
      await container.run('systemctl stop tocsin');
      withDatabase(database, toSchema1);
      await container.run('apt-get install -y --reinstall /root/tocsin.deb');
      await container.run('systemctl start tocsin');
      assert.deepEqual([await ended(), await events()], before);
      await container.run('tocsin run --name upgraded -- true');
      assert.match(await container.run('tocsin task list'), /^upgraded +completed/m);
      assert.equal(await property('tocsin', 'NRestarts'), '0');
      await container.run('systemctl stop tocsin');
      assert.equal(withDatabase(database, schemaOf), migrations.at(-1)?.version);
    });

    it('keeps its state when it is removed', async () => {
      await container.run('apt-get remove -y tocsin');
      assert.ok(existsSync(join(container.root, 'var/lib/tocsin/tocsin.db')));
      for (const name of ['local', 'api', 'relay'])
        assert.equal(existsSync(join(container.root, `run/tocsin/${name}.sock`)), false, name);
    });

    it('leaves nothing when it is purged', async () => {
      await container.run('apt-get purge -y tocsin');
      const left = ['var/lib/tocsin', 'etc/tocsin', 'usr/lib/tocsin', 'usr/libexec/tocsin'];
      assert.deepEqual(
        left.filter((path) => existsSync(join(container.root, path))),
        [],
      );
      const units = readdirSync(join(container.root, 'etc/systemd/system'), { recursive: true });
      assert.deepEqual(
        units.filter((path) => String(path).includes('tocsin')),
        [],
      );
      assert.equal(await failed(), '');
    });
  });
}
