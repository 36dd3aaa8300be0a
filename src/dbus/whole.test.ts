/** The whole door on a real bus, seen by another implementation; and what no caller should send. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import * as foreign from 'dbus-next';
import fc from 'fast-check';
import { type PrivateBus, startBus } from '../../test/support/bus.ts';
import { connectOurs, connectRaw } from '../../test/support/bus-client.ts';
import { furnishedHouse } from '../operations/furnished-house.fixture.ts';
import { encodeMessage } from '../platform/bus/encode.ts';
import { messageType } from '../platform/bus/message.ts';
import { serviceBus } from '../platform/bus/service.ts';
import { systemClock } from '../platform/clock.ts';
import { systemBus } from '../platform/system-bus.ts';
import { BusDoor } from './door.ts';
import { managerSpec } from './manager.ts';
import { signatureOf } from './member.ts';
import {
  alertInterface,
  busName,
  managerInterface,
  pathOfAlert,
  rootPath,
  standard,
} from './names.ts';

const house = furnishedHouse();
const bugs: string[] = [];
let bus: PrivateBus;
let door: BusDoor;
let client: foreign.MessageBus;

before(async () => {
  bus = await startBus();
  const { promise: open, resolve } = Promise.withResolvers<void>();
  const write = (line: string): void => void bugs.push(line);
  door = new BusDoor({
    house,
    bus: serviceBus(bus.address),
    polkitBus: systemBus(bus.address),
    clock: systemClock,
    log: { error: write, warning: write, notice: () => {}, info: () => {} },
    tell: (trouble) => trouble === null && resolve(),
    adminGroup: () => undefined,
    ownUid: process.getuid?.() ?? -1,
    machineId: () => '0123456789abcdef0123456789abcdef',
  });
  door.start();
  await open;
  client = foreign.sessionBus({ busAddress: bus.address });
  client.on('error', () => {});
  await once(client, 'connect');
});
after(async () => {
  client.disconnect();
  await door.stop();
  await bus.stop();
});

type Methods = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

const proxyOf = async (path: string, name: string): Promise<foreign.ClientInterface> =>
  (await client.getProxyObject(busName, path)).getInterface(name);
const methodsOf = async (path: string, name: string): Promise<Methods> =>
  (await proxyOf(path, name)) as unknown as Methods;

test('a foreign client finds its way by introspection alone', async () => {
  const manager = await methodsOf(rootPath, managerInterface);
  const alerts = (await manager.ListAlerts?.({})) as Record<string, foreign.Variant>[];
  const [alert] = house.activeAlerts();
  assert.equal(alerts[0]?.id?.value, alert?.id);
  assert.equal(alerts[0]?.occurrence?.signature, 't');
  const objects = await methodsOf(rootPath, standard.objectManager);
  const managed = (await objects.GetManagedObjects?.()) as object;
  assert.deepEqual(Object.keys(managed), [pathOfAlert(alert?.id ?? '')]);
  const properties = await methodsOf(rootPath, standard.properties);
  const count = (await properties.Get?.(managerInterface, 'FiringCount')) as foreign.Variant;
  assert.deepEqual([count.signature, count.value], ['u', 1]);
});

test('what it changes is done in its name, and all that follow hear of it', async () => {
  const [alert] = house.activeAlerts();
  assert.ok(alert);
  const manager = await proxyOf(rootPath, managerInterface);
  const heard = once(manager, 'AlertChanged');
  const object = await methodsOf(pathOfAlert(alert.id), alertInterface);
  await object.Acknowledge?.('I go');
  assert.deepEqual(await heard, [alert.id, 'acknowledged']);
  assert.partialDeepStrictEqual(house.activeAlerts()[0], {
    acknowledged: true,
    acknowledgedBy: `uid:${process.getuid?.()}`,
    comment: 'I go',
  });
});

test('an error has the name of the refusal', async () => {
  const manager = await methodsOf(rootPath, managerInterface);
  await assert.rejects(async () => manager.GetAlert?.('01ARZ3NDEKTSV4RRFFQ69G5FAV'), {
    type: 'org.tocsin1.Error.AlertUnknown',
  });
});

interface Typed {
  readonly signature: string;
  readonly value: unknown;
}

const text = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  .filter((one) => one.isWellFormed() && !one.includes('\0'));
const typed = (signature: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<Typed> =>
  value.map((one) => ({ signature, value: one }));
const [alertId = ''] = house.activeAlerts().map(({ id }) => id);
const known = ['severity', 'title', 'source', 'job', 'key', 'limit', 'filter', 'labels', 'cursor'];
const words = ['critical', 'task', 'unit="x"', '5m', '__proto__', '', managerInterface, alertId];
const anyText = fc.oneof(text, fc.constantFrom(...words));
const leaf = fc.oneof(
  typed('s', anyText),
  typed('b', fc.boolean()),
  typed('y', fc.integer({ min: 0, max: 255 })),
  typed('i', fc.integer()),
  typed('t', fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  typed('x', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  typed('d', fc.double()),
  typed('o', fc.constantFrom('/', rootPath)),
  typed('as', fc.array(anyText, { maxLength: 5 })),
  typed('ay', fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 300 })),
  typed('a(ss)', fc.array(fc.tuple(anyText, anyText), { maxLength: 30 })),
);
const argument = fc.letrec<{ any: Typed }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    leaf,
    typed('v', tie('any')),
    typed('av', fc.array(tie('any'), { maxLength: 4 })),
    typed(
      'a{sv}',
      fc.dictionary(fc.oneof(fc.constantFrom(...known, '__proto__'), text), tie('any'), {
        maxKeys: 6,
      }),
    ),
  ),
})).any;

const sometimesTheirs = managerSpec.methods.map(({ name, takes }) => ({
  member: name,
  signature: signatureOf(takes),
}));
const anyCall = fc.record({
  path: fc.constantFrom('/', rootPath, rootPath, `${rootPath}/alert`, pathOfAlert(alertId)),
  interface: fc.constantFrom(managerInterface, alertInterface, ...Object.values(standard)),
  member: fc.constantFrom(...sometimesTheirs.map(({ member }) => member), 'Get', 'GetAll', 'Set'),
  values: fc.array(argument, { maxLength: 3 }),
});
/** Calls whose types are right, so that the values come as far as the operations. */
const fittingCall = fc
  .tuple(
    fc.dictionary(fc.oneof(fc.constantFrom(...known), text), argument, { maxKeys: 6 }),
    fc.constantFrom('ListAlerts', 'Report', 'ReportTask'),
  )
  .map(([value, member]) => ({
    path: rootPath,
    interface: managerInterface,
    member,
    values: [{ signature: 'a{sv}', value }],
  }));

test('whatever is called is answered, and is never a bug', async () => {
  const caller = await connectOurs(bus.address);
  await fc.assert(
    fc.asyncProperty(fc.oneof(anyCall, fittingCall), async ({ values, ...call }) => {
      const answer = await caller.call({
        ...call,
        destination: busName,
        signature: values.map(({ signature }) => signature).join(''),
        body: values.map(({ value }) => value),
        timeout: 5000,
      });
      assert.ok(answer.type === 'returned' || answer.type === 'error', answer.type);
      if (answer.type === 'error') assert.doesNotMatch(answer.name, /Internal|Failed|NoReply/);
    }),
    { numRuns: 400 },
  );
  caller.close();
  assert.deepEqual(bugs, []);
});

test('callers who leave at once, and want no answers, leave nothing behind', async () => {
  const calls = (flags: number): Buffer =>
    Buffer.concat(
      Array.from({ length: 100 }, (_, i) =>
        encodeMessage({
          type: messageType.call,
          flags,
          serial: i + 2,
          destination: busName,
          path: rootPath,
          interface: managerInterface,
          member: 'ListAlerts',
          signature: 'a{sv}',
          body: [{}],
        }),
      ),
    );
  for (let round = 0; round < 20; round++) {
    const raw = await connectRaw(bus.address);
    raw.on('error', () => {});
    raw.write(calls(round % 2), () => raw.destroy());
    await once(raw, 'close');
  }
  const caller = await connectOurs(bus.address);
  const ping = { destination: busName, path: '/', interface: standard.peer, member: 'Ping' };
  const pings = await Promise.all(Array.from({ length: 30 }, () => caller.call(ping)));
  assert.ok(pings.every(({ type }) => type === 'returned'));
  caller.close();
  assert.deepEqual(bugs, []);
});

test('who never reads what he asks for is no hindrance to others', async () => {
  const raw = await connectRaw(bus.address);
  raw.on('error', () => {}).pause();
  const call = { destination: busName, path: rootPath, interface: standard.introspectable };
  const message = { ...call, member: 'Introspect', type: messageType.call, signature: '' };
  for (let i = 0; i < 2000; i++) raw.write(encodeMessage({ ...message, serial: i + 2, body: [] }));
  const caller = await connectOurs(bus.address);
  for (let i = 0; i < 20; i++)
    assert.equal((await caller.call({ ...call, member: 'Introspect' })).type, 'returned');
  caller.close();
  raw.destroy();
});
