import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { minutes } from '../domain/time.ts';
import { logIn, type Served, serve, tokenOf } from './testing/serve.ts';

let served: Served;
const closers: (() => Promise<void> | void)[] = [];
before(async () => {
  const origins = (): string[] => ['https://front.example'];
  served = await serve(
    { after: (close) => closers.push(close as () => Promise<void>) },
    { access: { origins } },
  );
});
after(async () => {
  for (const close of closers) await close();
});
// Wrong tokens are slowed down: a test does not wait for it.
beforeEach(() => served.clock.advance(minutes(1)));

const session = '/api/v1/session';
const read = '/api/v1/monitoring/alerts';
const write = '/api/v1/monitoring/alerts/acknowledge';
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const host = 'appliance.example:8443';
const ours = { host, origin: `https://${host}` };
const ownHeader = { 'x-tocsin-csrf': '1' };

test('a token opens a session, whose cookie no script and no other page gets', async () => {
  const headers = { ...ours, ...bearer(tokenOf('operator')) };
  const answer = await served.askAt('api', session, { method: 'POST', headers });
  assert.equal(answer.status, 200, answer.text);
  const [cookie = ''] = answer.headers['set-cookie'] ?? [];
  const [value = '', ...attributes] = cookie.split('; ');
  assert.match(value, /^__Host-tocsin=[0-9a-z]{10}[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(attributes, ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Strict']);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.ok(!answer.text.includes(value.slice(-43)));
  assert.partialDeepStrictEqual(JSON.parse(answer.text), {
    name: 'token:operator',
    role: 'operator',
    by: 'session',
    idleSeconds: 1800,
  });
});

test('the session says who one is, and so does everything else that one can show', async () => {
  const who = async (door: 'local' | 'api', headers = {}) => {
    const answer = await served.askAt(door, session, { headers });
    return [answer.at('name'), answer.at('role'), answer.at('by')];
  };
  const cookie = await logIn(served, 'api', 'viewer');
  assert.deepEqual(await who('api', { cookie }), ['token:viewer', 'viewer', 'session']);
  const admin = bearer(tokenOf('admin'));
  assert.deepEqual(await who('api', admin), ['token:admin', 'admin', 'token']);
  assert.deepEqual(await who('api'), ['anonymous', 'none', 'nothing']);
  assert.deepEqual(await who('local'), ['uid:0', 'admin', 'peer']);
});

test('who has shown no token gets no session', async () => {
  const cookie = await logIn(served, 'api', 'viewer');
  const all = { ...ours, ...ownHeader };
  const asked = [
    await served.askAt('api', session, { method: 'POST', headers: all }),
    await served.askAt('api', session, { method: 'POST', headers: { ...all, cookie } }),
    await served.ask(session, { method: 'POST' }),
  ];
  assert.deepEqual(
    asked.map(({ status }) => status),
    [401, 401, 401],
  );
});

test('after logging out the cookie is nothing, and is taken away', async () => {
  const cookie = await logIn(served, 'api', 'viewer');
  const headers = { ...ours, ...ownHeader, cookie };
  const answer = await served.askAt('api', session, { method: 'DELETE', headers });
  assert.deepEqual([answer.status, answer.at('closed')], [200, true]);
  const [gone = ''] = answer.headers['set-cookie'] ?? [];
  assert.match(gone, /^__Host-tocsin=; Path=\/; Secure; .*Max-Age=0$/);
  assert.equal((await served.askAt('api', read, { headers: { cookie } })).status, 401);
});

test('the development door has a cookie that travels without TLS', async () => {
  const cookie = await logIn(served, 'listen', 'viewer');
  assert.match(cookie, /^tocsin=/);
  assert.equal((await served.askAt('listen', read, { headers: { cookie } })).status, 200);
  const secret = cookie.slice('tocsin='.length);
  const at = async (header: string) =>
    (await served.askAt('api', read, { headers: { cookie: header } })).status;
  assert.equal(await at(cookie), 401);
  assert.equal(await at(`__Host-tocsin=${secret}`), 200);
});

const uses: readonly {
  name: string;
  headers: Readonly<Record<string, string>>;
  path?: string;
  status: number;
}[] = [
  { name: 'reading', headers: {}, path: read, status: 200 },
  { name: 'reading from our page', headers: ours, path: read, status: 200 },
  {
    name: 'reading from another site',
    headers: { 'sec-fetch-site': 'cross-site' },
    path: read,
    status: 403,
  },
  {
    name: 'reading from another port',
    headers: { 'sec-fetch-site': 'same-site' },
    path: read,
    status: 403,
  },
  { name: 'opening the address', headers: { 'sec-fetch-site': 'none' }, path: read, status: 200 },
  {
    name: 'following a link from another port',
    headers: { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'document' },
    path: read,
    status: 200,
  },
  {
    name: 'being framed by another port',
    headers: { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'iframe' },
    path: read,
    status: 403,
  },
  {
    name: 'writing by a form of another port',
    headers: { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'document' },
    status: 403,
  },
  // A right that is there meets the next complaint: 400 about the empty input.
  { name: 'writing from our page', headers: { ...ours, ...ownHeader }, status: 400 },
  {
    name: 'writing from our page in a new browser',
    headers: { ...ours, ...ownHeader, 'sec-fetch-site': 'same-origin' },
    status: 400,
  },
  { name: 'writing without the header of our page', headers: ours, status: 403 },
  { name: 'writing without an Origin', headers: ownHeader, status: 403 },
  {
    name: 'writing by typing an address',
    headers: { ...ours, ...ownHeader, 'sec-fetch-site': 'none' },
    status: 403,
  },
  {
    name: 'writing from another port of the same host',
    headers: { ...ownHeader, host, origin: 'https://appliance.example:9443' },
    status: 403,
  },
  {
    name: 'writing from the same host without TLS',
    headers: { ...ownHeader, host, origin: `http://${host}` },
    status: 403,
  },
  {
    name: 'writing from an Origin that is ours but for its letters',
    headers: { ...ownHeader, host, origin: `https://${host}/` },
    status: 403,
  },
  { name: 'writing from no page', headers: { ...ownHeader, host, origin: 'null' }, status: 403 },
  {
    name: 'writing from a page of the settings',
    headers: {
      ...ownHeader,
      host,
      origin: 'https://front.example',
      'sec-fetch-site': 'cross-site',
    },
    status: 400,
  },
  {
    name: 'writing with a bearer beside it: judged by that alone',
    headers: bearer(tokenOf('viewer')),
    status: 403,
  },
  { name: 'reading with a wrong bearer beside it', headers: bearer('x'), path: read, status: 401 },
  { name: 'a user that nginx names', headers: { 'x-forwarded-user': 'root' }, status: 403 },
];
for (const { name, headers, path = write, status } of uses) {
  test(`with the cookie of an operator ${name}: ${status}`, async () => {
    const all = { cookie: `a=b; ${await logIn(served, 'api', 'operator')}`, ...headers };
    const asked = path === read ? { headers: all } : { method: 'POST', headers: all, body: {} };
    const answer = await served.askAt('api', path, asked);
    assert.equal(answer.status, status, answer.text);
  });
}

test('a bearer without the right is refused although the cookie has it', async () => {
  const cookie = await logIn(served, 'api', 'admin');
  const headers = { cookie, ...bearer(tokenOf('viewer')) };
  const answer = await served.askAt('api', write, { method: 'POST', headers, body: {} });
  assert.equal(answer.at('code'), 'not-permitted');
});

test('two cookies of the name are none: somebody has put one beside ours', async () => {
  const cookie = await logIn(served, 'api', 'viewer');
  const headers = { cookie: `${cookie}; __Host-tocsin=x` };
  assert.equal((await served.askAt('api', read, { headers })).status, 401);
});

test('the page takes the token from the address into a session and leads away from it', async () => {
  const answer = await served.askAt('listen', `/?token=${tokenOf('viewer')}`);
  assert.deepEqual([answer.status, answer.headers.location], [303, '/']);
  const [cookie = ''] = answer.headers['set-cookie'] ?? [];
  assert.match(cookie, /^tocsin=[^;]{53}; Path=\/; HttpOnly; SameSite=Strict$/);
  assert.equal((await served.askAt('listen', '/?token=wrong')).status, 401);
  assert.equal((await served.askAt('listen', `${read}?token=${tokenOf('viewer')}`)).status, 401);
  const elsewhere = await served.askAt('api', `/?token=${tokenOf('viewer')}`);
  assert.equal(elsewhere.headers['set-cookie'], undefined);
});

const foreigners: readonly { name: string; headers: () => Record<string, string> }[] = [
  { name: 'another name', headers: () => ({ host: `evil.example:${served.port}` }) },
  { name: 'a wrong port', headers: () => ({ host: '127.0.0.1:1' }) },
  { name: 'another page', headers: () => ({ origin: 'http://127.0.0.1:1' }) },
];
for (const { name, headers } of foreigners) {
  test(`the development door is closed to ${name}`, async () => {
    const cookie = await logIn(served, 'listen', 'viewer');
    const answer = await served.askAt('listen', read, { headers: { cookie, ...headers() } });
    assert.equal(answer.at('code'), 'origin-refused');
  });
}

test('a form with a cookie is no JSON', async () => {
  const cookie = await logIn(served, 'api', 'operator');
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const headers = { ...ours, ...ownHeader, ...type, cookie };
  const answer = await served.askAt('api', write, { method: 'POST', headers, body: {} });
  assert.equal(answer.status, 415);
});

test('a secret is shown once, whatever Idempotency-Key asks for it again', async () => {
  const asked = {
    method: 'POST',
    body: { name: 'grafana', role: 'viewer' },
    headers: { 'idempotency-key': 'k' },
  };
  const first = await served.ask('/api/v1/tokens', asked);
  assert.deepEqual([first.status, first.headers['cache-control']], [201, 'no-store']);
  const again = await served.ask('/api/v1/tokens', asked);
  assert.equal(again.at('code'), 'token-exists');
  const kept = JSON.stringify([served.house.kept, served.records, served.house.audit]);
  assert.ok(!kept.includes(String(first.at('secret')).slice(-43)));
  assert.equal(first.headers.location, `/api/v1/tokens/${String(first.at('id'))}`);
});

const wishes: readonly { name: string; body: object; says: unknown }[] = [
  {
    name: 'scopes are the least role that has them all',
    body: { scopes: ['monitoring:write', 'monitoring:read'] },
    says: 'operator',
  },
  { name: 'admin is a scope too', body: { scopes: ['monitoring:admin'] }, says: 'admin' },
  { name: 'an unknown scope is refused', body: { scopes: ['monitoring:all'] }, says: 400 },
  { name: 'neither role nor scopes is refused', body: {}, says: 400 },
  { name: 'both are refused', body: { role: 'viewer', scopes: ['monitoring:read'] }, says: 400 },
  {
    name: 'an end in the past is refused',
    body: { role: 'viewer', expires: '2020-01-01T00:00:00Z' },
    says: 400,
  },
  { name: 'an end in ten days is taken', body: { role: 'viewer', expires: '10d' }, says: 'viewer' },
  { name: 'the role none is refused', body: { role: 'none' }, says: 400 },
];
for (const [number, { name, body, says }] of wishes.entries()) {
  test(`of a new token ${name}`, async () => {
    const wish = { name: `t${number}`, ...body };
    const answer = await served.ask('/api/v1/tokens', { method: 'POST', body: wish });
    assert.equal(answer.status === 201 ? answer.at('role') : answer.status, says, answer.text);
  });
}
