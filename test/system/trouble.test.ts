/**
 * tocsin's own troubles: rules that cannot be read, and a disk that is full. It goes on with what
 * it has, and says so.
 */
import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import { inspectDatabase } from '../support/database.ts';
import type { Follower } from '../support/follower.ts';

const units = { 'fails@.service': '[Service]\nType=oneshot\nExecStart=/bin/false\n' };
const badFile = '/etc/tocsin/rules.d/50-site.yaml';
const rule = (when: string) => `rules:
  - id: site-rule
    kind: systemd.unit
    when: ${when}
    severity: warning
    source: system
    title: "{{ unit.id }} is noticed by the site's own rule"
`;

describe('a reload', { timeout: 60_000 }, () => {
  let appliance: Appliance;
  let stream: Follower;
  before(async () => {
    appliance = await bootAppliance({ units });
    stream = await appliance.follow();
    await appliance.systemctl('start', 'fails@before');
    await stream.alert('fails@before.service', 'unit-failed', 'raised');
  });
  after(() => appliance?.stop());

  it('of a file that is wrong keeps the rules that were, and says where the mistake is', async () => {
    appliance.container.writeFile(badFile, rule('unit.activeStat == "failed"'));
    await appliance.systemctl('reload', 'tocsin');
    const refused = await stream.alert('configuration', 'configuration-refused', 'raised');
    assert.match(refused.message, /50-site\.yaml:4:\d+: .*activeState/);
    await appliance.systemctl('start', 'fails@meanwhile');
    await stream.alert('fails@meanwhile.service', 'unit-failed', 'raised');
    await appliance.settled(stream);
    assert.deepEqual(stream.story('fails@before.service'), ['unit-failed raised']);
    assert.equal(await appliance.property('tocsin', 'ActiveState'), 'active');
  });

  it('of the file put right takes it into force, and leaves all else as it was', async () => {
    appliance.container.writeFile(badFile, rule('unit.activeState == "failed"'));
    await appliance.systemctl('reload', 'tocsin');
    await stream.alert('configuration', 'configuration-refused', 'resolved');
    await stream.alert('fails@before.service', 'site-rule', 'raised');
    await appliance.settled(stream);
    for (const unit of ['fails@before.service', 'fails@meanwhile.service'])
      assert.deepEqual(stream.story(unit), ['unit-failed raised', 'site-rule raised']);
  });

  it('without the file ends the alerts of its rules, and no others', async () => {
    await appliance.container.run(['rm', badFile]);
    await appliance.systemctl('reload', 'tocsin');
    const ended = await stream.alert('fails@before.service', 'site-rule', 'resolved');
    assert.equal(ended.resolvedBy, 'rule-removed');
    await appliance.settled(stream);
    const expected = ['unit-failed raised', 'site-rule raised', 'site-rule resolved'];
    assert.deepEqual(stream.story('fails@before.service'), expected);
  });
});

const block = Buffer.alloc(4096);

describe('a full disk', { timeout: 120_000 }, () => {
  let appliance: Appliance;
  let stream: Follower;
  const state = () => join(appliance.container.root, 'var/lib/tocsin');
  let fillers = 0;
  /** Takes what is left, to the last block; tocsin may be writing at the same time. */
  const fill = () => {
    fillers += 1;
    const file = openSync(join(state(), `filler-${fillers}`), 'w');
    try {
      for (;;) writeSync(file, block);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    } finally {
      closeSync(file);
    }
  };
  let failed: string[] = [];
  /** Lets so many units fail, each with its own alert. */
  const fail = async (count: number) => {
    const names = Array.from({ length: count }, (_, i) => `fails@${failed.length + i}.service`);
    await appliance.systemctl('start', ...names);
    failed = [...failed, ...names];
    return names;
  };
  const told = async (names: readonly string[]) => {
    for (const unit of names) await stream.alert(unit, 'unit-failed', 'raised');
  };

  before(async () => {
    appliance = await bootAppliance({ units });
    await appliance.systemctl('stop', 'tocsin');
    // With room for the reserve that tocsin keeps (four times its 8 MB), and little more.
    await appliance.container.run(
      'mount -t tmpfs -o size=48m,mode=750,uid=tocsin,gid=tocsin tmpfs /var/lib/tocsin',
    );
    await appliance.systemctl('start', 'tocsin');
    stream = await appliance.follow();
    await told(await fail(5));
  });
  after(() => appliance?.stop());

  it('is an alert, and the reserve takes what comes meanwhile', async () => {
    const reserve = join(state(), 'tocsin.db.ballast');
    assert.ok(existsSync(reserve));
    fill();
    const room = await eventually('the reserve is used', async () => {
      await told(await fail(20));
      const alerts = await appliance.list('/api/v1/monitoring/alerts?rule=database-failing');
      return alerts[0];
    });
    assert.equal(room.severity, 'critical');
    assert.match(room.message, /room/);
    assert.equal(existsSync(reserve), false);
  });

  it('without any reserve neither stops the watching nor the telling', async () => {
    fill();
    let health = '';
    await eventually('writing is impossible', async () => {
      await told(await fail(20));
      fill();
      health = JSON.stringify((await appliance.get('/api/v1/health')).body.components.database);
      return /cannot write/.test(health) || undefined;
    });
    await told(await fail(10));
    const alerts = await appliance.list('/api/v1/monitoring/alerts?rule=unit-failed');
    assert.equal(alerts.length, failed.length);
  });

  it('that is emptied takes everything that waited: nothing is missing, nothing is twice', async () => {
    for (let i = 1; i <= fillers; i++) rmSync(join(state(), `filler-${i}`));
    await stream.alert('database', 'database-failing', 'resolved');
    await appliance.systemctl('stop', 'tocsin');
    assert.equal(await appliance.property('tocsin', 'Result'), 'success');
    const { integrity, danglingRows, changes } = inspectDatabase(state());
    assert.deepEqual([integrity, danglingRows], ['ok', 0]);
    assert.deepEqual(
      changes.map(({ seq }) => seq),
      changes.map((_, i) => i + 1),
    );
    const stored = new Map(changes.map((change) => [change.seq, change]));
    for (const { type, seq, data } of stream.messages) {
      if (type !== 'alert') continue;
      assert.deepEqual(stored.get(seq), { seq, alertId: data.id, reason: data.reason });
    }
  });
});
