/**
 * Every route as every role and as nobody, at each door, made from the tables: what a row says of
 * its permission is what happens, and no route is left out.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { commands } from '../cli/commands.ts';
import { minutes } from '../domain/time.ts';
import type { Role } from '../operations/house.ts';
import type { Operation, Permission } from '../operations/operation.ts';
import { operations } from '../operations/registry.ts';
import { alertmanagerOperations } from './alertmanager/operations.ts';
import type { Door } from './doors.ts';
import type { Peer } from './identity.ts';
import { openWebSocket } from './testing/listen.ts';
import { type Asked, logIn, type Served, serve, tokenOf } from './testing/serve.ts';

let served: Served;
const closers: (() => Promise<void> | void)[] = [];
before(async () => {
  served = await serve({ after: (close) => closers.push(close as () => Promise<void>) });
  cookies.viewer = await logIn(served, 'api', 'viewer');
  cookies.operator = await logIn(served, 'api', 'operator');
  cookies.admin = await logIn(served, 'api', 'admin');
});
after(async () => {
  for (const close of closers) await close();
});

const rank: Readonly<Record<Role | Permission, number>> = {
  none: 0,
  viewer: 1,
  read: 1,
  operator: 2,
  write: 2,
  admin: 3,
};
const cookies = { viewer: '', operator: '', admin: '' };
const host = 'appliance.example';
const page = { host, origin: `https://${host}`, 'x-tocsin-csrf': '1' };
const peers: Readonly<Record<'none' | 'viewer' | 'admin', Peer>> = {
  none: { uid: 7, gid: 7, groups: [] },
  viewer: { uid: 7, gid: 7, groups: [501] },
  admin: { uid: 7, gid: 7, groups: [500] },
};

interface Visitor {
  readonly name: string;
  readonly door: Door;
  readonly role: Role;
  readonly peer?: Peer;
  readonly headers: () => Readonly<Record<string, string>>;
  /** What who may not is answered: nobody is asked who it is. */
  readonly refusal: 401 | 403;
}

const given = ['viewer', 'operator', 'admin'] as const;
const visitors: readonly Visitor[] = [
  ...(['none', 'viewer', 'admin'] as const).map(
    (role): Visitor => ({
      name: `a user with the role ${role}`,
      door: 'local',
      role,
      peer: peers[role],
      headers: () => ({}),
      refusal: 403,
    }),
  ),
  ...(['api', 'listen'] as const).flatMap((door): readonly Visitor[] => [
    { name: 'nobody', door, role: 'none', headers: () => ({}), refusal: 401 },
    ...given.map(
      (role): Visitor => ({
        name: `the token of ${role}`,
        door,
        role,
        headers: () => ({ authorization: `Bearer ${tokenOf(role)}` }),
        refusal: 403,
      }),
    ),
  ]),
  ...given.map(
    (role): Visitor => ({
      name: `the session of ${role}`,
      door: 'api',
      role,
      headers: () => ({ ...page, cookie: cookies[role] }),
      refusal: 403,
    }),
  ),
];

const scrape = { name: 'metrics.scrape', method: 'GET', path: '/metrics', permission: 'read' };
type Row = Pick<Operation, 'name' | 'method' | 'path' | 'permission'>;
// To log out is open to everybody, and would end the sessions that are tried here.
const rows: readonly Row[] = [...operations, ...alertmanagerOperations, scrape as Row].filter(
  ({ name }) => name !== 'session.close',
);

/** An id that nothing has: who may ask is told so, and nothing is done. */
const target = ({ path }: Row): string =>
  path.replace(/:kind\b/, 'nothing').replaceAll(/:\w+(?:\{[^}]*\})?/g, 'nothing00');

for (const visitor of visitors) {
  const { name, door, role, peer, headers, refusal } = visitor;
  test(`at ${door} ${name} may do what its role allows, and nothing else`, async () => {
    if (peer !== undefined) served.peer = peer;
    const wrong: string[] = [];
    for (const row of rows) {
      const body = row.method === 'GET' || row.method === 'DELETE' ? {} : { body: {} };
      const asked: Asked = { method: row.method, headers: headers(), ...body };
      const { status, text } = await served.askAt(door, target(row), asked);
      const may = rank[role] >= rank[row.permission];
      const isRefused = status === 401 || status === 403;
      // To open a session needs a token, whatever the role.
      const isExempt = row.name === 'session.open' && status === 401;
      if (!isExempt && (isRefused === may || (isRefused && status !== refusal)))
        wrong.push(
          `${row.method} ${row.path} (${row.permission}): ${status} ${text.slice(0, 200)}`,
        );
    }
    assert.deepEqual(wrong, []);
    await served.clock.advance(minutes(1));
  });

  test(`at ${door} ${name} ${rank[role] >= rank.read ? 'may' : 'may not'} follow the stream`, async () => {
    if (peer !== undefined) served.peer = peer;
    const webSocket = openWebSocket(served, '', { door, headers: headers() });
    const status = await new Promise<number>((resolve, reject) => {
      webSocket.on('open', () => resolve(101));
      webSocket.on('unexpected-response', (_, answer) => resolve(answer.statusCode ?? 0));
      webSocket.on('error', reject);
    });
    webSocket.on('error', () => undefined);
    webSocket.terminate();
    assert.equal(status, rank[role] >= rank.read ? 101 : refusal);
  });
}

test('every command asks for operations that there are', () => {
  const names = new Set(operations.map(({ name }) => name));
  const strange = commands.flatMap((one) => one.operations.filter((name) => !names.has(name)));
  assert.deepEqual(strange, []);
});

test('commands that look need no more than the role viewer', () => {
  const looking =
    /^(status|health|metrics|check|(alert|event|unit|rule|channel|delivery|silence|task|maintenance) (list|show))$/;
  const byName = new Map(operations.map((operation) => [operation.name, operation]));
  const tooMuch = commands
    .filter(({ name }) => looking.test(name))
    .filter(({ operations: names }) =>
      names.some((name) => rank[byName.get(name)?.permission ?? 'admin'] > rank.read),
    )
    .map(({ name }) => name);
  assert.deepEqual(tooMuch, []);
});
