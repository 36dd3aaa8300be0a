/** Headers as nobody should send them: no crash, no doubt, nobody let in (CVE-2019-3804). */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { minutes } from '../domain/time.ts';
import { logIn, type Served, serve, tokenOf } from './testing/serve.ts';

let served: Served;
let cookie: string;
const closers: (() => Promise<void> | void)[] = [];
before(async () => {
  served = await serve({ after: (close) => closers.push(close as () => Promise<void>) });
  cookie = await logIn(served, 'api', 'viewer');
});
after(async () => {
  for (const close of closers) await close();
});

/** Sends bytes as they are; the status of the answer, 0 when the connection just ends. */
const statusOf = (lines: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = connect(served.socketOf('api'));
    let told = '';
    socket.on('data', (bytes) => {
      told += bytes.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(told)?.[1] ?? 0)));
    const text = `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`;
    socket.end(Buffer.from(text, 'latin1'));
  });

const request = ['GET /api/v1/monitoring/alerts HTTP/1.1', 'Host: localhost'];
// What ends a line or the request would be another header.
const latin = fc
  .string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })
  .map((text) => text.replaceAll(/[\r\n]/g, ''));
const name = fc.constantFrom('Authorization', 'Cookie', 'Origin', 'Sec-Fetch-Site', 'Upgrade');
const prefix = fc.constantFrom(
  '',
  'Bearer ',
  'bearer toc_',
  'Bearer toc_testviewer_',
  'Basic ',
  '__Host-tocsin=',
  'a=b; __Host-tocsin=',
  'tocsin=',
  'https://',
);

test('no header makes us fall, and none lets anybody in', async () => {
  const header = fc.tuple(name, prefix, latin);
  await fc.assert(
    fc.asyncProperty(fc.array(header, { minLength: 1, maxLength: 4 }), async (headers) => {
      await served.clock.advance(minutes(1));
      const lines = headers.map(([key, start, rest]) => `${key}: ${start}${rest}`);
      const status = await statusOf([...request, ...lines]);
      assert.ok([400, 401, 403, 404, 429].includes(status), `${status}: ${JSON.stringify(lines)}`);
    }),
    { numRuns: 300 },
  );
  assert.deepEqual(served.bugs, []);
});

test('beside something valid no other header makes more of it than it is', async () => {
  const valid = fc.constantFrom(
    () => `Authorization: Bearer ${tokenOf('viewer')}`,
    () => `Cookie: ${cookie}`,
  );
  const forged = fc.tuple(
    fc.constantFrom('X-Forwarded-User', 'X-Tocsin-User', 'X-Remote-User', 'Forwarded', 'X-Real-IP'),
    fc.constantFrom('root', 'uid:0', 'admin', 'token:admin'),
  );
  await fc.assert(
    fc.asyncProperty(valid, fc.array(forged, { maxLength: 4 }), async (line, headers) => {
      const more = headers.map(([key, value]) => `${key}: ${value}`);
      const own = ['Host: a.example', 'Origin: https://a.example', 'X-Tocsin-CSRF: 1', line()];
      assert.equal(await statusOf([...request.slice(0, 1), ...own, ...more]), 200);
      const admin = ['GET /api/v1/tokens HTTP/1.1', ...own, ...more];
      assert.equal(await statusOf(admin), 403);
    }),
    { numRuns: 40 },
  );
});

const raw: readonly { name: string; lines: readonly string[]; status: number }[] = [
  { name: '100 headers', lines: Array.from({ length: 100 }, (_, i) => `X-A${i}: b`), status: 431 },
  { name: 'a header of 20 kB', lines: [`X-A: ${'b'.repeat(20_000)}`], status: 431 },
  { name: 'two cookies', lines: ['Cookie: a=b', 'Cookie: c=d'], status: 400 },
  { name: 'two Origins', lines: ['Origin: https://a', 'Origin: https://b'], status: 400 },
  { name: 'a folded header', lines: ['X-A: b', ' c'], status: 400 },
  { name: 'a space before the colon', lines: ['Authorization : Bearer x'], status: 400 },
  { name: 'a NUL', lines: ['Authorization: Bearer \0'], status: 400 },
];
for (const { name: what, lines, status } of raw) {
  test(`${what}: ${status}`, async () => {
    await served.clock.advance(minutes(1));
    assert.equal(await statusOf([...request, ...lines]), status);
  });
}

test('what is no HTTP is answered with a problem, as a body without a length is', async () => {
  const body = '{"a":1}';
  for (const path of ['/api/v1/session', '/api/v1/silences/x', '/api/v1/rules/x']) {
    // Node's client gives the body of a DELETE no length; the answer is held against the document.
    const answer = await served.askAt('api', path, { method: 'DELETE', body });
    assert.deepEqual([answer.status, answer.at('code')], [400, 'invalid-request']);
    assert.equal(answer.headers.connection, 'close');
  }
});

test('what is no HTTP behind an answer that has begun ends the connection, and nothing else', async () => {
  const socket = connect(served.socketOf('api'));
  const bytes: Buffer[] = [];
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const begun = new Promise((resolve) => socket.once('data', resolve));
  socket.on('data', (chunk: Buffer) => void bytes.push(chunk));
  const bearer = `Authorization: Bearer ${tokenOf('viewer')}`;
  const path = '/api/v1/monitoring/events';
  const lines = [`GET ${path} HTTP/1.1`, 'Host: a', bearer, 'Accept: text/event-stream'];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  await begun;
  socket.write('{"a":1}\r\n\r\n');
  await closed;
  const told = Buffer.concat(bytes).toString();
  assert.match(told, /^HTTP\/1\.1 200 /);
  assert.doesNotMatch(told, /invalid-request/);
});

const bodies: readonly { name: string; body: string; status: number }[] = [
  { name: 'a __proto__', body: '{"ids": ["a"], "__proto__": {"role": "admin"}}', status: 400 },
  { name: 'a hidden __proto__', body: '{"ids": [{"\\u005f_proto__": 1}]}', status: 400 },
  { name: 'a constructor', body: '{"ids": ["a"], "constructor": {"prototype": 1}}', status: 400 },
  { name: 'an infinite number', body: '{"ids": [1e400]}', status: 400 },
  { name: 'depth', body: `${'['.repeat(5000)}${']'.repeat(5000)}`, status: 400 },
  { name: 'a list', body: '[]', status: 400 },
  { name: 'half a surrogate', body: '{"ids": ["\\ud800"]}', status: 400 },
  { name: '70 kB', body: `{"ids": ["${'a'.repeat(70_000)}"]}`, status: 413 },
];
for (const { name: what, body, status } of bodies) {
  test(`a body with ${what}: ${status}`, async () => {
    const path = '/api/v1/monitoring/alerts/acknowledge';
    const headers = { authorization: `Bearer ${tokenOf('operator')}` };
    const answer = await served.askAt('api', path, { method: 'POST', headers, body });
    assert.equal(answer.status, status, answer.text);
  });
}

test('what anybody may send is looked through at once, however it is quoted', async () => {
  const body = `"${'\\"'.repeat(32_000)}`;
  const begun = performance.now();
  const answer = await served.askAt('local', '/api/v1/session', { method: 'POST', body });
  assert.equal(answer.status, 400, answer.text);
  // 20 ms; a search that begins anew at each quote takes 1.7 s.
  assert.ok(performance.now() - begun < 500, `${performance.now() - begun} ms`);
});
