/**
 * tocsin started by systemd on a state folder that takes no writing: it watches and tells, keeps
 * what happens in memory over restarts, and writes it to the disk when that can be written again.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import { inspectDatabase } from '../support/database.ts';

const state = '/var/lib/tocsin';
const memory = '/run/tocsin/volatile';
const units = { 'fails@.service': '[Service]\nType=oneshot\nExecStart=/bin/false\n' };

describe('a state folder that takes no writing', { timeout: 240_000 }, () => {
  let appliance: Appliance;
  const run = (line: string): Promise<string> => appliance.container.run(line);
  /** Ids of the alerts of units that failed, by unit; told from the list. */
  async function failures(): Promise<ReadonlyMap<string, { id: string; acknowledged: boolean }>> {
    const alerts = await appliance.list('/api/v1/monitoring/alerts?rule=unit-failed');
    return new Map(alerts.map((alert) => [String(alert.resource.id), alert]));
  }
  async function fail(name: string): Promise<void> {
    await appliance.systemctl('start', `fails@${name}`);
    await eventually(`${name} is told`, async () =>
      (await failures()).get(`fails@${name}.service`),
    );
  }
  const databaseIs = (pattern: RegExp) =>
    eventually(`the database is ${pattern}`, async () => {
      const { body } = await appliance.get('/api/v1/health');
      const { status, reason } = body.components.database;
      return pattern.test(`${status} ${reason}`) || undefined;
    });

  before(async () => {
    appliance = await bootAppliance({ units });
    await appliance.systemctl('stop', 'tocsin');
    await run(
      `cp -a ${state} /root/state && mount -t tmpfs -o size=64m,mode=750,uid=tocsin,gid=tocsin tmpfs ${state} && cp -a /root/state/. ${state}/`,
    );
    await appliance.systemctl('start', 'tocsin');
    await fail('before');
    const { id } = (await failures()).get('fails@before.service') ?? { id: '' };
    await run(`tocsin alert ack ${id} --comment known`);
    await appliance.systemctl('stop', 'tocsin');
    await run(`mount -o remount,ro ${state}`);
  });
  after(() => appliance?.stop());

  it('starts once, knows what was told before, and says what is the matter', async () => {
    await run('systemctl start tocsin');
    await databaseIs(
      /^degraded the disk of .* is read-only \(EROFS\): .*volatile\) and is lost if/,
    );
    assert.equal((await failures()).get('fails@before.service')?.acknowledged, true);
    assert.equal(await appliance.property('tocsin', 'NRestarts'), '0');
    assert.match(
      await appliance.property('tocsin', 'StatusText'),
      /is read-only \(EROFS\): .*memory/,
    );
    const told = await appliance.list('/api/v1/monitoring/alerts?rule=database-failing');
    assert.match(told[0].message, /is read-only/);
    const { stdout } = await appliance.container.exec('tocsin doctor');
    assert.match(stdout, /the file system of \/var\/lib\/tocsin takes no writing/);
    assert.equal((await run(`stat -c '%a %U' ${memory}`)).trim(), '700 tocsin');
  });

  it('keeps what happens over a kill and over a stop, and tells nothing anew', async () => {
    await fail('in-memory');
    const known = await failures();
    await run('systemctl kill --signal=SIGKILL tocsin');
    await eventually('systemd has started it again', async () =>
      (await appliance.property('tocsin', 'NRestarts')) === '1' ? true : undefined,
    );
    await appliance.answers();
    await run('systemctl stop tocsin && systemctl start tocsin');
    await databaseIs(/^degraded the disk/);
    const again = await failures();
    for (const [unit, { id }] of known) assert.equal(again.get(unit)?.id, id, unit);
    assert.equal(again.size, known.size);
    assert.equal(again.get('fails@before.service')?.acknowledged, true);
  });

  it('writes everything to the disk when that takes it, by one start of its own', async () => {
    const known = await failures();
    const restarts = Number(await appliance.property('tocsin', 'NRestarts'));
    await run(`mount -o remount,rw ${state}`);
    await databaseIs(/^healthy/);
    assert.equal(Number(await appliance.property('tocsin', 'NRestarts')), restarts + 1);
    assert.equal((await run(`ls -A ${memory}`)).trim(), '');
    assert.deepEqual([...(await failures()).keys()].sort(), [...known.keys()].sort());
    await appliance.systemctl('stop', 'tocsin');
    const { integrity, changes } = inspectDatabase(join(appliance.container.root, state));
    assert.equal(integrity, 'ok');
    changes.forEach(({ seq }, i) => {
      assert.equal(seq, i + 1);
    });
    const stored = new Set(changes.map(({ alertId }) => alertId));
    for (const [unit, { id }] of known) assert.ok(stored.has(id), unit);
  });
});
