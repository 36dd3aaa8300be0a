/** Units that fail together on a real systemd: one is the cause, the others are its victims. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Appliance, bootAppliance, eventually } from '../support/appliance.ts';
import type { Follower } from '../support/follower.ts';
import type { Json } from '../support/gathering.ts';

/** Runs until the program of the store is gone, then fails. */
const user =
  '[Service]\nExecStart=/bin/sh -c "while kill -0 $(cat /run/store.pid); do sleep 0.05; done; exit 1"\n';
const needing = (name: string) => `[Unit]\nRequires=${name}\nAfter=${name}\n${user}`;
const units = {
  'store.service':
    '[Service]\nExecStart=/bin/sh -c "echo $$$$ > /run/store.pid; exec sleep infinity"\n',
  'app.service': needing('store.service'),
  'front.service': needing('app.service'),
  'ordered.service': `[Unit]\nAfter=store.service\n${user}`,
  'stranger.service': '[Service]\nExecStart=/bin/sleep infinity\n',
};

describe('units that need each other fail together', { timeout: 180_000 }, () => {
  let appliance: Appliance;
  let stream: Follower;
  before(async () => {
    appliance = await bootAppliance({ units });
    stream = await appliance.follow();
    await appliance.systemctl('start', 'store');
    await eventually('the store runs', () =>
      appliance.container
        .exec(['test', '-s', '/run/store.pid'])
        .then(({ exitStatus }) => (exitStatus === 0 ? true : undefined)),
    );
    await appliance.systemctl('start', 'app', 'front', 'ordered', 'stranger');
    await appliance.settled(stream);
  });
  after(() => appliance?.stop());

  const failures = async (): Promise<ReadonlyMap<string, Json>> => {
    const all = await appliance.list('/api/v1/monitoring/alerts?rule=unit-failed');
    return new Map(all.map((one) => [one.resource.id, one]));
  };

  it('the one that was killed is the cause of those that need it, and of nothing else', async () => {
    await appliance.systemctl('kill', '-s', 'KILL', 'store', 'stranger');
    for (const name of Object.keys(units)) await stream.alert(name, 'unit-failed', 'raised');
    await appliance.settled(stream);
    const all = await failures();
    const store = all.get('store.service');
    for (const name of ['app.service', 'front.service', 'ordered.service']) {
      assert.equal(all.get(name).cause, store.id, name);
      assert.deepEqual(all.get(name).mutedBy, [store.id], name);
    }
    assert.deepEqual([store.cause, store.mutedBy], [null, []]);
    assert.equal(all.get('stranger.service').cause, null);
    assert.equal(store.victims.length, 3);
  });

  it('explain says in words who needs whom, what was changed before, and what to do', async () => {
    const { id } = (await failures()).get('front.service');
    const said = await appliance.container.run(['tocsin', 'alert', 'explain', id]);
    assert.match(said, /To blame is:\n {2}store\.service failed \(signal\)/);
    assert.match(said, /store\.service is required by app\.service/);
    assert.match(said, /This is likely, not certain: it failed first, and store\.service/);
    assert.match(said, /tocsin was started/);
    assert.match(said, /What to do: /);
  });

  it('blame is the same after a kill, and no change is made of it', async () => {
    const before = await failures();
    await appliance.systemctl('kill', '-s', 'KILL', 'tocsin');
    await appliance.answers();
    await eventually('everything has been looked at', async () => {
      const { body } = await appliance.get('/api/v1/health');
      return body.components?.systemd?.status === 'healthy' ? true : undefined;
    });
    const after = await failures();
    for (const [name, { cause, seq }] of before) {
      assert.deepEqual([after.get(name).cause, after.get(name).seq], [cause, seq], name);
    }
  });

  it('the cause recovers: who still fails blames the next in the chain', async () => {
    const again = await appliance.follow();
    await appliance.systemctl('start', 'store');
    await again.alert('store.service', 'unit-failed', 'resolved');
    await appliance.settled(again);
    const all = await failures();
    const app = all.get('app.service');
    assert.deepEqual([app.cause, app.mutedBy], [null, []]);
    assert.equal(all.get('front.service').cause, app.id);
    assert.equal(all.get('ordered.service').cause, null);
  });
});
