/** Every member, as every role; and calls that do not fit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Role } from '../operations/house.ts';
import { refusals } from '../operations/refusals.ts';
import { encodeMessage } from '../platform/bus/encode.ts';
import { messageType } from '../platform/bus/message.ts';
import { alertMethods, alertSpec } from './alert.ts';
import { createDesk, type Desk, outcomeOf } from './door.fixture.ts';
import { errorNameOf } from './errors.ts';
import { managerMethods } from './manager.ts';
import { type Method, roleFor, signatureOf } from './member.ts';
import {
  alertInterface,
  alertsPath,
  managerInterface,
  pathOfAlert,
  rootPath,
  standard,
} from './names.ts';

const roles: readonly Role[] = ['none', 'viewer', 'operator', 'admin'];
const rank = (role: Role): number => roles.indexOf(role);

const idOf = ({ house }: Desk): string => house.activeAlerts()[0]?.id ?? '';
const pathIn = (desk: Desk): string => pathOfAlert(idOf(desk));

/** Arguments that each method takes in the furnished house, by interface and name. */
const samples: Readonly<Record<string, (id: string) => readonly unknown[]>> = {
  'Manager.ListAlerts': () => [{ severity: 'critical,warning', acknowledged: false, limit: 5 }],
  'Manager.GetAlert': (id) => [id],
  'Manager.Acknowledge': (id) => [id, 'I go'],
  'Manager.Resolve': (id) => [id, ''],
  'Manager.Silence': () => [[['unit', 'x.service']], 3600n, 'repair'],
  'Manager.Report': () => [{ severity: 'info', source: 'task', title: 'Tape ordered' }],
  'Manager.ReportTask': () => [{ job: 'copy', key: 'k', exitStatus: 1 }],
  'Manager.GetHealth': () => [],
  'Manager.Explain': (id) => [id],
  'Manager.Reload': () => [],
  'Alert.Acknowledge': () => ['I go'],
  'Alert.Resolve': () => ['mended'],
};

interface Row {
  readonly path: (desk: Desk) => string;
  readonly interface: string;
  readonly label: string;
  readonly method: Pick<Method<never>, 'name' | 'takes' | 'gives' | 'action'>;
}

const rows: readonly Row[] = [
  ...managerMethods.map((method) => ({
    path: () => rootPath,
    interface: managerInterface,
    label: `Manager.${method.name}`,
    method,
  })),
  ...alertMethods.map((method) => ({
    path: pathIn,
    interface: alertInterface,
    label: `Alert.${method.name}`,
    method,
  })),
];

function askRow(desk: Desk, row: Row) {
  const body = samples[row.label]?.(idOf(desk)) ?? [];
  const signature = signatureOf(row.method.takes);
  return desk.ask(row.path(desk), row.interface, row.method.name, signature, body);
}

for (const row of rows) {
  for (const role of roles) {
    const needed = roleFor[row.method.action ?? 'reload'];
    // GetHealth tells everybody the status, and the parts to those who may read.
    const may = rank(role) >= rank(needed) || row.label === 'Manager.GetHealth';
    test(`${row.label} is ${may ? 'open' : 'closed'} to the role ${role}`, async () => {
      const desk = createDesk();
      desk.role = role;
      const changes = desk.house.changes.length;
      const reply = await askRow(desk, row);
      assert.equal(outcomeOf(reply), may ? 'return' : 'NotPermitted', JSON.stringify(reply));
      assert.deepEqual(desk.asked, [row.method.action]);
      if (!may) assert.equal(desk.house.changes.length, changes, 'something was changed');
      assert.deepEqual(desk.bugs, []);
    });
  }

  test(`${row.label} answers what its types say`, async () => {
    const reply = await askRow(createDesk(), row);
    assert.ok(reply.type === 'return');
    assert.equal(reply.signature, signatureOf(row.method.gives));
    const { signature, body } = reply;
    encodeMessage({ type: messageType.return, serial: 1, replySerial: 1, signature, body });
  });

  test(`${row.label} with other types is InvalidArgs, and nobody is asked for a right`, async () => {
    const desk = createDesk();
    const reply = await desk.ask(row.path(desk), row.interface, row.method.name, 'aay', [[]]);
    assert.equal(outcomeOf(reply), 'InvalidArgs');
    assert.deepEqual(desk.asked, []);
  });
}

test('a right that a password would give is asked for as the specification says', async () => {
  const desk = createDesk();
  desk.role = 'none';
  desk.afterPassword = true;
  const acknowledge = (isInteractive: boolean) =>
    desk.ask(pathIn(desk), alertInterface, 'Acknowledge', 's', [''], { isInteractive });
  assert.equal(outcomeOf(await acknowledge(false)), 'InteractiveAuthorizationRequired');
  assert.equal(outcomeOf(await acknowledge(true)), 'NotPermitted');
});

test('a caller who has left meanwhile changes nothing', async () => {
  const desk = createDesk();
  const gone = AbortSignal.abort();
  await desk.ask(pathIn(desk), alertInterface, 'Acknowledge', 's', [''], { gone });
  assert.equal(desk.house.activeAlerts()[0]?.acknowledged, false);
});

const wrong: readonly (readonly [what: string, ask: Parameters<Desk['ask']>, error: string])[] = [
  ['no object', ['/org/tocsin1/alert/none', alertInterface, 'Resolve', 's', ['']], 'UnknownObject'],
  ['no such path', ['/com/example', standard.peer, 'Ping'], 'UnknownObject'],
  ['no interface', [rootPath, 'org.tocsin1.Alert', 'Resolve', 's', ['']], 'UnknownInterface'],
  ['no method', [rootPath, managerInterface, 'Destroy'], 'UnknownMethod'],
  ['no method anywhere', [rootPath, '', 'constructor'], 'UnknownMethod'],
  [
    'no property',
    [rootPath, standard.properties, 'Get', 'ss', [managerInterface, 'Colour']],
    'UnknownProperty',
  ],
  [
    'no interface of it',
    [rootPath, standard.properties, 'GetAll', 's', ['a.B']],
    'UnknownInterface',
  ],
  [
    'to be set',
    [rootPath, standard.properties, 'Set', 'ssv', [managerInterface, 'Health', 'x']],
    'PropertyReadOnly',
  ],
  [
    'no alert',
    [rootPath, managerInterface, 'GetAlert', 's', ['01ARZ3NDEKTSV4RRFFQ69G5FAV']],
    'AlertUnknown',
  ],
  ['no id', [rootPath, managerInterface, 'GetAlert', 's', ['../x y']], 'InvalidInput'],
  [
    'no filter',
    [rootPath, managerInterface, 'ListAlerts', 'a{sv}', [{ colour: 'red' }]],
    'InvalidInput',
  ],
  [
    'a number too large',
    [rootPath, managerInterface, 'Report', 'a{sv}', [{ title: 2n ** 63n }]],
    'InvalidInput',
  ],
  [
    'an eternity',
    [rootPath, managerInterface, 'Silence', 'a(ss)ts', [[['a', 'b']], 2n ** 64n - 1n, 'x']],
    'InvalidInput',
  ],
  [
    'all alerts silenced',
    [rootPath, managerInterface, 'Silence', 'a(ss)ts', [[], 60n, 'x']],
    'InvalidInput',
  ],
];
for (const [what, ask, error] of wrong)
  test(`what is asked of ${what} is ${error}`, async () => {
    const desk = createDesk();
    assert.equal(outcomeOf(await desk.ask(...ask)), error);
    assert.deepEqual(desk.bugs, []);
  });

test('a call without an interface finds the one that has the method', async () => {
  assert.equal(outcomeOf(await createDesk().ask(rootPath, '', 'GetHealth')), 'return');
});

test('properties and objects are closed to who may not read', async () => {
  const desk = createDesk();
  desk.role = 'none';
  const asks: readonly Parameters<Desk['ask']>[] = [
    [rootPath, standard.properties, 'GetAll', 's', [managerInterface]],
    [pathIn(desk), standard.properties, 'Get', 'ss', [alertInterface, 'Title']],
    [rootPath, standard.objectManager, 'GetManagedObjects'],
    [alertsPath, standard.introspectable, 'Introspect'],
  ];
  for (const ask of asks) assert.equal(outcomeOf(await desk.ask(...ask)), 'NotPermitted');
  desk.role = 'viewer';
  for (const ask of asks) assert.equal(outcomeOf(await desk.ask(...ask)), 'return');
});

test('what is the same on every machine is told to everybody, and nobody is asked for a right', async () => {
  const desk = createDesk();
  desk.role = 'none';
  for (const path of ['/', rootPath, pathIn(desk)])
    assert.equal(outcomeOf(await desk.ask(path, standard.introspectable, 'Introspect')), 'return');
  assert.equal(outcomeOf(await desk.ask(alertsPath, standard.peer, 'Ping')), 'return');
  assert.deepEqual(desk.asked, []);
});

test('every property of an alert has the type that is declared', async () => {
  const desk = createDesk();
  const all = await desk.ask(pathIn(desk), standard.properties, 'GetAll', 's', [alertInterface]);
  assert.ok(all.type === 'return');
  const values = all.body[0] as ReadonlyMap<string, { signature: string }>;
  const declared = new Map(alertSpec.properties.map(({ name, type }) => [name, type]));
  assert.deepEqual([...values.keys()].toSorted(), [...declared.keys()].toSorted());
  for (const [name, { signature }] of values)
    if (name !== 'Value') assert.equal(signature, declared.get(name), name);
});

test('a bug in an operation is told as Internal, and written down', async () => {
  const desk = createDesk();
  desk.house.health = () => {
    throw new Error('a bug');
  };
  const reply = await desk.ask(rootPath, managerInterface, 'GetHealth');
  assert.equal(outcomeOf(reply), 'Internal');
  assert.equal(desk.bugs.length, 1);
});

test('a refused reload says why', async () => {
  const desk = createDesk();
  desk.house.reloadAnswer = 'a.yaml:1:2: no';
  const reply = await desk.ask(rootPath, managerInterface, 'Reload');
  assert.ok(reply.type === 'error');
  assert.equal(reply.name, 'org.tocsin1.Error.ConfigurationRefused');
  assert.match(reply.message, /a\.yaml:1:2/);
});

test('every refusal has a name that the bus takes', () => {
  for (const code of Object.keys(refusals) as (keyof typeof refusals)[])
    assert.match(errorNameOf(code), /^org\.tocsin1\.Error(\.[A-Z][A-Za-z]+)$/);
});
