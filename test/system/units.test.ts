/** Units that cannot start: masked, broken, missing, gone at once, or kept from it by another one that failed. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Appliance, bootAppliance } from '../support/appliance.ts';
import type { Follower } from '../support/follower.ts';

const sleeper = '[Service]\nExecStart=/bin/sleep infinity\n';
const needing = (name: string) => `[Unit]\nRequires=${name}\nAfter=${name}\n${sleeper}`;
const settings =
  'systemd:\n  watch: ["*.service", "*.target", declared.service, missing.service]\n';

/** Vendor units: those of an administrator in /etc cannot be masked. */
const vendor = (name: string) => `usr/lib/systemd/system/${name}`;
const files = {
  'etc/tocsin/tocsin.yaml': settings,
  [vendor('declared.service')]: sleeper,
  [vendor('helper.service')]: sleeper,
  [vendor('unneeded.service')]: sleeper,
};
const units = {
  'needs-helper.service': needing('helper.service'),
  'broken.service': sleeper,
  'cause.service': '[Service]\nType=oneshot\nExecStart=/bin/false\n',
  'victim.service': needing('cause.service'),
  'second-victim.service': needing('cause.service'),
  'victim-of-victim.service': needing('victim.service'),
};

describe('a unit that cannot start', { timeout: 180_000 }, () => {
  let appliance: Appliance;
  let stream: Follower;
  before(async () => {
    appliance = await bootAppliance({ units, files });
    stream = await appliance.follow();
    await appliance.systemctl('start', 'needs-helper', 'broken', 'declared', 'unneeded');
    // What the rules wait 30 s for begins now.
    await appliance.systemctl('mask', 'helper', 'declared', 'unneeded');
    await appliance.addUnits({ 'broken.service': '[Service]\nExecStart=no/absolute/path\n' });
  });
  after(() => appliance?.stop());

  it('because another one failed is grouped below it, and only the cause is announced', async () => {
    await appliance.systemctl('start', 'victim-of-victim', 'second-victim');
    const victims = ['victim.service', 'second-victim.service', 'victim-of-victim.service'];
    await stream.alert('cause.service', 'unit-failed', 'raised');
    for (const unit of victims) await stream.alert(unit, 'unit-dependency-failed', 'raised');
    await appliance.settled(stream);
    const firing = await appliance.list('/api/v1/monitoring/alerts');
    const about = (unit: string) =>
      firing.filter(({ resource, rule }) => resource.id === unit && rule !== 'task-failed');
    // systemd tried twice, once for each that was asked for: the last failure counts.
    const [cause] = about('cause.service');
    assert.deepEqual(cause.mutedBy, []);
    const ids: string[] = [];
    for (const unit of victims) {
      const [alert, ...others] = about(unit);
      assert.deepEqual(others, []);
      assert.equal(alert.cause, cause.id, unit);
      assert.deepEqual(alert.mutedBy, [cause.id], unit);
      assert.match(alert.title, /cause\.service failed/);
      ids.push(alert.id);
    }
    // The task that the cause was to do has failed with it.
    const task = await stream.alert('cause', 'task-failed', 'raised');
    ids.push(task.id);
    assert.deepEqual(cause.victims.toSorted(), ids.toSorted());
  });

  it('is forgotten as a victim when it runs', async () => {
    await appliance.addUnits({
      'cause.service': '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n',
    });
    await appliance.systemctl('start', 'victim');
    await stream.alert('cause.service', 'unit-failed', 'resolved');
    await stream.alert('victim.service', 'unit-dependency-failed', 'resolved');
    const still = stream.story('second-victim.service');
    assert.deepEqual(still, ['unit-dependency-failed raised']);
  });

  it('and was collected at once when it failed has been seen, each of thirty', async () => {
    const names = Array.from({ length: 30 }, (_, i) => `gone-${i}`);
    const run = 'systemd-run --quiet --collect --no-block --unit="$name" /bin/false';
    await appliance.container.run(`for name in ${names.join(' ')}; do ${run}; done`);
    for (const name of names) {
      await stream.event(`${name}.service`, 'run-failed');
      const ended = await stream.alert(`${name}.service`, 'unit-failed', 'resolved');
      assert.equal(ended.resolvedBy, 'gone');
      // The unit is not there any more; its task is, and has failed.
      await stream.alert(name, 'task-failed', 'raised');
    }
    const failures = await appliance.list('/api/v1/events?event=run-failed');
    const gone = failures.filter(({ resource }) => resource.id.startsWith('gone-'));
    assert.equal(gone.length, names.length);
  });

  it('because its file is broken is told while it still runs', async () => {
    assert.equal(await appliance.property('broken.service', 'LoadState'), 'bad-setting');
    const raised = await stream.alert('broken.service', 'unit-load-failed', 'raised');
    assert.equal(raised.severity, 'warning');
    assert.match(raised.title, /bad-setting/);
  });

  it('because it is masked is told when something needs it, and when it is declared', async () => {
    const needed = await stream.alert('helper.service', 'unit-load-failed', 'raised');
    assert.match(needed.title, /masked/);
    assert.equal(needed.severity, 'warning');
    const declared = await stream.alert('declared.service', 'unit-load-failed', 'raised');
    assert.equal(declared.severity, 'critical');
    assert.deepEqual(stream.story('unneeded.service'), []);
  });

  it('because there is no such file is told when it is declared', async () => {
    const alerts = await appliance.list('/api/v1/monitoring/alerts?resourceId=missing.service');
    assert.deepEqual(
      alerts.map(({ rule, severity }) => [rule, severity]),
      [['unit-load-failed', 'critical']],
    );
    assert.match(alerts[0].title, /not-found/);
  });

  it('is well again when it is unmasked and its file mended', async () => {
    await appliance.systemctl('unmask', 'helper', 'declared');
    await appliance.addUnits({ 'broken.service': sleeper });
    for (const unit of ['helper.service', 'declared.service', 'broken.service'])
      await stream.alert(unit, 'unit-load-failed', 'resolved');
  });
});
