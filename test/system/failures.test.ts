/**
 * A unit fails, each way in which units fail: one alert, at once, with the time and the reason that
 * systemd knows.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Appliance, bootAppliance } from '../support/appliance.ts';
import type { Follower } from '../support/follower.ts';

const service = (start: string, more = '') => `[Service]\nExecStart=${start}\n${more}`;
const sleeper = '/bin/sleep infinity';

const units = {
  'exit.service': service('/bin/sh -c "echo repository is locked >&2; exit 3"', 'Type=oneshot\n'),
  'kill.service': service(sleeper),
  'watchdog.service': service(sleeper, 'WatchdogSec=300ms\n'),
  'start-timeout.service': service(sleeper, 'Type=notify\nTimeoutStartSec=300ms\n'),
  'oom.service': service(sleeper),
  'missing.service': service('/usr/bin/missing-program'),
  'back.service': service(sleeper, 'WatchdogSec=300ms\nRestart=on-watchdog\n'),
};

/**
 * What systemd-oomd does: it marks the control group, then kills what is in it. systemd itself says
 * oom-kill then (unit_check_oomd_kill, src/core/cgroup.c), and no memory controller is needed,
 * which a container may not have. $1 is the unit.
 */
const oomKill = `
group=/sys/fs/cgroup$(systemctl show -P ControlGroup "$1")
for mark in user.oomd_ooms user.oomd_kill; do
  perl -e '$_ = "1"; exit !!syscall(188, my $g = $ARGV[0], my $m = $ARGV[1], $_, 1, 0)' "$group" $mark
done
kill -KILL $(cat "$group/cgroup.procs")`;

describe('a unit fails on a real systemd', { timeout: 120_000 }, () => {
  let appliance: Appliance;
  let stream: Follower;
  before(async () => {
    appliance = await bootAppliance({ units });
    stream = await appliance.follow();
  });
  after(() => appliance?.stop());

  /** The alert, compared with what systemd says of the unit. */
  async function failed(unit: string, result: string) {
    const alert = await stream.alert(unit, 'unit-failed', 'raised');
    assert.equal(await appliance.property(unit, 'Result'), result);
    assert.equal(alert.title, `${unit} failed (${result})`);
    assert.equal(Date.parse(alert.startsAt), await appliance.changedAt(unit));
    assert.equal(alert.severity, 'critical');
    assert.equal(alert.foundLate, false);
    const event = await stream.event(unit, 'run-failed');
    assert.equal(event.after.result, result);
    assert.equal(event.after.invocationId, await appliance.property(unit, 'InvocationID'));
    assert.equal(event.foundBy, 'signal');
    assert.equal(event.after.willRestart, false);
    return { alert, event };
  }

  it('a program that exits with 3 is told with its status, and its last words as evidence', async () => {
    await appliance.systemctl('start', 'exit');
    const { event } = await failed('exit.service', 'exit-code');
    assert.equal(event.after.execMainStatus, 3);
    await stream.evidence('exit.service', 'unit-failed', 'repository is locked');
  });

  it('a program that was killed by kill -9 is told with the signal', async () => {
    await appliance.systemctl('start', 'kill');
    await appliance.systemctl('kill', '-s', 'KILL', 'kill');
    const { event } = await failed('kill.service', 'signal');
    assert.deepEqual([event.after.execMainCode, event.after.execMainStatus], ['killed', 9]);
  });

  it('a program that does not feed its watchdog is told', async () => {
    await appliance.systemctl('start', 'watchdog');
    await failed('watchdog.service', 'watchdog');
    // It hung: that says more than the failure, but it is one message.
    const abnormal = await stream.alert('watchdog.service', 'unit-abnormal-end', 'raised');
    const { id } = await stream.alert('watchdog.service', 'unit-failed', 'raised');
    const now = await appliance.get(`/api/v1/monitoring/alerts/${abnormal.id}`);
    assert.deepEqual(now.body.mutedBy, [id]);
  });

  it('a program that does not come up in time is told', async () => {
    await appliance.systemctl('start', 'start-timeout');
    await failed('start-timeout.service', 'timeout');
  });

  it('a program that was killed for want of memory is told as that', async () => {
    await appliance.systemctl('start', 'oom');
    await appliance.container.run(['sh', '-c', oomKill, 'oom', 'oom']);
    await failed('oom.service', 'oom-kill');
    await stream.event('oom.service', 'oom-killed');
  });

  it('a program that is not there is told', async () => {
    await appliance.systemctl('start', 'missing');
    const { event } = await failed('missing.service', 'exit-code');
    assert.equal(event.after.execMainStatus, 203);
  });

  it('a failure that systemd mends by a restart is an event and a warning, not a failure', async () => {
    await appliance.systemctl('start', 'back');
    const event = await stream.event('back.service', 'run-failed');
    assert.deepEqual([event.after.result, event.after.willRestart], ['watchdog', true]);
    await stream.alert('back.service', 'unit-abnormal-end', 'raised');
    await appliance.systemctl('stop', 'back');
    await appliance.settled(stream);
    assert.doesNotMatch(stream.story('back.service').join(), /unit-failed/);
  });

  it('an alert ends when its unit runs again', async () => {
    await appliance.systemctl('start', 'kill');
    const ended = await stream.alert('kill.service', 'unit-failed', 'resolved');
    assert.equal(ended.resolvedBy, 'recovered');
    const raised = await stream.alert('kill.service', 'unit-failed', 'raised');
    assert.equal(ended.id, raised.id);
    const story = stream.story('kill.service');
    assert.deepEqual(story, ['unit-failed raised', 'unit-failed resolved']);
  });

  it('the command line shows it all, and its exit status says so', async () => {
    const shown = await appliance.container.run(['tocsin', 'alert', 'list', '-o', 'json']);
    const rules = (JSON.parse(shown) as readonly { rule: string; resource: { id: string } }[])
      .filter(({ rule }) => rule === 'unit-failed')
      .map(({ resource }) => resource.id);
    const expected = ['exit', 'missing', 'oom', 'start-timeout', 'watchdog'];
    assert.deepEqual(
      rules.toSorted(),
      expected.map((name) => `${name}.service`),
    );
    const status = await appliance.container.exec(['tocsin', 'check']);
    assert.equal(status.exitStatus, 2, status.stdout);
  });
});
