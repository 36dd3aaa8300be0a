import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen, listenEvents, openWebSocket } from './testing/listen.ts';
import { logIn, type Served, serve, tokenOf } from './testing/serve.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The answer to an upgrade that was refused. */
const refusalOf = (
  served: Served,
  query: string,
  headers: Record<string, string>,
  door: 'local' | 'api' | 'listen',
) =>
  new Promise<number>((resolve, reject) => {
    const webSocket = openWebSocket(served, query, { headers, door });
    webSocket.on('unexpected-response', (_, answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    webSocket.on('open', () => {
      webSocket.terminate();
      resolve(101);
    });
    webSocket.on('error', reject);
  });

const refusals: readonly {
  name: string;
  door: 'local' | 'api' | 'listen';
  query?: string;
  headers: (served: { readonly port: number; readonly cookie: string }) => Record<string, string>;
  status: number;
}[] = [
  { name: 'no token', door: 'api', headers: () => ({}), status: 401 },
  {
    name: 'a token',
    door: 'api',
    headers: () => ({ authorization: `Bearer ${tokenOf('viewer')}` }),
    status: 101,
  },
  {
    name: 'a token from a foreign page',
    door: 'api',
    headers: () => ({
      authorization: `Bearer ${tokenOf('viewer')}`,
      origin: 'https://evil.example',
    }),
    status: 403,
  },
  {
    name: 'a token from our page behind nginx',
    door: 'api',
    headers: () => ({
      authorization: `Bearer ${tokenOf('viewer')}`,
      host: 'appliance.example:8443',
      origin: 'https://appliance.example:8443',
    }),
    status: 101,
  },
  {
    name: 'an Origin',
    door: 'local',
    headers: () => ({ origin: 'http://localhost' }),
    status: 403,
  },
  { name: 'an unknown type', door: 'local', query: '?types=x', headers: () => ({}), status: 400 },
  { name: 'a broken matcher', door: 'local', query: '?filter=x', headers: () => ({}), status: 400 },
  { name: 'a negative since', door: 'local', query: '?since=-1', headers: () => ({}), status: 400 },
  {
    name: 'a cookie and no Origin',
    door: 'listen',
    headers: ({ cookie }) => ({ cookie }),
    status: 403,
  },
  {
    name: 'a cookie and our Origin',
    door: 'listen',
    headers: ({ cookie, port }) => ({
      cookie,
      origin: `http://127.0.0.1:${port}`,
    }),
    status: 101,
  },
  {
    name: 'a cookie and the Origin of another port',
    door: 'listen',
    headers: ({ cookie }) => ({ cookie, origin: 'http://127.0.0.1:1' }),
    status: 403,
  },
];

test('an upgrade is open only to whom it should be', async (t) => {
  const served = await serve(t);
  const cookie = await logIn(served, 'listen', 'viewer');
  for (const { name, door, query = '', headers, status } of refusals) {
    await t.test(`${door}: ${name}: ${status}`, async () => {
      assert.equal(
        await refusalOf(served, query, headers({ port: served.port, cookie }), door),
        status,
      );
    });
  }
});

test('too many clients are refused, and one that leaves makes room', async (t) => {
  const served = await serve(t, { limits: { clientsMax: 2 } });
  const first = await listen(served);
  await listenEvents(served);
  assert.equal(served.api.streamClients(), 2);
  assert.equal(await refusalOf(served, '', {}, 'local'), 503);
  const path = '/api/v1/monitoring/events';
  const headers = { accept: 'text/event-stream' };
  assert.equal((await served.ask(path, { headers })).at('code'), 'too-many-clients');
  first.close();
  await first.ended;
  while (served.api.streamClients() > 1) await nextTurn();
  await listen(served);
});
