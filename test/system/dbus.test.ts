/**
 * org.tocsin1 on a real system bus with a real polkit, our package installed: what three foreign
 * clients see, who may do what, and how it is started.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type Appliance, bootAppliance, eventually, packageFile } from '../support/appliance.ts';
import { bootContainer, type Container, ensureBase } from '../support/container.ts';
import type { Json } from '../support/gathering.ts';

const run = promisify(execFile);
const manager = ['org.tocsin1', '/org/tocsin1', 'org.tocsin1.Manager'] as const;

/** Whatever of Debian's python3-dbus and libglib2.0-bin: they run out here, on the bus in there. */
const python = '/usr/bin/python3';
const pythonClient = `
import dbus, dbus.bus, json, sys
bus = dbus.bus.BusConnection(sys.argv[1])
root = bus.get_object('org.tocsin1', '/org/tocsin1')
manager = dbus.Interface(root, 'org.tocsin1.Manager')
id = manager.Report({'severity': 'warning', 'source': 'task', 'title': 'from python',
    'labels': dbus.Dictionary({'who': 'python'}, signature='ss')})
alert = manager.GetAlert(id)
objects = dbus.Interface(root, 'org.freedesktop.DBus.ObjectManager').GetManagedObjects()
own = objects['/org/tocsin1/alert/' + id]['org.tocsin1.Alert']
object = bus.get_object('org.tocsin1', '/org/tocsin1/alert/' + id)
dbus.Interface(object, 'org.tocsin1.Alert').Acknowledge('seen by python')
silence = manager.Silence([('who', 'python')], dbus.UInt64(60), 'quiet')
try:
    manager.GetAlert('nonsense')
    error = None
except dbus.DBusException as e:
    error = e.get_dbus_name()
properties = dbus.Interface(root, 'org.freedesktop.DBus.Properties')
print(json.dumps({'title': alert['title'], 'labels': own['Labels'], 'silence': silence,
    'comment': manager.GetAlert(id)['comment'], 'error': error,
    'firing': int(properties.Get('org.tocsin1.Manager', 'FiringCount'))}))
`;

/** A file that the package brings as an example. */
const example = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../docs/examples', name), 'utf8');

describe('org.tocsin1 on the system bus', { timeout: 300_000 }, () => {
  let appliance: Appliance;
  let container: Container;
  before(async () => {
    appliance = await bootAppliance();
    ({ container } = appliance);
    await container.run('useradd alice; useradd -G tocsin-read rita; useradd -G tocsin-admin bob');
    await isOwned(container);
  });
  after(() => appliance?.stop());

  const isOwned = (inside: Container) =>
    eventually('org.tocsin1 has an owner', async () => {
      const { stdout } = await inside.exec([
        'busctl',
        'call',
        'org.freedesktop.DBus',
        '/',
        'org.freedesktop.DBus',
        'NameHasOwner',
        's',
        'org.tocsin1',
      ]);
      return stdout.trim() === 'b true' || undefined;
    });

  /** What busctl says as this user; nobody is there to be asked for a password. */
  async function ask(user: string, member: string, ...rest: readonly string[]): Promise<string> {
    const options = ['--allow-interactive-authorization=no', 'call', ...manager, member];
    const said = await container.exec(['busctl', ...options, ...rest], { user });
    return said.exitStatus === 0 ? said.stdout.trim() : said.stderr.trim();
  }
  const report = async (title: string): Promise<string> => {
    const fields = ['3', 'severity', 's', 'critical', 'source', 's', 'task', 'title', 's', title];
    const said = await ask('root', 'Report', 'a{sv}', ...fields);
    return JSON.parse(said.replace(/^s /, '')) as string;
  };
  const alertOf = async (id: string): Promise<Json> =>
    (await appliance.get(`/api/v1/monitoring/alerts/${id}`)).body;

  it('belongs to the unprivileged daemon', async () => {
    const status = await container.run(['busctl', 'status', 'org.tocsin1']);
    const uid = (await container.run(['id', '-u', 'tocsin'])).trim();
    assert.match(status, new RegExp(`^EUID=${uid}$`, 'm'));
  });

  it('busctl reads what it says of itself, and every object of the tree', async () => {
    const id = await report('for busctl');
    const tree = await container.run(['busctl', 'tree', '--list', 'org.tocsin1']);
    assert.ok(tree.includes(`/org/tocsin1/alert/${id}`));
    const shown = await container.run(['busctl', 'introspect', 'org.tocsin1', '/org/tocsin1']);
    for (const member of [
      /ListAlerts +method +a\{sv\} +aa\{sv\}/,
      /FiringCount +property +u +[1-9]\d* +emits-change/,
      /AlertRaised +signal +sss/,
    ])
      assert.match(shown, member);
    const path = `/org/tocsin1/alert/${id}`;
    const title = ['org.tocsin1', path, 'org.tocsin1.Alert', 'Title'];
    assert.match(await container.run(['busctl', 'get-property', ...title]), /^s "for busctl"/);
  });

  it('gdbus lists, resolves and follows', async () => {
    const address = ['--address', container.busAddress];
    const id = await report('for gdbus');
    const call = async (method: string, ...rest: readonly string[]) => {
      const target = ['--dest', 'org.tocsin1', '--object-path', '/org/tocsin1'];
      const argv = ['call', ...address, ...target, '--method', method, ...rest];
      return (await run('gdbus', argv)).stdout;
    };
    const listed = await call('org.tocsin1.Manager.ListAlerts', "{'q': <'for gdbus'>}");
    assert.ok(listed.includes(id) && /'occurrence': <uint64 \d+>/.test(listed));
    await call('org.tocsin1.Manager.Resolve', id, 'mended');
    assert.equal((await alertOf(id)).resolvedBy, 'operator:uid:0');
    await assert.rejects(
      call('org.tocsin1.Manager.Resolve', id, ''),
      /org\.tocsin1\.Error\.Conflict/,
    );
  });

  it('python raises, reads, acknowledges and silences', async () => {
    const { stdout } = await run(python, ['-c', pythonClient, container.busAddress]);
    const said = JSON.parse(stdout);
    assert.match(said.silence, /^[0-9a-f-]{36}$/);
    assert.partialDeepStrictEqual(said, {
      title: 'from python',
      labels: { who: 'python' },
      comment: 'seen by python',
      error: 'org.tocsin1.Error.AlertUnknown',
    });
  });

  it('everybody may read; only administrators may change, and each in his own name', async () => {
    const id = await report('whose is it');
    for (const user of ['alice', 'rita', 'bob', 'root'])
      assert.match(await ask(user, 'GetAlert', 's', id), /^a\{sv\}/, user);
    for (const user of ['alice', 'rita']) {
      for (const [member, ...rest] of [
        ['Acknowledge', 'ss', id, ''],
        ['Resolve', 'ss', id, ''],
        ['Silence', 'a(ss)ts', '1', 'a', 'b', '60', 'x'],
        ['Report', 'a{sv}', '0'],
        ['ReportTask', 'a{sv}', '0'],
        ['Reload'],
      ] as const)
        assert.match(
          await ask(user, member, ...rest),
          /interactive authentication|needs the role/i,
          `${user} ${member}`,
        );
    }
    assert.equal((await alertOf(id)).acknowledged, false);
    assert.equal(await ask('bob', 'Acknowledge', 'ss', id, 'I go'), '');
    const bob = (await container.run(['id', '-u', 'bob'])).trim();
    assert.equal((await alertOf(id)).acknowledgedBy, `uid:${bob}`);
    assert.equal(await ask('bob', 'Reload'), '');
  });

  it('a site closes reading to all but the group, by the rule among the examples', async () => {
    container.writeFile('/etc/polkit-1/rules.d/90-site.rules', example('private-bus.rules'));
    await eventually(
      'alice may read no longer',
      async () =>
        /needs the role/.test(await ask('alice', 'GetHealth')) ||
        /^sa\(sss\) "\w+" 0/.test(await ask('alice', 'GetHealth')) ||
        undefined,
    );
    assert.match(await ask('alice', 'ListAlerts', 'a{sv}', '0'), /needs the role/);
    assert.match(await ask('rita', 'ListAlerts', 'a{sv}', '0'), /^aa\{sv\}/);
    await container.run('rm /etc/polkit-1/rules.d/90-site.rules');
    await eventually(
      'alice may read again',
      async () => (await ask('alice', 'ListAlerts', 'a{sv}', '0')).startsWith('aa') || undefined,
    );
  });

  /** Listens as this user. What a listener has heard, up to something that came later. */
  async function listen(user: string) {
    const rules = ["type='signal',sender='org.tocsin1'", `type='signal',member='NameOwnerChanged'`];
    const child = container.spawn(['dbus-monitor', '--system', ...rules], { user });
    let heard = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
    });
    const heardSince = async (from: number): Promise<string> =>
      eventually(`${user} hears something`, async () => {
        // Each call is a connection that comes and goes, which the bus tells everybody.
        await ask('root', 'GetHealth');
        return heard.includes('NameOwnerChanged', from) ? heard.slice(from) : undefined;
      });
    await heardSince(0);
    return {
      /** What it has heard of what `deed` did. */
      async hears(deed: () => Promise<unknown>): Promise<string> {
        const from = heard.length;
        await deed();
        return heardSince(from);
      },
      end: () => container.end(child),
    };
  }

  it('a site closes the signals to all but root and the groups, by the drop-in among the examples', async (t) => {
    const listeners = new Map<string, Awaited<ReturnType<typeof listen>>>();
    t.after(() => {
      for (const { end } of listeners.values()) end();
    });
    for (const user of ['alice', 'rita', 'bob', 'root']) listeners.set(user, await listen(user));
    /** Who hears of an alert, and who of its object. */
    async function hearers(title: string): Promise<readonly (readonly string[])[]> {
      let raised: Promise<string> | undefined;
      const raise = (): Promise<string> => {
        raised ??= report(title);
        return raised;
      };
      const all = [...listeners].map(async ([user, one]) => [user, await one.hears(raise)]);
      const heard = await Promise.all(all);
      return ['member=AlertRaised', 'member=InterfacesAdded', 'interface=org.tocsin1'].map((word) =>
        heard.flatMap(([user = '', text = '']) => (text.includes(word) ? [user] : [])),
      );
    }
    const everybody = ['alice', 'rita', 'bob', 'root'];
    const [raised, added] = await hearers('heard by everybody');
    assert.deepEqual([raised, added], [everybody, everybody]);
    const place = '/etc/dbus-1/system.d/tocsin-private.conf';
    container.writeFile(place, example('private-bus.conf'));
    await appliance.systemctl('reload', 'dbus');
    const few = ['rita', 'bob', 'root'];
    assert.deepEqual(await hearers('heard by few'), [few, few, few]);
    await container.run(['rm', place]);
    await appliance.systemctl('reload', 'dbus');
    const [again] = await hearers('heard again');
    assert.deepEqual(again, everybody);
  });

  it('nobody but the daemon and root may have the name', async () => {
    const own = [
      'call',
      'org.freedesktop.DBus',
      '/',
      'org.freedesktop.DBus',
      'RequestName',
      'su',
      'org.tocsin1',
      '2',
    ];
    const { stderr } = await container.exec(['busctl', ...own], { user: 'alice' });
    assert.match(stderr, /denied|not allowed/i);
  });

  it('a call starts a daemon that was stopped', async () => {
    await appliance.systemctl('stop', 'tocsin.service');
    assert.equal(await appliance.property('tocsin', 'ActiveState'), 'inactive');
    assert.match(await ask('alice', 'GetHealth'), /^sa\(sss\)/);
    assert.equal(await appliance.property('tocsin', 'ActiveState'), 'active');
  });
});

describe('fault 4: a first install', { timeout: 120_000 }, () => {
  it('has the name at last, though the bus learns of the user while the daemon starts', async () => {
    await using container = await bootContainer({ base: await ensureBase() });
    container.copyIn(packageFile(), '/root/tocsin.deb');
    await container.run('dpkg -i /root/tocsin.deb');
    await eventually('GetHealth says that the bus is healthy', async () => {
      const { stdout } = await container.exec(['busctl', 'call', ...manager, 'GetHealth']);
      return /"bus" "healthy"/.test(stdout) || undefined;
    });
  });
});
