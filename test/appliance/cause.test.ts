/** Causes in the whole daemon, with a scripted systemd: what fails together has one cause. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type PrivateBus, startBus } from '../support/bus.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { FakeSystemd } from '../support/fake-systemd.ts';
import type { Json } from '../support/gathering.ts';

const needs = {
  'database.service': { requires: ['disk.service'], after: ['disk.service'] },
  'web.service': { requires: ['database.service', 'system.slice', 'sysinit.target'] },
  'backup.service': { requires: ['database.service'] },
};
const names = ['disk.service', 'database.service', 'web.service', 'backup.service', 'lone.service'];

describe('units that need each other fail together', { timeout: 60_000 }, () => {
  let bus: PrivateBus;
  let systemd: FakeSystemd;
  let daemon: TestDaemon;

  before(async () => {
    bus = await startBus();
    systemd = await FakeSystemd.start(bus.address, names, needs);
    daemon = await startDaemon({ busAddress: bus.address });
  });
  after(async () => {
    await daemon?.end('SIGKILL');
    systemd.close();
    await bus.stop();
  });

  const alerts = async (): Promise<ReadonlyMap<string, Json>> => {
    const { body } = await daemon.get('/api/v1/monitoring/alerts?rule=unit-failed');
    return new Map(body.items.map((one: Json) => [one.resource.id, one]));
  };

  /** `victim<cause` of all that fires. */
  const drawn = async (): Promise<string> => {
    const all = await alerts();
    const names = new Map([...all].map(([unit, { id }]) => [id, unit]));
    return [...all]
      .map(([unit, { cause }]) => (cause === null ? unit : `${unit}<${names.get(cause)}`))
      .map((text) => text.replaceAll('.service', ''))
      .sort()
      .join(' ');
  };

  /** A stream that has heard of the last thing that was done has seen all that came before. */
  async function all(act: (systemd: FakeSystemd) => void): Promise<void> {
    const stream = await daemon.stream('?types=alert');
    act(systemd);
    systemd.fail('lone.service');
    await stream.find(
      ({ data }) => data.resource?.id === 'lone.service' && data.reason === 'raised',
    );
    systemd.recover('lone.service');
    await stream.find(
      ({ data }) => data.resource?.id === 'lone.service' && data.reason === 'resolved',
    );
    stream.close();
  }

  it('the first in the chain is the cause of all, lists them, and is told alone', async () => {
    await all((fake) => {
      for (const name of ['disk', 'database', 'backup', 'web']) fake.fail(`${name}.service`);
    });
    assert.equal(await drawn(), 'backup<disk database<disk disk web<disk');
    const found = await alerts();
    const { id, victims, mutedBy } = found.get('disk.service');
    assert.equal(victims.length, 3);
    assert.deepEqual(mutedBy, []);
    assert.deepEqual(found.get('web.service').mutedBy, [id]);
  });

  it('explain says so in words, with the way from the cause to the victim', async () => {
    const { id } = (await alerts()).get('web.service');
    const { body, status } = await daemon.get(`/api/v1/monitoring/alerts/${id}/explain`);
    assert.equal(status, 200);
    assert.equal(body.cause.certainty, 'likely');
    assert.match(body.cause.why, /disk\.service is required by database\.service/);
    assert.match(body.text, /To blame is:\n {2}disk\.service failed/);
    assert.equal(body.mutedBy[0].type, 'cause');
    const { body: timeline } = await daemon.get(`/api/v1/monitoring/alerts/${id}/timeline`);
    assert.ok(timeline.items.some((one: Json) => one.type === 'mute-begun'));
  });

  it('when the cause recovers the next in the chain is to blame', async () => {
    await all((fake) => fake.recover('disk.service'));
    assert.equal(await drawn(), 'backup<database database web<database');
    await all((fake) => {
      for (const name of ['database', 'backup', 'web']) fake.recover(`${name}.service`);
    });
    assert.equal(await drawn(), '');
  });
});
