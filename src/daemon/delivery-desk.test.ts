/** Channels, routes and what nobody was told of, as operations see them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Member } from '../config/readers.ts';
import { channelOf } from '../delivery/dispatch/world.fixture.ts';
import { PumpRig } from '../delivery/pump.fixture.ts';
import { minutes, seconds } from '../domain/time.ts';
import { createDeliveryDesk } from './delivery-desk.ts';

const down = { type: 'retry', why: 'connection refused', maybe: false } as const;
const delivered = { type: 'delivered', detail: 'ok' } as const;

async function setUp(members: Readonly<Record<string, Member>> = {}) {
  const rig = new PumpRig();
  rig.profiles = [
    channelOf('mail', { groupWait: 0, groupInterval: 0 }),
    channelOf('night', { severities: ['critical'], matchers: ['source=tape'] }),
    channelOf('off', { enabled: false }),
  ];
  await rig.start();
  const desk = createDeliveryDesk({
    pump: rig.pump,
    clock: rig.clock,
    store: { listDeliveries: async () => [] },
    profiles: () => rig.profiles,
    members: () => members,
    nobodyToldAfter: () => minutes(5),
    findAlert: (id) => rig.house.findAlert(id),
  });
  return { rig, desk };
}

test('a channel is unknown, then failing with the reason, then healthy', async () => {
  const { rig, desk } = await setUp();
  const health = () => {
    const [mail] = desk.channels();
    return [mail?.health, mail?.reason, mail?.waiting];
  };
  assert.deepEqual(health(), ['unknown', null, 0]);
  rig.house.fire();
  await rig.clock.advance(100);
  const [message] = await rig.given();
  await rig.report(message?.key ?? '', down);
  assert.deepEqual(health(), ['failing', 'connection refused', 1]);
  await rig.clock.advance(seconds(3));
  await rig.report(message?.key ?? '', delivered);
  assert.deepEqual(health(), ['healthy', null, 0]);
  assert.equal(desk.channels()[0]?.sentLastHour, 1);
});

test('a message that nobody comes for makes its channel a failing one', async () => {
  const { rig, desk } = await setUp();
  rig.house.fire();
  await rig.clock.advance(minutes(2));
  assert.match(desk.channels()[0]?.reason ?? '', /nobody has come/);
});

test('settings are shown without what an address may hide', async () => {
  const secret = { credential: 'tocsin.smtp' };
  const url = 'https://hooks.example.com/services/T0/B0/xyz';
  const { desk } = await setUp({ mail: { type: 'memory', url, password: secret, port: 25 } });
  assert.deepEqual(desk.channels()[0]?.settings, {
    url: 'https://hooks.example.com/…',
    password: secret,
    port: 25,
  });
});

test('every channel says whether it tells of an alert, and why', async () => {
  const { rig, desk } = await setUp();
  const { id } = rig.house.fire();
  await rig.clock.advance(100);
  const [message] = await rig.given();
  await rig.report(message?.key ?? '', delivered);
  const routes = await desk.routesOf(id);
  assert.deepEqual(
    routes?.map(({ channel, tells }) => [channel, tells]),
    [
      ['mail', true],
      ['night', false],
      ['off', false],
    ],
  );
  assert.match(routes?.[0]?.why ?? '', /^told at 2026-/);
  assert.match(routes?.[1]?.why ?? '', /matcher source="tape" does not hold/);
  assert.equal(await desk.routesOf('none'), undefined);
});

test('critical alerts that no channel has taken in time are untold, until one has', async () => {
  const { rig, desk } = await setUp();
  const { id } = rig.house.fire();
  rig.house.fire({ severity: 'warning' });
  rig.house.fire({ acknowledged: true });
  rig.house.fire({ rule: 'nobody-told' });
  await rig.clock.advance(minutes(4));
  assert.deepEqual(desk.untold(), { alertIds: [], since: null });
  await rig.clock.advance(minutes(2));
  assert.deepEqual(desk.untold().alertIds, [id]);
  for (const message of await rig.given()) await rig.report(message.key, delivered);
  await rig.clock.advance(seconds(1));
  for (const message of await rig.given()) await rig.report(message.key, delivered);
  assert.deepEqual(desk.untold().alertIds, []);
});

test('what the journal has taken is told to nobody', async () => {
  const { rig, desk } = await setUp();
  rig.profiles = [{ ...channelOf('log', { groupWait: 0 }), type: 'journal' }];
  await rig.pump.configure(rig.profiles);
  const { id } = rig.house.fire();
  await rig.clock.advance(100);
  const [message] = await rig.given('log');
  await rig.report(message?.key ?? '', delivered, 'log');
  await rig.clock.advance(minutes(6));
  assert.deepEqual(desk.untold().alertIds, [id]);
});

test('only a channel that is there and on can be tested', async () => {
  const { desk } = await setUp();
  assert.equal(await desk.test('none', 'uid:0'), undefined);
  assert.equal((await desk.test('off', 'uid:0'))?.outcome.type, 'refused');
});
