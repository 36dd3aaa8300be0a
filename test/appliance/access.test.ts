/** Tokens and sessions on the whole daemon: made on local.sock, used on api.sock, over restarts. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { ask, startDaemon, type TestDaemon } from '../support/daemon.ts';

let daemon: TestDaemon;
before(async () => {
  daemon = await startDaemon();
});
after(() => daemon.end());

const api = () => join(dirname(daemon.socket), 'api.sock');
const read = '/api/v1/monitoring/alerts';
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const statusWith = async (headers: Readonly<Record<string, string>>) =>
  (await ask(api(), 'GET', read, undefined, headers)).status;

/** A stream with this token: resolves when it is open, `ended` with its close code. */
async function follow(secret: string): Promise<{ ended: Promise<number> }> {
  const address = `ws+unix:${api()}:/api/v1/monitoring/events`;
  const webSocket = new WebSocket(address, { headers: bearer(secret) });
  const ended = new Promise<number>((resolve) => webSocket.on('close', resolve));
  await new Promise((resolve, reject) => {
    webSocket.on('open', resolve);
    webSocket.on('error', reject);
  });
  return { ended };
}

/** The command line, as a user has it. */
const tocsin = (...args: string[]): string =>
  execFileSync(
    process.execPath,
    [join(import.meta.dirname, '../../src/cli/main.ts'), ...args, '--socket', daemon.socket],
    { encoding: 'utf8' },
  );

test('a token works at once, over a kill, and until it is revoked; then its stream ends', async () => {
  const made = await daemon.post('/api/v1/tokens', { name: 'grafana', role: 'viewer' });
  assert.equal(made.status, 201);
  const { id, secret } = made.body;
  assert.equal(await statusWith(bearer(secret)), 200);
  const opened = await ask(api(), 'POST', '/api/v1/session', undefined, bearer(secret));
  const cookie = opened.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  assert.equal(await statusWith({ cookie }), 200);
  await daemon.end('SIGKILL');
  daemon = await daemon.again();
  assert.deepEqual([await statusWith(bearer(secret)), await statusWith({ cookie })], [200, 200]);
  const { ended } = await follow(secret);
  const revoked = await ask(daemon.socket, 'DELETE', `/api/v1/tokens/${id}`);
  assert.equal(revoked.status, 200);
  assert.deepEqual([await statusWith(bearer(secret)), await statusWith({ cookie })], [401, 401]);
  assert.equal(await ended, 4401);
});

test('a token that expires is nothing from then on', async () => {
  const made = await daemon.post('/api/v1/tokens', {
    name: 'guest',
    role: 'viewer',
    expires: '1s',
  });
  const seen = new Set<number>();
  // So quick a caller is also told that it asks too much.
  while (!seen.has(401)) seen.add(await statusWith(bearer(made.body.secret)));
  seen.delete(429);
  assert.deepEqual([...seen], [200, 401]);
});

test('the command line makes, rotates and revokes tokens, and no secret is kept', async () => {
  const made = JSON.parse(tocsin('token', 'create', 'karma', '--role', 'operator', '-o', 'json'));
  assert.equal(await statusWith(bearer(made.secret)), 200);
  const told = tocsin('token', 'rotate', 'karma', '--overlap', '0s');
  const [fresh = ''] = /toc_\S+/.exec(told) ?? [];
  assert.equal(await statusWith(bearer(made.secret)), 401);
  assert.equal(await statusWith(bearer(fresh)), 200);
  const { body: audit } = await daemon.get('/api/v1/audit');
  const deeds = new Set(audit.items.map((row: { operation: string }) => row.operation));
  assert.ok(deeds.has('token.create') && deeds.has('token.rotate'), [...deeds].join());
  tocsin('token', 'revoke', 'karma');
  assert.equal(await statusWith(bearer(fresh)), 401);
  const kept = [
    JSON.stringify(audit),
    daemon.log(),
    readFileSync(join(daemon.stateDir, 'tocsin.db'), 'latin1'),
    readFileSync(join(daemon.stateDir, 'tocsin.db-wal'), 'latin1'),
  ];
  for (const secret of [made.secret, fresh])
    assert.ok(!kept.some((text) => text.includes(secret.slice(-43))), 'a secret is kept');
});
