/**
 * Units that systemd starts again: what comes back is no failure, what loops is told as that, and
 * what is given up is told once.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import type { Follower } from '../support/follower.ts';

/** Fails so many times and then stays. It counts in a file, outside of what is tested. */
const failing = (times: number): string =>
  `/bin/sh -c 'echo x >>/run/%N; [ $$(wc -l </run/%N) -gt ${times} ] && exec sleep infinity; exit 1'`;

const restarting = (start: string, limit: string, restart = 'on-failure') =>
  `[Unit]\n${limit}\n[Service]\nExecStart=${start}\nRestart=${restart}\nRestartSec=60ms\n`;

const many = 'StartLimitBurst=100';
const units = {
  'recovers.service': restarting(failing(2), many),
  'loops.service': restarting(failing(4), many),
  'gives-up.service': restarting('/bin/false', 'StartLimitBurst=4\nStartLimitIntervalSec=60'),
  'forever.service': restarting('/bin/false', 'StartLimitIntervalSec=0', 'always'),
  'at-once.service': `[Unit]\nStartLimitBurst=3\n[Service]\nExecStart=/bin/false\nRestart=always\nRestartSec=0\n`,
};

describe('a unit that systemd restarts', { timeout: 120_000 }, () => {
  let appliance: Appliance;
  let stream: Follower;
  before(async () => {
    appliance = await bootAppliance({ units });
    stream = await appliance.follow();
  });
  after(() => appliance?.stop());

  const events = async (unit: string, event: string) =>
    (await appliance.list(`/api/v1/events?event=${event}&id=${unit}`)).toReversed();
  const runs = async (unit: string) =>
    Number((await appliance.container.run(`wc -l </run/${unit}`)).trim());
  /** The program of its main process: `sleep` when it is past the point where it fails. */
  const program = async (unit: string) => {
    const pid = await appliance.property(unit, 'MainPID');
    return (await appliance.container.exec(['cat', `/proc/${pid}/comm`])).stdout.trim();
  };

  function count(unit: string, event: string): number {
    return stream.messages.filter(({ data }) => data.event === event && data.resource?.id === unit)
      .length;
  }

  it('and comes back after two failures has two events and no alert', async () => {
    await appliance.systemctl('start', 'recovers');
    await stream.until('two failures', () => count('recovers.service', 'restarted') === 2);
    await eventually(
      'it stays up',
      async () => (await program('recovers')) === 'sleep' || undefined,
    );
    await appliance.settled(stream);
    assert.deepEqual(stream.story('recovers.service'), []);
    const failures = await events('recovers.service', 'run-failed');
    assert.deepEqual(
      failures.map(({ attributes }) => attributes.willRestart),
      [true, true],
    );
    assert.equal(await runs('recovers'), 3);
  });

  it('and comes back after four failures is told as looping, and never as failed', async () => {
    await appliance.systemctl('start', 'loops');
    const looping = await stream.alert('loops.service', 'unit-crash-looping', 'raised');
    assert.equal(looping.severity, 'warning');
    await stream.until('four failures', () => count('loops.service', 'restarted') === 4);
    await appliance.settled(stream);
    assert.deepEqual(stream.story('loops.service'), ['unit-crash-looping raised']);
  });

  for (const [unit, burst] of [
    ['gives-up.service', 4],
    ['at-once.service', 3],
  ] as const) {
    it(`and fails until systemd gives up is announced once: ${unit}`, async () => {
      await appliance.systemctl('start', unit);
      const gaveUp = await stream.alert(unit, 'unit-gave-up', 'raised');
      assert.equal(Date.parse(gaveUp.startsAt), await appliance.changedAt(unit));
      await appliance.settled(stream);
      const firing = await appliance.list(
        `/api/v1/monitoring/alerts?phase=firing&resourceId=${unit}`,
      );
      assert.deepEqual(
        firing.filter(({ mutedBy }) => mutedBy.length === 0).map(({ rule }) => rule),
        ['unit-gave-up'],
      );
      const failures = stream.story(unit).filter((step) => step.startsWith('unit-failed'));
      assert.deepEqual(failures, ['unit-failed raised']);
      assert.equal((await events(unit, 'start-limit-hit')).length, 1);
      const runFailed = await events(unit, 'run-failed');
      assert.equal(new Set(runFailed.map((one) => one.attributes.invocationId)).size, burst);
      assert.equal(runFailed.length, burst);
    });
  }

  it('and never fails officially is told as looping, worse and worse, and never as failed', async () => {
    await appliance.systemctl('start', '--no-block', 'forever');
    await stream.alert('forever.service', 'unit-crash-looping', 'raised');
    const worse = await stream.alert('forever.service', 'unit-crash-looping', 'severity');
    assert.equal(worse.severity, 'critical');
    await appliance.settled(stream);
    assert.deepEqual(stream.story('forever.service'), [
      'unit-crash-looping raised',
      'unit-crash-looping severity',
    ]);
    // What the advice says to do ends it. Stopped in the moment in which its process has failed, it
    // is failed for good; otherwise there is nothing to reset.
    await appliance.systemctl('stop', 'forever');
    await appliance.systemctl('reset-failed');
    const ended = await stream.alert('forever.service', 'unit-crash-looping', 'resolved');
    assert.equal(ended.resolvedBy, 'gone');
  });
});
