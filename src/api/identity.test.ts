import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Door } from './doors.ts';
import type { Peer } from './identity.ts';
import { type Served, serve, tokenOf } from './testing/serve.ts';

let served: Served;
const closers: (() => Promise<void> | void)[] = [];
before(async () => {
  served = await serve({ after: (close) => closers.push(close as () => Promise<void>) });
});
after(async () => {
  for (const close of closers) await close();
});

const read = '/api/v1/monitoring/alerts';
const write = '/api/v1/monitoring/alerts/acknowledge';
const admin = '/api/v1/rules/validate';

/** The highest right that the caller has, found by trying. */
async function rightsAt(door: Door, headers: Readonly<Record<string, string>>): Promise<string> {
  const asked = { method: 'POST', headers, body: {} };
  // A right that is there meets the next complaint: 400 about the empty input.
  if ((await served.askAt(door, admin, asked)).status === 400) return 'admin';
  if ((await served.askAt(door, write, asked)).status === 400) return 'write';
  const { status } = await served.askAt(door, read, { headers });
  return status === 200 ? 'read' : String(status);
}

const peers: readonly { name: string; peer: Peer | undefined; rights: string }[] = [
  { name: 'root', peer: { uid: 0, gid: 0, groups: [0] }, rights: 'admin' },
  { name: 'our own user', peer: { uid: 990, gid: 990, groups: [990] }, rights: 'admin' },
  { name: 'the group tocsin-admin', peer: { uid: 7, gid: 7, groups: [7, 500] }, rights: 'admin' },
  { name: 'the group tocsin-read', peer: { uid: 7, gid: 7, groups: [7, 501] }, rights: 'read' },
  { name: 'tocsin-read as first group', peer: { uid: 7, gid: 501, groups: [] }, rights: 'read' },
  { name: 'anybody else', peer: { uid: 7, gid: 7, groups: [7, 0] }, rights: '403' },
  { name: 'whoever cannot be known', peer: undefined, rights: '403' },
];

for (const { name, peer, rights } of peers) {
  test(`on local.sock ${name} gets ${rights}`, async () => {
    served.peer = peer;
    assert.equal(await rightsAt('local', {}), rights);
    served.peer = { uid: 0, gid: 0, groups: [] };
  });
}

test('on local.sock a token makes nobody more than the kernel says', async () => {
  served.peer = { uid: 7, gid: 7, groups: [] };
  assert.equal(await rightsAt('local', { authorization: `Bearer ${tokenOf('admin')}` }), '403');
  served.peer = { uid: 0, gid: 0, groups: [] };
});

const browserLike: readonly { name: string; headers: Record<string, string>; status: number }[] = [
  { name: 'an Origin', headers: { origin: 'http://localhost' }, status: 403 },
  { name: 'a Referer', headers: { referer: 'http://localhost/' }, status: 403 },
  { name: 'a foreign Host', headers: { host: 'evil.example' }, status: 403 },
  { name: 'a Host with a port', headers: { host: 'localhost:80' }, status: 403 },
  { name: 'the Host local.sock', headers: { host: 'local.sock' }, status: 200 },
  { name: 'the Host LOCALHOST', headers: { host: 'LOCALHOST' }, status: 200 },
  { name: 'an empty Host', headers: { host: '' }, status: 200 },
];

for (const { name, headers, status } of browserLike) {
  test(`on local.sock ${name}: ${status}`, async () => {
    const answer = await served.ask(read, { headers });
    assert.equal(answer.status, status);
    if (status === 403) assert.equal(answer.at('code'), 'origin-refused');
  });
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const tokens: readonly { name: string; headers: Record<string, string>; rights: string }[] = [
  { name: 'no token', headers: {}, rights: '401' },
  { name: 'a wrong token', headers: bearer('toc_wrong'), rights: '401' },
  { name: 'an empty token', headers: bearer(''), rights: '401' },
  { name: 'another scheme', headers: { authorization: 'Basic YTpi' }, rights: '401' },
  { name: 'a token with odd letters', headers: bearer('a,b'), rights: '401' },
  { name: 'the token of a viewer', headers: bearer(tokenOf('viewer')), rights: 'read' },
  { name: 'the token of an operator', headers: bearer(tokenOf('operator')), rights: 'write' },
  { name: 'the token of an admin', headers: bearer(tokenOf('admin')), rights: 'admin' },
  {
    name: 'the scheme in capitals',
    headers: { authorization: `BEARER ${tokenOf('viewer')}` },
    rights: 'read',
  },
  {
    name: 'a user that nginx names',
    headers: { 'x-forwarded-user': 'root', 'x-tocsin-user': 'root' },
    rights: '401',
  },
];

for (const { name, headers, rights } of tokens) {
  test(`on api.sock ${name} gets ${rights}`, async () => {
    // Wrong tokens are slowed down: a test does not wait for it.
    await served.clock.advance(60_000);
    assert.equal(await rightsAt('api', headers), rights);
  });
}

test('the peer of api.sock is nginx, whoever it runs as', async () => {
  served.peer = { uid: 0, gid: 0, groups: [] };
  assert.equal(await rightsAt('api', {}), '401');
});

test('401 says how to authenticate', async () => {
  const answer = await served.askAt('api', read);
  assert.equal(answer.headers['www-authenticate'], 'Bearer realm="tocsin"');
});

test('what needs no right needs no token', async () => {
  for (const path of ['/livez', '/readyz', '/api/v1/openapi.json', '/problems', '/']) {
    assert.equal((await served.askAt('api', path)).status, 200, path);
  }
  const { text } = await served.askAt('api', '/api/v1/health');
  assert.equal(text, '{"status":"healthy"}');
});
