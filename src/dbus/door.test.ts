/** The life of the door: it opens when it can, says why it cannot, and never gives up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../test/support/fake-clock.ts';
import { minutes, seconds } from '../domain/time.ts';
import { furnishedHouse } from '../operations/furnished-house.fixture.ts';
import type { SystemBus } from '../platform/system-bus.ts';
import { BusDoor } from './door.ts';
import { callTo, FakeServiceBus } from './fake-service.ts';
import { managerInterface, rootPath } from './names.ts';

const noBus: SystemBus = { connect: async () => ({ type: 'refused', why: 'none' }) };

function openDoor(bus = new FakeServiceBus()) {
  const clock = new FakeClock();
  const house = furnishedHouse();
  const troubles: (string | null)[] = [];
  const logged: string[] = [];
  const write = (line: string): void => void logged.push(line);
  const door = new BusDoor({
    house,
    bus,
    polkitBus: noBus,
    clock,
    log: { error: write, warning: write, notice: write, info: write },
    tell: (trouble) => void troubles.push(trouble),
    adminGroup: () => 990,
    ownUid: 997,
    machineId: () => undefined,
  });
  door.start();
  return { bus, clock, door, house, logged, trouble: () => troubles.at(-1) };
}

test('it owns the name, answers and announces', async () => {
  const { bus, door, house, trouble } = openDoor();
  await settled();
  assert.equal(trouble(), null);
  bus.credentials = { uid: 0, groups: [] };
  const reply = await bus.call(callTo(rootPath, managerInterface, 'GetHealth'));
  assert.ok(reply.type === 'return');
  assert.deepEqual(reply.body[0], 'degraded');
  house.fire();
  await settled();
  assert.deepEqual(bus.said(), ['InterfacesAdded', 'AlertRaised']);
  await door.stop();
});

test('a bus that is not there is tried after 1, 2, 4 … 30 s, for ever', async () => {
  const { bus, clock, door, trouble } = openDoor(
    Object.assign(new FakeServiceBus(), { refusal: 'no such file' }),
  );
  await settled();
  assert.equal(trouble(), 'no such file');
  const at: number[] = [];
  for (let second = 0; second < 125; second++) {
    const before = bus.connects;
    await clock.advance(seconds(1));
    if (bus.connects > before) at.push(second + 1);
  }
  assert.deepEqual(at, [1, 3, 7, 15, 31, 61, 91, 121]);
  bus.refusal = null;
  await clock.advance(seconds(30));
  assert.equal(trouble(), null);
  await door.stop();
});

test('a name that the bus refuses, as before its policy is read, is asked for until it is ours', async () => {
  const bus = new FakeServiceBus();
  bus.nameAnswer = { type: 'refused', why: 'Connection ":1.5" is not allowed to own the service' };
  const { clock, door, logged, trouble } = openDoor(bus);
  await clock.advance(seconds(3));
  assert.match(trouble() ?? '', /not allowed to own/);
  assert.equal(bus.requests, 3);
  assert.equal(bus.connects, 1);
  bus.nameAnswer = { type: 'owned' };
  await clock.advance(seconds(4));
  assert.equal(trouble(), null);
  assert.equal(logged.length, 2, 'the beginning and the end of it');
  await door.stop();
});

test('a name that the bus refused is asked for as soon as the bus has read its policies anew', async () => {
  const bus = new FakeServiceBus();
  bus.nameAnswer = { type: 'refused', why: 'not allowed to own the service' };
  const { clock, door, trouble } = openDoor(bus);
  await clock.advance(minutes(5));
  assert.match(trouble() ?? '', /not allowed to own/);
  bus.policyRead();
  await settled();
  assert.equal(trouble(), null);
  await door.stop();
});

test('a name that is taken says whose it is, and is ours as soon as it is free', async () => {
  const bus = new FakeServiceBus();
  bus.nameAnswer = { type: 'taken' };
  const { clock, door, house, trouble } = openDoor(bus);
  await clock.advance(minutes(2));
  assert.match(trouble() ?? '', /belongs to :1\.66 of uid 1000/);
  house.fire();
  await settled();
  assert.deepEqual(bus.said(), [], 'who has not the name says nothing');
  bus.nameFreed();
  await settled();
  assert.equal(trouble(), null);
  house.fire();
  await settled();
  assert.deepEqual(bus.said(), ['InterfacesAdded', 'AlertRaised']);
  await door.stop();
});

test('a name that is lost is asked for again, and nothing is said meanwhile', async () => {
  const { bus, clock, door, house, trouble } = openDoor();
  await settled();
  bus.nameLost();
  await settled();
  assert.match(trouble() ?? '', /belongs to/);
  house.fire();
  await settled();
  assert.deepEqual(bus.said(), []);
  bus.nameAnswer = { type: 'owned' };
  await clock.advance(seconds(2));
  assert.equal(trouble(), null);
  await door.stop();
});

test('a bus that is lost is met again within a second or so, however often, with all objects', async () => {
  const { bus, clock, door, house, trouble } = openDoor();
  await settled();
  for (let round = 0; round < 20; round++) {
    bus.lose('the bus closed the connection');
    await settled();
    assert.equal(trouble(), 'the bus closed the connection');
    house.fire();
    await clock.advance(seconds(1));
    assert.equal(trouble(), null, `round ${round}`);
  }
  bus.credentials = { uid: 0, groups: [] };
  const filter = { signature: 'a{sv}', body: [{ limit: 1000 }] };
  const reply = await bus.call(callTo(rootPath, managerInterface, 'ListAlerts', filter));
  assert.ok(reply.type === 'return');
  assert.equal((reply.body[0] as unknown[]).length, 21);
  assert.deepEqual(bus.said(), [], 'who was not there reads the objects anew');
  await door.stop();
});

test('a bus that does not answer is told as that, and after a minute met anew', async () => {
  const { bus, clock, door, trouble } = openDoor();
  await settled();
  bus.isSilent = true;
  await clock.advance(seconds(20));
  assert.equal(trouble(), 'the bus does not answer');
  assert.equal(bus.connects, 1);
  await clock.advance(minutes(1));
  assert.ok(bus.connects > 1);
  bus.isSilent = false;
  await clock.advance(minutes(1));
  assert.equal(trouble(), null);
  await door.stop();
});

test('a forged loss of the name changes nothing', async () => {
  const { bus, door, house } = openDoor();
  await settled();
  const requests = bus.requests;
  bus.signal({
    sender: ':1.66',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    member: 'NameLost',
    body: ['org.tocsin1'],
  });
  house.fire();
  await settled();
  assert.equal(bus.requests, requests);
  assert.deepEqual(bus.said(), ['InterfacesAdded', 'AlertRaised']);
  await door.stop();
});
