/** The example site behind Debian's real nginx: TLS, HTTP/2, limits for each address, packing. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import { promisify } from 'node:util';
import { type BehindNginx, startBehindNginx } from '../support/behind-nginx.ts';
import { askSite, firstStatus, listenByEvents, listenByWebSocket, rawTls } from '../support/web.ts';

const alertsPath = '/api/v1/monitoring/alerts';
const streamPath = '/api/v1/monitoring/events';

describe('the example site', { timeout: 120_000 }, () => {
  let house: BehindNginx;
  before(async () => {
    house = await startBehindNginx({ serve: 'site' });
    for (let i = 0; i < 50; i++) await house.raise(`alert ${i}`, 'x'.repeat(1000));
  });
  after(() => house?.end());

  /** One request over HTTP/2: the headers of the answer, and the body's first `chunks` pieces. */
  async function ask2(path: string, headers: Record<string, string>, chunks = Infinity) {
    const session = connectHttp2('https://localhost', {
      createConnection: () =>
        connectTls({
          host: '127.0.0.1',
          port: house.nginx.port,
          ca: house.nginx.ca,
          servername: 'localhost',
          ALPNProtocols: ['h2'],
        }),
    });
    const stream = session.request({ ':path': path, ...headers });
    const [answer] = await once(stream, 'response');
    let body = '';
    let seen = 0;
    for await (const chunk of stream.setEncoding('utf8')) {
      body += chunk;
      seen += 1;
      if (seen >= chunks) break;
    }
    session.destroy();
    return { headers: answer as Record<string, string>, body };
  }

  it('HTTP/2 carries requests, and the stream as server-sent events', async () => {
    const list = await ask2(alertsPath, house.admin);
    assert.equal(Number(list.headers[':status']), 200);
    assert.equal(JSON.parse(list.body).items.length, 50);
    const events = { ...house.admin, accept: 'text/event-stream' };
    const stream = await ask2(`${streamPath}?since=0`, events, 2);
    assert.equal(stream.headers['content-type'], 'text/event-stream');
    assert.match(stream.body, /"hello"/);
  });

  it('a page of its own origin may follow the stream, with port; a foreign one may not', async () => {
    const origin = `https://127.0.0.1:${house.nginx.port}`;
    const own = await listenByEvents(house.nginx, { headers: { ...house.admin, origin } });
    own.close();
    const foreign = { ...house.admin, origin: 'https://evil.example' };
    await assert.rejects(listenByEvents(house.nginx, { headers: foreign }), /403/);
  });

  it('every answer of the TLS site says to come by TLS only, also a refusal', async () => {
    const { admin } = house;
    for (const [path, headers, wanted] of [
      ['/', {}, 200],
      [alertsPath, admin, 200],
      [alertsPath, {}, 401],
      ['/api/v1/rules', admin, 200],
      ['/api/v1/nothing', admin, 404],
      ['/index.html', {}, 404],
      ['/api//x', {}, 404],
    ] as const) {
      const { status, headers: answered } = await askSite(house.nginx, path, { headers });
      assert.equal(status, wanted, path);
      assert.equal(answered['strict-transport-security'], 'max-age=63072000', path);
      assert.doesNotMatch(String(answered.server), /\d/);
    }
  });

  it('without TLS people are sent on, and programs are refused', async () => {
    const ask = async (path: string, headers: Record<string, string>) => {
      const port = house.nginx.plainPort;
      const sent = requestPlain({ host: '127.0.0.1', port, path, headers, agent: false }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      return response.resume();
    };
    const page = await ask('/', { host: 'evil.example' });
    assert.equal(page.statusCode, 301);
    assert.equal(page.headers.location, 'https://localhost/');
    assert.equal((await ask(alertsPath, house.admin)).statusCode, 403);
  });

  it('speaks TLS 1.2 and 1.3, and nothing older', async () => {
    const speak = async (version: SecureVersion): Promise<string | null> => {
      const socket = connectTls({
        host: '127.0.0.1',
        port: house.nginx.port,
        ca: house.nginx.ca,
        minVersion: version,
        maxVersion: version,
        ciphers: 'DEFAULT:@SECLEVEL=0',
      });
      await once(socket, 'secureConnect');
      const spoken = socket.getProtocol();
      socket.destroy();
      return spoken;
    };
    assert.equal(await speak('TLSv1.3'), 'TLSv1.3');
    assert.equal(await speak('TLSv1.2'), 'TLSv1.2');
    await assert.rejects(speak('TLSv1.1'), /alert protocol version/);
  });

  it('packs lists and the page, and holds no event back for it', async () => {
    const packed = { ...house.admin, 'accept-encoding': 'gzip' };
    for (const path of [alertsPath, '/page.js', '/api/v1/openapi.json', '/metrics']) {
      const { headers } = await ask2(path, packed);
      assert.equal(headers['content-encoding'], 'gzip', path);
      assert.match(String(headers.vary), /Accept-Encoding/i);
    }
    const events = { ...packed, accept: 'text/event-stream' };
    const stream = await ask2(streamPath, events, 1);
    assert.equal(stream.headers['content-encoding'], undefined);
    assert.equal((await ask2('/api/v1/rules', packed)).headers['content-encoding'], undefined);
  });

  it('a browser logs in, reads, writes by its own page alone, and logs out', async () => {
    const jar = join(dirname(house.nginx.caFile), 'jar');
    const base = `https://localhost:${house.nginx.port}`;
    /** What curl says: the status, and the body. */
    async function curl(path: string, ...more: readonly string[]) {
      const argv = ['-s', '--cacert', house.nginx.caFile, '-w', '\n%{http_code}', base + path];
      const { stdout } = await promisify(execFile)('curl', [...argv, ...more]);
      const end = stdout.lastIndexOf('\n');
      return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
    }
    const withCookie = ['-b', jar];
    const { headers } = await house.makeToken('person', 'operator');
    const login = ['-X', 'POST', '-H', `Authorization: ${headers.authorization}`];
    assert.equal((await curl('/api/v1/session', '-c', jar, ...login)).status, 200);
    assert.match(
      readFileSync(jar, 'utf8'),
      /#HttpOnly_localhost\tFALSE\t\/\tTRUE\t0\t__Host-tocsin/,
    );

    const who = await curl('/api/v1/session', ...withCookie);
    assert.equal(JSON.parse(who.body).role, 'operator');
    assert.equal((await curl(alertsPath, ...withCookie)).status, 200);
    assert.equal((await curl(alertsPath)).status, 401);

    const alert = JSON.stringify({ severity: 'info', source: 'system', title: 'by a browser' });
    const post = [...withCookie, '-X', 'POST', '-H', 'Content-Type: application/json', '-d', alert];
    const own = ['-H', `Origin: ${base}`];
    const csrf = ['-H', 'X-Tocsin-CSRF: 1'];
    const foreign = ['-H', `Origin: https://localhost:${house.nginx.plainPort}`];
    assert.equal((await curl(alertsPath, ...post)).status, 403);
    assert.equal((await curl(alertsPath, ...post, ...own)).status, 403);
    assert.equal((await curl(alertsPath, ...post, ...foreign, ...csrf)).status, 403);
    assert.equal((await curl(alertsPath, ...post, ...own, ...csrf)).status, 201);

    const cookie = /__Host-tocsin\t(\S+)/.exec(readFileSync(jar, 'utf8'))?.[1] ?? '';
    const page = { cookie: `__Host-tocsin=${cookie}`, origin: base, host: base.slice(8) };
    const stream = await listenByWebSocket(house.nginx, { headers: page });
    const stranger = { ...page, origin: 'https://evil.example' };
    await assert.rejects(listenByWebSocket(house.nginx, { headers: stranger }), /403/);
    const logout = [...withCookie, '-c', jar, '-X', 'DELETE', ...own, ...csrf];
    assert.equal((await curl('/api/v1/session', ...logout)).status, 200);
    const old = { headers: { cookie: page.cookie } };
    assert.equal((await askSite(house.nginx, alertsPath, old)).status, 401);
    await stream.ended;
  });

  it('a ticket opens one stream, and a token that is revoked ends its streams', async () => {
    const { id, headers } = await house.makeToken('dashboard', 'viewer');
    const made = await askSite(house.nginx, '/api/v1/monitoring/stream-ticket', {
      method: 'POST',
      headers,
    });
    const query = `?ticket=${made.body.ticket}`;
    const streams = await Promise.all([
      listenByWebSocket(house.nginx, { query }),
      listenByWebSocket(house.nginx, { headers }),
      listenByEvents(house.nginx, { headers }),
    ]);
    await assert.rejects(listenByWebSocket(house.nginx, { query }), /401/);
    await askSite(house.nginx, `/api/v1/tokens/${id}`, { method: 'DELETE', headers: house.admin });
    await Promise.all(streams.map((stream) => stream.ended));
    assert.equal((await askSite(house.nginx, alertsPath, { headers })).status, 401);
  });

  it('who guesses tokens is held up, and nobody else is', async () => {
    const guess = (from: string) =>
      askSite(house.nginx, '/api/v1/session', {
        method: 'POST',
        headers: { authorization: 'Bearer toc_guess_guess' },
        body: {},
        from,
      });
    const statuses = await Promise.all(Array.from({ length: 40 }, () => guess('127.0.0.9')));
    const heldUp = statuses.filter(({ status }) => status === 429);
    // Six at once, and one more each six seconds.
    assert.ok(heldUp.length >= 32 && heldUp.length <= 34, `${heldUp.length} of 40`);
    assert.equal(heldUp[0]?.headers['content-type'], 'application/problem+json');
    assert.equal(heldUp[0]?.headers['strict-transport-security'], 'max-age=63072000');
    assert.notEqual((await guess('127.0.0.10')).status, 429);
    const other = await askSite(house.nginx, alertsPath, {
      headers: house.admin,
      from: '127.0.0.9',
    });
    assert.equal(other.status, 200);
  });

  it('one address has 64 requests open at once; another does not notice', async () => {
    const from = '127.0.0.11';
    const streams = await Promise.all(
      Array.from({ length: 64 }, () => listenByEvents(house.nginx, { headers: house.admin, from })),
    );
    const ask = async (address: string): Promise<number> =>
      (await askSite(house.nginx, alertsPath, { headers: house.admin, from: address })).status;
    assert.equal(await ask(from), 429);
    assert.equal(await ask('127.0.0.12'), 200);
    for (const stream of streams) stream.close();
  });

  it('headers that are too long are refused before tocsin sees them', async () => {
    const head = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n';
    const bomb = `${head}${`X-A: ${'a'.repeat(7000)}\r\n`.repeat(8)}\r\n`;
    assert.equal(await firstStatus(rawTls(house.nginx), bomb), 400);
    assert.doesNotMatch(house.nginx.log(), /\[(alert|crit|emerg)\]/);
  });
});
