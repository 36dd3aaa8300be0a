/** What is said on the bus when alerts change, in which order, and what is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../test/support/fake-clock.ts';
import { FakeHouse } from '../operations/fake-house.ts';
import type { OutgoingSignal } from '../platform/bus/serving.ts';
import type { BusVariant } from '../platform/system-bus.ts';
import { Announcer } from './announcer.ts';
import { managerInterface, rootPath } from './names.ts';
import { AlertObjects, alertObjectsMax } from './objects.ts';

function announcing(house = new FakeHouse()) {
  const emitted: OutgoingSignal[] = [];
  const bugs: unknown[] = [];
  const objects = new AlertObjects();
  const clock = new FakeClock();
  const voice = {
    emit: (signal: OutgoingSignal) => void emitted.push(signal),
    ready: () => Promise.resolve(),
  };
  const onBug = (error: unknown): void => void bugs.push(error);
  const announcer = new Announcer({ house, objects, clock, onBug });
  announcer.start(voice);
  announcer.setHeard(true);
  /** Members since the last look; those of figures with what they tell. */
  const said = async (): Promise<readonly string[]> => {
    await settled();
    return emitted.splice(0).map(({ member, path, body }) => {
      if (member !== 'PropertiesChanged') return `${member} ${String(body[0])}`;
      const names = [...(body[1] as ReadonlyMap<string, BusVariant>).keys()];
      return path === rootPath ? `figures ${names.join(' ')}` : `changed ${names.join(' ')}`;
    });
  };
  return { announcer, bugs, clock, emitted, house, objects, said, voice };
}

const pathOf = (id: string): string => `/org/tocsin1/alert/${id}`;

test('an alert is an object before it is spoken of, and until it has been', async () => {
  const { house, said } = announcing();
  const { id } = house.fire();
  assert.deepEqual(await said(), [`InterfacesAdded ${pathOf(id)}`, `AlertRaised ${id}`]);
  await house.act(id, { type: 'acknowledge', comment: 'I go', until: null }, 'uid:0');
  const [changed = '', signal] = await said();
  assert.match(changed, /^changed .*Acknowledged AcknowledgedBy .*Seq$/);
  assert.equal(signal, `AlertChanged ${id}`);
  house.resolve(id);
  assert.deepEqual(await said(), [`AlertResolved ${id}`, `InterfacesRemoved ${pathOf(id)}`]);
});

test('what is only pending is no alert on the bus', async () => {
  const { house, objects, said } = announcing();
  const { id, ...rest } = house.fire({ phase: 'pending' });
  house.changes.pop();
  await said();
  const pending = { id: `${id}X`, ...rest };
  house.change(pending, 'pending');
  house.change(pending, 'muted');
  house.change({ ...pending, phase: 'resolved' }, 'dropped');
  assert.deepEqual(await said(), []);
  assert.equal(objects.list().length, 0);
});

test('evidence is announced by its name alone', async () => {
  const { house, emitted } = announcing();
  const alert = house.fire();
  await settled();
  emitted.splice(0);
  house.change({ ...alert, evidence: [{ type: 'note', title: 't', lines: ['l'] }] }, 'updated');
  await settled();
  assert.deepEqual(emitted[0]?.body[2], ['Evidence']);
});

test('figures are told together, once for a thousand changes, and only those that differ', async () => {
  const { house, said, clock } = announcing();
  for (let i = 0; i < 1000; i++) house.fire();
  await settled();
  await said();
  await clock.advance(100);
  assert.deepEqual(await said(), ['figures CriticalCount FiringCount OmittedCount LastSeq']);
  await clock.advance(5000);
  assert.deepEqual(await said(), []);
});

test('health that changes without an alert is told within a second', async () => {
  const { house, said, clock } = announcing();
  house.healthAnswer = { status: 'unhealthy', components: {} };
  await clock.advance(1000);
  assert.deepEqual(await said(), ['figures Health']);
});

test('objects are bounded, what is left out is counted, and the worst of them comes next', async () => {
  const { house, objects, said, clock } = announcing();
  const first = house.fire({ severity: 'warning' });
  for (let i = 1; i < alertObjectsMax; i++) house.fire({ severity: 'warning' });
  house.fire({ severity: 'info' });
  const worst = house.fire({ severity: 'critical' });
  await said();
  await clock.advance(100);
  await said();
  assert.equal(objects.list().length, alertObjectsMax);
  assert.equal(objects.omitted(), 2);
  house.resolve(first.id);
  assert.deepEqual(await said(), [
    `AlertResolved ${first.id}`,
    `InterfacesRemoved ${pathOf(first.id)}`,
    `InterfacesAdded ${pathOf(worst.id)}`,
  ]);
  await clock.advance(100);
  assert.deepEqual(await said(), ['figures WarningCount FiringCount OmittedCount LastSeq']);
});

test('at the beginning the worst alerts are the objects, and nothing is said of them', async () => {
  const house = new FakeHouse();
  for (let i = 0; i < alertObjectsMax; i++) house.fire({ severity: 'info' });
  const worst = house.fire({ severity: 'critical' });
  const { objects, said } = announcing(house);
  assert.deepEqual(await said(), []);
  assert.ok(objects.find(pathOf(worst.id)));
  assert.equal(objects.omitted(), 1);
});

test('while nobody can hear it nothing is said, and the objects follow', async () => {
  const { announcer, house, objects, said } = announcing();
  announcer.setHeard(false);
  house.fire();
  assert.deepEqual(await said(), []);
  assert.equal(objects.list().length, 1);
});

test('while the bus takes nothing, nothing is kept, and afterwards all is told in order', async () => {
  const { house, said, voice } = announcing();
  const { promise, resolve } = Promise.withResolvers<void>();
  voice.ready = () => promise;
  const fired = Array.from({ length: 500 }, () => house.fire().id);
  assert.deepEqual(await said(), []);
  voice.ready = () => Promise.resolve();
  resolve();
  const told = (await said()).filter((one) => one.startsWith('AlertRaised'));
  assert.deepEqual(
    told,
    fired.map((id) => `AlertRaised ${id}`),
  );
});

test('where retention was faster than the bus, the objects are told as they are now', async () => {
  const { house, objects, said, voice } = announcing();
  const gone = house.fire();
  await said();
  const { promise, resolve } = Promise.withResolvers<void>();
  voice.ready = () => promise;
  house.fire();
  await settled();
  for (let i = 0; i < 300; i++) house.fire();
  house.resolve(gone.id);
  house.forget(290);
  voice.ready = () => Promise.resolve();
  resolve();
  const told = await said();
  assert.ok(told.includes(`InterfacesRemoved ${pathOf(gone.id)}`));
  assert.equal(objects.find(pathOf(gone.id)), undefined);
  assert.equal(objects.count(), 301);
});

test('a log that cannot be read is written down, and read again with the next look', async () => {
  const { house, bugs, clock, said } = announcing();
  const after = house.feed.after.bind(house.feed);
  Object.assign(house.feed, { after: async () => Promise.reject(new Error('torn')) });
  const { id } = house.fire();
  assert.deepEqual(await said(), []);
  assert.match(String(bugs[0]), /torn/);
  Object.assign(house.feed, { after });
  await clock.advance(1000);
  assert.ok((await said()).includes(`AlertRaised ${id}`));
});

test('after the end nothing is said', async () => {
  const { announcer, house, said, clock } = announcing();
  announcer.stop();
  house.fire();
  await clock.advance(5000);
  assert.deepEqual(await said(), []);
});

test('texts that no bus takes are said with what stands for them', async () => {
  const { house, emitted } = announcing();
  house.fire({ title: 'a\0b\ud800c' });
  await settled();
  const raised = emitted.find(({ member }) => member === 'AlertRaised');
  assert.equal(raised?.interface, managerInterface);
  assert.equal(raised?.body[2], 'a\ufffdb\ufffdc');
});

test('in a storm every turn of the loop has its time for others', async () => {
  const { house, emitted } = announcing();
  house.isMute = true;
  for (let i = 0; i < 2000; i++) house.fire({ severity: 'info' });
  house.isMute = false;
  const last = house.fire();
  let most = 0;
  const isTold = (): boolean => emitted.at(-1)?.body[0] === last.id;
  for (let before = 0; !isTold(); before = emitted.length) {
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, emitted.length - before);
  }
  assert.ok(most < 1000, `${most} signals in one turn`);
});
