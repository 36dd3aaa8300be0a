/**
 * tocsin was not there, or could not look: what happened meanwhile is found, with its true time,
 * and said to be found late.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import type { Follower } from '../support/follower.ts';
import type { Json } from '../support/gathering.ts';

const sleeper = '[Service]\nExecStart=/bin/sleep infinity\n';
const units = {
  'fails@.service': sleeper,
  'before.service': sleeper,
  'heals.service': sleeper,
  'passes.service': sleeper,
  'restarts.service': `${sleeper}Restart=on-failure\nRestartSec=10ms\n`,
  'nightly.service': '[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo tape is full; exit 4"\n',
  // A watchdog that a test can wait for.
  'tocsin.service.d/watchdog.conf': '[Service]\nWatchdogSec=2\n',
};
/** The longest that stopping may take. The figure. */
const stopMsMax = 2000;
const missed = Array.from({ length: 10 }, (_, i) => `fails@${i}.service`);

describe('while tocsin is away', { timeout: 180_000 }, () => {
  let appliance: Appliance;
  let stream: Follower;
  before(async () => {
    appliance = await bootAppliance({ units });
    stream = await appliance.follow();
  });
  after(() => appliance?.stop());

  const kill = (...names: readonly string[]) => appliance.systemctl('kill', '-s', 'KILL', ...names);
  const journal = () =>
    appliance.container.run(['journalctl', '-u', 'tocsin', '-o', 'cat', '--no-pager']);
  const now = async () => Number(await appliance.container.run(['date', '+%s%3N']));
  const runs = async (unit: string): Promise<readonly Json[]> =>
    appliance.list(`/api/v1/events?event=run-failed&id=${unit}`);
  const again = async (): Promise<void> => {
    stream = await appliance.followOn(stream);
  };
  const within = (time: string, [from, to]: readonly [number, number]) => {
    const at = Date.parse(time);
    assert.ok(at >= from && at <= to, `${time} is not from ${from} to ${to}`);
  };

  describe('killed by SIGKILL', () => {
    let away: readonly [number, number];

    before(async () => {
      await appliance.systemctl('start', 'before', 'heals', 'passes', 'restarts', ...missed);
      await kill('before', 'heals');
      await stream.alert('heals.service', 'unit-failed', 'raised');
      await stream.alert('before.service', 'unit-failed', 'raised');
      await kill('tocsin');
      // systemd would start it again while its units fail.
      await appliance.systemctl('stop', 'tocsin');
      const began = await now();
      await appliance.systemctl('start', 'heals');
      await kill('passes', 'restarts', ...missed);
      await appliance.systemctl('start', 'passes');
      await appliance.container.exec('systemd-run --collect --wait --unit=gone /bin/false');
      await appliance.systemctl('start', 'nightly');
      away = [began, await now()];
      await appliance.systemctl('start', 'tocsin');
      await again();
    });

    it('units that failed are found with the time at which they did', async () => {
      for (const unit of missed) {
        const raised = await stream.alert(unit, 'unit-failed', 'raised');
        assert.equal(Date.parse(raised.startsAt), await appliance.changedAt(unit));
        assert.equal(raised.foundLate, true);
        assert.ok(Date.parse(raised.detectedAt) > Date.parse(raised.startsAt));
      }
    });

    it('what had failed before is the same alert as before', async () => {
      await appliance.settled(stream);
      assert.deepEqual(stream.story('before.service'), []);
      const alerts = await appliance.list('/api/v1/monitoring/alerts?resourceId=before.service');
      assert.deepEqual(
        alerts.map(({ rule, foundLate }) => [rule, foundLate]),
        [['unit-failed', false]],
      );
    });

    it('what healed is resolved', async () => {
      const ended = await stream.alert('heals.service', 'unit-failed', 'resolved');
      assert.equal(ended.resolvedBy, 'recovered');
    });

    it('what failed and runs again was told, with its time, and has ended', async () => {
      const raised = await stream.alert('passes.service', 'unit-failed', 'raised');
      within(raised.startsAt, away);
      assert.equal(raised.foundLate, true);
      await stream.alert('passes.service', 'unit-failed', 'resolved');
    });

    it('a run that systemd restarted at once is an event, and no alert', async () => {
      const [run, ...others] = await runs('restarts.service');
      within(run.time, away);
      assert.deepEqual(others, []);
      assert.equal(run.foundBy, 'journal');
      assert.equal(run.attributes.willRestart, true);
      assert.deepEqual(stream.story('restarts.service'), []);
    });

    it('a unit that was collected at once is found', async () => {
      const [run] = await runs('gone.service');
      within(run.time, away);
      assert.equal(run.foundBy, 'journal');
    });

    it('a job that failed is found, with its last words', async () => {
      const raised = await stream.alert('nightly', 'task-failed', 'raised');
      within(raised.startsAt, away);
      await stream.evidence('nightly.service', 'unit-failed', 'tape is full');
    });

    it('the time of its absence is known', async () => {
      const { body } = await appliance.get('/api/v1/health');
      const gap = body.blind.find((one: { source: string }) => one.source === 'tocsin');
      assert.ok(Date.parse(gap.since) <= away[0] && Date.parse(gap.until) >= away[1], gap);
    });

    it('nothing is told twice', async () => {
      for (const unit of missed) {
        assert.deepEqual(stream.story(unit), ['unit-failed raised']);
        assert.equal((await runs(unit)).length, 1);
      }
    });
  });

  it('stopped by SIGSTOP, its watchdog has it killed and started, and it finds what it missed', async () => {
    await appliance.systemctl('start', 'fails@stopped');
    const pid = await appliance.property('tocsin', 'MainPID');
    await appliance.systemctl('kill', '-s', 'STOP', 'tocsin');
    await kill('fails@stopped');
    await eventually('another process', async () => {
      const other = await appliance.property('tocsin', 'MainPID');
      return (other !== '0' && other !== pid) || undefined;
    });
    assert.match(await journal(), /Failed with result 'watchdog'/);
    await again();
    const unit = 'fails@stopped.service';
    const raised = await stream.alert(unit, 'unit-failed', 'raised');
    assert.equal(Date.parse(raised.startsAt), await appliance.changedAt(unit));
    assert.equal(raised.foundLate, true);
  });

  it('because the machine was booted anew, it finds what failed before', async () => {
    await appliance.systemctl('start', 'fails@boot');
    await appliance.systemctl('stop', 'tocsin');
    const began = await now();
    await kill('fails@boot');
    const ended = await now();
    await appliance.container.reboot();
    await again();
    const raised = await stream.alert('fails@boot.service', 'unit-failed', 'raised');
    within(raised.startsAt, [began, ended]);
    assert.equal(raised.foundLate, true);
    // It is not failed any more: this boot knows nothing of it.
    await stream.alert('fails@boot.service', 'unit-failed', 'resolved');
    const [run] = await runs('fails@boot.service');
    assert.equal(run.foundBy, 'journal');
    within(run.time, [began, ended]);
    for (const unit of missed) await stream.alert(unit, 'unit-failed', 'resolved');
    // Going down and coming up is no failure of anybody.
    const accused = stream.messages.filter(
      ({ type, data }) => type === 'alert' && data.reason === 'raised' && !data.foundLate,
    );
    assert.deepEqual(
      accused.map(({ data }) => `${data.resource.id} ${data.rule}`),
      [],
    );
  });

  it('because it was told to stop, it has ended within two seconds, whatever is on its way', async () => {
    const many = Array.from({ length: 100 }, (_, i) => `fails@end-${i}.service`);
    await appliance.systemctl('start', ...many);
    await kill(...many);
    await stream.until('the first of them', () =>
      stream.messages.some(({ type, data }) => type === 'alert' && /end-/.test(data.resource.id)),
    );
    const began = performance.now();
    await appliance.systemctl('stop', 'tocsin');
    const took = performance.now() - began;
    assert.ok(took < stopMsMax, `it took ${took.toFixed()} ms`);
    assert.equal(await appliance.property('tocsin', 'Result'), 'success');
    await appliance.systemctl('start', 'tocsin');
    await again();
    await eventually('all of them', async () => {
      const found = await appliance.list('/api/v1/monitoring/alerts?rule=unit-failed');
      const ids = new Set(found.map(({ resource }) => resource.id));
      return many.every((unit) => ids.has(unit)) || undefined;
    });
  });

  it('because it was told to stop while it starts, it has ended cleanly within two seconds', async () => {
    for (let startMs = 0; startMs < 640; startMs += 80) {
      await appliance.systemctl('stop', 'tocsin');
      // Its limit of starts is for others.
      await appliance.systemctl('reset-failed', 'tocsin');
      await appliance.systemctl('start', '--no-block', 'tocsin');
      // A point in its start: there is nothing to wait for.
      await pause(startMs);
      const began = performance.now();
      await appliance.systemctl('stop', 'tocsin');
      const took = performance.now() - began;
      assert.ok(took < stopMsMax, `it took ${took.toFixed()} ms, after ${startMs} ms`);
      assert.equal(await appliance.property('tocsin', 'Result'), 'success');
    }
    assert.doesNotMatch(await journal(), /ThreadLost|code=exited, status=1/);
    await appliance.systemctl('reset-failed', 'tocsin');
    await appliance.systemctl('start', 'tocsin');
    await appliance.answers();
  });
});
