/** A day without network: nothing is lost, and it ends in one digest for each channel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Profile, routes } from '../../../src/delivery/profile.ts';
import type { Alert } from '../../../src/domain/alert.ts';
import { hours, minutes } from '../../../src/domain/time.ts';
import { promptProfiles as told } from '../channels.ts';
import { Simulation } from '../simulation.ts';
import { startFaults } from '../weather.ts';

async function cutOff(seed: number): Promise<Simulation> {
  const simulation = new Simulation({ seed, resources: 120, profiles: told, heals: hours(6) });
  const { network } = simulation;
  await simulation.start();
  for (const { name } of told) network.modes.set(name, 'down');
  startFaults(simulation, minutes(15));
  await simulation.pass(hours(24));
  simulation.isHealing = true;
  assert.deepEqual(simulation.wrong, []);
  assert.ok(network.failures > 50, 'it was tried again and again');
  assert.equal(network.arrived.length, 0);
  network.modes.clear();
  return simulation;
}

/** Not so what was kept back, what fell with its cause, or fell below what the channel takes. */
function isStillNews(profile: Profile, alert: Alert | undefined): boolean {
  if (alert === undefined || alert.mutedBy.length > 0) return false;
  return alert.phase === 'resolved' || routes(profile, alert);
}

test('24 h without network end in one digest for each channel, and nothing is lost', async () => {
  const seed = Number(process.env.SEED ?? 7);
  const simulation = await cutOff(seed);
  const { network, truth } = simulation;
  const owed = [...truth.owed];
  // The longest that one waits after so many failures is five minutes.
  await simulation.pass(minutes(6));
  for (const profile of told) {
    const { name } = profile;
    const [first, ...later] = network.arrivedAt(name);
    const types = [first, ...later].map((one) => one?.type ?? 'none');
    // News of one group is one message in any case.
    const isGrouped = profile.groupBy.length > 0;
    assert.equal(
      first?.type,
      isGrouped ? 'digest' : 'alerts',
      `SEED=${seed}: ${name} ${types.join(' ')}`,
    );
    if (isGrouped) assert.match(first?.why ?? '', /nothing could be delivered for (1d|\d+h)/);
    // What has happened since is told as always.
    assert.ok(!types.slice(1).includes('digest'), `SEED=${seed}: ${name} ${types.join(' ')}`);
    const named = new Set(
      network.arrivedAt(name).flatMap(({ items }) => items.map(({ alert }) => alert.id)),
    );
    const lost = owed.filter((one) => {
      const [channel, id = ''] = one.split(' ');
      return channel === name && !named.has(id) && isStillNews(profile, truth.alerts.get(id));
    });
    assert.deepEqual(lost, [], `SEED=${seed}: ${name}`);
    assert.ok((first?.items.length ?? 0) > 10, `SEED=${seed}: ${first?.items.length} alerts`);
  }
  const { wrong } = await simulation.heal();
  simulation.close();
  assert.deepEqual(wrong, [], `SEED=${seed}`);
});
