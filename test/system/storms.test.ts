/**
 * Much at once, and systemd or the bus begun anew meanwhile: nothing is missed, and nothing is told
 * that is not so.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import type { Follower } from '../support/follower.ts';
import type { Json } from '../support/gathering.ts';

const sleeper = '[Service]\nExecStart=/bin/sleep infinity\n';
const units = Object.fromEntries(
  ['reload', 'reexec', 'dbus', 'burst', 'kept'].map((name) => [`${name}@.service`, sleeper]),
);
const properties = 'org.freedesktop.DBus.Properties PropertiesChanged sa{sv}as';
const manager = '/org/freedesktop/systemd1 org.freedesktop.systemd1.Manager';
const forged = '/org/freedesktop/systemd1/unit/kept_401_2eservice';
const unitPart = 'org.freedesktop.systemd1.Unit';
/** What a local user can say to everybody on the bus, as if systemd said it. */
const lies = [
  `${forged} ${properties} ${unitPart} 2 ActiveState s failed SubState s failed 0`,
  `${forged} ${properties} org.freedesktop.systemd1.Service 1 Result s exit-code 0`,
  `${forged} ${properties} ${unitPart} 2 ActiveState s failed SubState s failed 0`,
  `${manager} UnitRemoved so kept@1.service ${forged}`,
  `${manager} JobRemoved uoss 7 /org/freedesktop/systemd1/job/7 kept@1.service dependency`,
  '/org/freedesktop/DBus org.freedesktop.DBus NameOwnerChanged sss org.freedesktop.systemd1 :1.0 ""',
  `${manager} Reloading b true`,
];

/** Within this time a thousand must have died, else it was no burst. The figure. */
const burstMsMax = 2000;

describe('a storm', { timeout: 180_000 }, () => {
  let appliance: Appliance;
  let stream: Follower;
  before(async () => {
    appliance = await bootAppliance({ units });
    stream = await appliance.follow();
    await start('kept', 5);
    // These have failed before all storms: their alerts must outlast them.
    await appliance.systemctl('kill', '-s', 'KILL', 'kept@4', 'kept@5');
    for (const unit of ['kept@4.service', 'kept@5.service'])
      await stream.alert(unit, 'unit-failed', 'raised');
  });
  after(() => appliance?.stop());

  const names = (template: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${template}@${i + 1}.service`);
  const start = (template: string, count: number) =>
    appliance.systemctl('start', ...names(template, count));

  /** The command that kills what they run, by pid: without systemd and without the bus. */
  const killOf = async (units: readonly string[]) => {
    const pids = await appliance.container.run(['systemctl', 'show', '-P', 'MainPID', ...units]);
    return `kill -KILL ${pids.trim().split(/\s+/).join(' ')}`;
  };

  /** Each has failed once, at the time that systemd says, and nothing else has been said of it. */
  async function failedOnce(failed: readonly string[]): Promise<void> {
    for (const unit of failed) {
      const raised = await stream.alert(unit, 'unit-failed', 'raised');
      assert.equal(Date.parse(raised.startsAt), await appliance.changedAt(unit), unit);
    }
    await appliance.settled(stream);
    for (const unit of failed) assert.deepEqual(stream.story(unit), ['unit-failed raised'], unit);
  }

  /** What had failed before is still so, what had not is not, and nobody else was accused. */
  function nothingFalse(): void {
    for (const unit of ['kept@4.service', 'kept@5.service'])
      assert.deepEqual(
        stream.story(unit).filter((step) => !/stale|fresh/.test(step)),
        ['unit-failed raised'],
      );
    const ours = /^(reload|reexec|dbus|burst|fence|kept)@/;
    const others = stream.messages.filter(
      ({ type, data }) =>
        type === 'alert' && data.phase === 'firing' && !ours.test(data.resource.id),
    );
    assert.deepEqual(
      others.map(({ data }) => `${data.resource.id} ${data.rule} ${data.reason}`),
      [],
    );
    for (const unit of ['kept@1.service', 'kept@2.service', 'kept@3.service'])
      assert.deepEqual(stream.story(unit), []);
  }

  /** tocsin could not see for a moment, says so, and sees again. */
  async function wasBlind(since: number): Promise<void> {
    await eventually('it sees again', async () => {
      const { body } = await appliance.get('/api/v1/health');
      const times: readonly Json[] = body.blind;
      const ended = times.filter((one) => Date.parse(one.since) >= since && one.until !== null);
      const open = times.some(({ until }) => until === null);
      return ended.length > 0 && !open && body.status === 'healthy' ? true : undefined;
    });
  }
  const now = async () => Number(await appliance.container.run(['date', '+%s%3N']));

  it('of lies by a local user changes nothing', async () => {
    const before = stream.seq;
    // Nobody is asked whether he wants a signal that is sent to him alone.
    const pid = await appliance.property('tocsin', 'MainPID');
    const clients = await appliance.container.run(['busctl', 'list', '--unique', '--no-legend']);
    const tocsin = clients.split('\n').find((line) => line.split(/ +/)[1] === pid);
    const [address] = tocsin?.split(' ') ?? [];
    for (const to of ['', `--destination=${address}`])
      for (const lie of lies)
        await appliance.container.run(`busctl emit ${to} ${lie}`, { user: 'nobody' });
    await appliance.settled(stream);
    assert.deepEqual(stream.story('kept@1.service'), []);
    const { body } = await appliance.get('/api/v1/resources/systemd.unit/kept@1.service');
    assert.equal(body.attributes.activeState, 'active');
    const health = await appliance.get('/api/v1/health');
    assert.equal(health.body.status, 'healthy');
    assert.ok(stream.seq > before, 'the truth was told meanwhile');
  });

  it('of 50 failures while systemd reads its files anew, again and again, loses none', async () => {
    const failing = names('reload', 50);
    const began = await now();
    await start('reload', 50);
    const reloads = 'for i in 1 2 3 4 5; do systemctl daemon-reload; done';
    const kills = `for u in ${failing.join(' ')}; do systemctl kill -s KILL $u; done`;
    await Promise.all([appliance.container.run(reloads), appliance.container.run(kills)]);
    await failedOnce(failing);
    nothingFalse();
    await wasBlind(began);
  });

  it('of 20 failures while systemd is executed anew loses none', async () => {
    const failing = names('reexec', 20);
    const began = await now();
    await start('reexec', 20);
    const kill = await killOf(failing);
    await Promise.all([appliance.systemctl('daemon-reexec'), appliance.container.run(kill)]);
    await failedOnce(failing);
    nothingFalse();
    await wasBlind(began);
  });

  it('of 20 failures while the bus is restarted loses none', async () => {
    const failing = names('dbus', 20);
    const began = await now();
    await start('dbus', 20);
    const kill = await killOf(failing);
    await Promise.all([appliance.systemctl('restart', 'dbus'), appliance.container.run(kill)]);
    await failedOnce(failing);
    nothingFalse();
    await wasBlind(began);
  });

  it('of a thousand failures within two seconds loses none', async (test) => {
    const failing = names('burst', 1000);
    for (let i = 0; i < 1000; i += 250)
      await appliance.systemctl('start', ...failing.slice(i, i + 250));
    const kill = await killOf(failing);
    const began = performance.now();
    await appliance.container.run(kill);
    const took = performance.now() - began;
    assert.ok(took < burstMsMax, `they died within ${took} ms, which is no burst`);
    await stream.until('a thousand alerts', () => raised().size === failing.length);
    assert.deepEqual([...raised().keys()].toSorted(), failing.toSorted());
    const times = (name: string) => [...raised().values()].map((alert) => Date.parse(alert[name]));
    const last = Math.max(...times('startsAt'));
    const noticed = last - Math.min(...times('startsAt'));
    const late = Math.max(...times('detectedAt')) - last;
    test.diagnostic(
      `a thousand died within ${took.toFixed()} ms; systemd noticed within ${noticed} ms, tocsin ${late} ms later`,
    );

    function raised() {
      const told = stream.messages.filter(
        ({ type, data }) =>
          type === 'alert' &&
          data.rule === 'unit-failed' &&
          data.reason === 'raised' &&
          data.resource.id.startsWith('burst@'),
      );
      return new Map(told.map(({ data }) => [data.resource.id as string, data]));
    }
  });
});
