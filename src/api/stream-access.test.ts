/** Who may no longer look hears nothing more, within 30 seconds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes, seconds } from '../domain/time.ts';
import { listen, listenEvents, openWebSocket } from './testing/listen.ts';
import { logIn, type Served, serve, tokenOf } from './testing/serve.ts';

const host = 'appliance.example';
const page = { host, origin: `https://${host}` };
const bearer = { authorization: `Bearer ${tokenOf('operator')}` };

/** The clocks of house and doors go on together. */
async function pass(served: Served, time: number): Promise<void> {
  for (let left = time; left > 0; left -= seconds(5)) {
    served.house.clock += Math.min(left, seconds(5));
    await served.clock.advance(Math.min(left, seconds(5)));
  }
}

const endings: readonly {
  name: string;
  end: (served: Served) => Promise<unknown>;
  token: 'ends' | 'stays';
}[] = [
  {
    name: 'the token is revoked',
    end: ({ house }) => house.access.revokeToken('testoperator'),
    token: 'ends',
  },
  {
    name: 'the token is rotated at once',
    end: ({ house }) => house.access.rotateToken('testoperator', 0),
    token: 'ends',
  },
  {
    name: 'the overlap of a rotation is over',
    async end(served) {
      await served.house.access.rotateToken('testoperator', minutes(1));
      await pass(served, minutes(1));
    },
    token: 'ends',
  },
  {
    name: 'the role is lowered',
    end: ({ house }) => house.access.changeToken('testoperator', 'viewer'),
    token: 'ends',
  },
  {
    name: 'the role is raised',
    end: ({ house }) => house.access.changeToken('testoperator', 'admin'),
    token: 'stays',
  },
  {
    name: 'another token is revoked',
    end: ({ house }) => house.access.revokeToken('testviewer'),
    token: 'stays',
  },
];
for (const { name, end, token } of endings) {
  test(`a stream ${token} when ${name}`, async (t) => {
    const served = await serve(t);
    const webSocket = await listen(served, '', { door: 'api', headers: bearer });
    const events = await listenEvents(served, '', { door: 'api', headers: bearer });
    const other = await listen(served);
    await end(served);
    await pass(served, seconds(30));
    const open = token === 'ends' ? 1 : 3;
    assert.equal(served.api.streamClients(), open);
    if (token === 'ends') {
      assert.equal(await webSocket.ended, 4401);
      await events.ended;
    }
    // Whoever still may is told what happens.
    served.house.fire();
    await other.until((heard) => heard.some(({ type }) => type === 'alert'));
    assert.equal(webSocket.heard.length, token === 'ends' ? 1 : 2);
    for (const one of [webSocket, events, other]) one.close();
  });
}

test('a stream ends with the session that it was opened with', async (t) => {
  const served = await serve(t);
  const cookie = await logIn(served, 'api', 'viewer');
  const opening = { door: 'api', headers: { ...page, cookie } } as const;
  const webSocket = await listen(served, '', opening);
  const headers = { ...page, cookie, 'x-tocsin-csrf': '1' };
  await served.askAt('api', '/api/v1/session', { method: 'DELETE', headers });
  await pass(served, seconds(5));
  assert.equal(served.api.streamClients(), 0);
  assert.equal(await webSocket.ended, 4401);
});

test('a stream alone does not keep a session alive', async (t) => {
  const served = await serve(t);
  const cookie = await logIn(served, 'api', 'viewer');
  const webSocket = await listen(served, '', { door: 'api', headers: { ...page, cookie } });
  await pass(served, minutes(30));
  assert.equal(served.api.streamClients(), 0);
  assert.equal(await webSocket.ended, 4401);
});

const ticketOf = async (served: Served, headers = bearer): Promise<string> => {
  const path = '/api/v1/monitoring/stream-ticket';
  const answer = await served.askAt('api', path, { method: 'POST', headers });
  return String(answer.at('ticket'));
};

test('a ticket opens one stream, of either sort, with the rights of who asked for it', async (t) => {
  const served = await serve(t);
  const first = `?ticket=${await ticketOf(served)}&types=alert`;
  const second = `?types=alert&ticket=${await ticketOf(served)}`;
  const webSocket = await listen(served, first, { door: 'api' });
  const events = await listenEvents(served, second, { door: 'api' });
  assert.deepEqual([webSocket.heard.length, events.heard.length], [1, 1]);
  const again = openWebSocket(served, first, { door: 'api' });
  const status = await new Promise((resolve) =>
    again.on('unexpected-response', (_, answer) => resolve(answer.statusCode)),
  );
  again.on('error', () => undefined);
  again.terminate();
  assert.equal(status, 401);
  await served.house.access.revokeToken('testoperator');
  await pass(served, seconds(5));
  assert.equal(served.api.streamClients(), 0);
  assert.equal(await webSocket.ended, 4401);
  events.close();
});

test('a ticket opens nothing but a stream', async (t) => {
  const served = await serve(t);
  const ticket = await ticketOf(served);
  for (const path of ['/api/v1/monitoring/alerts', '/metrics', '/am/api/v2/status'])
    assert.equal((await served.askAt('api', `${path}?ticket=${ticket}`)).status, 401, path);
  const headers = { accept: 'text/event-stream' };
  const two = `/api/v1/monitoring/events?ticket=${ticket}&ticket=${ticket}`;
  assert.equal((await served.askAt('api', two, { headers })).status, 401);
});
