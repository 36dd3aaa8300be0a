/**
 * tocsin behind Debian's real nginx, with the snippet that we ship: what goes through, what nginx
 * adds and takes away, and what becomes of streams when nginx is changed, killed or gone.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { eventually } from '../support/appliance.ts';
import { type BehindNginx, startBehindNginx } from '../support/behind-nginx.ts';
import type { Listener } from '../support/gathering.ts';
import { startNginx } from '../support/nginx.ts';
import { commandLine } from '../support/tocsin.ts';
import { askSite, listenByEvents, listenByWebSocket } from '../support/web.ts';

const project = join(import.meta.dirname, '../..');
const alertsPath = '/api/v1/monitoring/alerts';
const streamPath = '/api/v1/monitoring/events';

/** What an administrator's or an attacker's proxy would say of who is asking. */
const forged = {
  'x-tocsin-user': 'root',
  'x-tocsin-role': 'admin',
  'x-remote-user': 'root',
  'remote-user': 'root',
  'x-forwarded-user': 'root',
  'x-forwarded-email': 'root@appliance.example',
  'x-forwarded-groups': 'tocsin-admin',
  'x-forwarded-preferred-username': 'root',
  'x-webauth-user': 'root',
  'x-forwarded-for': '127.0.0.1',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'http',
  'x-real-ip': '127.0.0.1',
  forwarded: 'for=127.0.0.1;host=evil.example',
  'x-original-url': '/api/v1/tokens',
  'x-rewrite-url': '/api/v1/tokens',
  'x-http-method-override': 'DELETE',
  proxy: 'http://evil.example',
};

/** Each location of the snippet: the page, REST, the stream, and rules inside it. */
const locations = [
  '/',
  '/api/v1/health',
  streamPath,
  '/api/v1/rules/unit-failed',
  '/am/',
  '/metrics',
];

/** A backend that tells which headers have come; and where it listens. */
async function startEcho(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-echo-'));
  chmodSync(folder, 0o711);
  const socket = join(folder, 'api.sock');
  const server = createServer((request: IncomingMessage, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ url: request.url, headers: request.headers }));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  chmodSync(socket, 0o666);
  t.after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });
  return socket;
}

describe('the snippet in a bare server block', { timeout: 120_000 }, () => {
  let house: BehindNginx;
  before(async () => {
    house = await startBehindNginx();
  });
  after(() => house?.end());

  const { json } = commandLine(() => house.daemon());
  const ask = (path: string, headers: Record<string, string> = {}) =>
    askSite(house.nginx, path, { headers: { ...house.admin, ...headers } });

  it('everything that tocsin has is reached, and answers as on its own socket', async () => {
    await house.raise('through nginx');
    const pages = ['/', '/page.js', '/page.css', '/livez', '/readyz?verbose', '/problems'];
    const more = ['/problems/not-found', '/api/v1/openapi.json', '/api/v1/rules'];
    for (const path of [...pages, ...more, alertsPath, '/api/v1/resources']) {
      const [here, there] = await Promise.all([ask(path), house.daemon().get(path)]);
      assert.equal(here.status, 200, path);
      assert.deepEqual(here.body, there.body, path);
      assert.equal(here.headers['content-type'], there.headers['content-type'], path);
    }
    const [alert] = (await ask('/am/api/v2/alerts')).body;
    assert.match(alert.generatorURL, new RegExp(`^https://127.0.0.1:${house.nginx.port}/`));
    assert.match(String((await ask('/metrics')).body), /^tocsin_build_info\{/m);
    assert.match(String((await ask('/')).headers['content-security-policy']), /default-src 'none'/);
  });

  it('what is not given to tocsin stays with the rest of the site', async () => {
    for (const path of ['/index.html', '/metricsx', '/api/v2/x', '/api', '/am', '/pageXjs']) {
      const { status, headers } = await ask(path);
      assert.equal(status, 404, path);
      assert.equal(headers['x-request-id'], undefined, path);
    }
  });

  it('nobody is somebody by what a header says', async () => {
    const nobody = await askSite(house.nginx, alertsPath, { headers: forged });
    assert.equal(nobody.status, 401);
    await assert.rejects(listenByWebSocket(house.nginx, { headers: forged }), /401/);
    await assert.rejects(listenByEvents(house.nginx, { headers: forged }), /401/);
    const { body } = await askSite(house.nginx, alertsPath, {
      method: 'POST',
      headers: { ...forged, ...house.admin },
      body: { severity: 'info', source: 'system', title: 'by whom' },
    });
    const { body: told } = await ask(`${alertsPath}/${body.id}/timeline`);
    assert.doesNotMatch(JSON.stringify(told), /root/);
  });

  it('no header that tells who asks goes past nginx, in no location', async (t) => {
    const nginx = await startNginx({ socket: await startEcho(t) });
    t.after(() => nginx.end());
    for (const path of locations) {
      const { body } = await askSite(nginx, path, { headers: { ...forged, cookie: 'a=b' } });
      const { host, connection, cookie, 'x-request-id': id, ...rest } = body.headers;
      assert.deepEqual(
        rest,
        { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' },
        path,
      );
      assert.equal(host, `127.0.0.1:${nginx.port}`, path);
      assert.equal(cookie, 'a=b');
      assert.match(id, /^[0-9a-f]{32}$/);
      assert.equal(connection, path === streamPath ? 'upgrade' : 'close');
      assert.equal(body.url, path);
    }
    // An upgrade is passed on for the stream alone.
    const headers = { connection: 'Upgrade', upgrade: 'h2c' };
    const { body } = await askSite(nginx, '/api/v1/health', { headers });
    assert.equal(body.headers.upgrade, undefined);
  });

  it('the number of a request is the same in both logs and in the answer', async () => {
    const { headers } = await ask('/api/v1/nothing', { 'x-request-id': 'mine' });
    assert.match(String(headers['x-request-id']), /^[0-9a-f]{32}$/);
  });

  it('a rule keeps its strong tag, so that it can be changed; a list is packed', async (t) => {
    const nginx = await startNginx({
      socket: house.apiSocket,
      more: 'gzip on; gzip_min_length 0; gzip_types application/json;',
    });
    t.after(() => nginx.end());
    const headers = { ...house.admin, 'accept-encoding': 'gzip' };
    const rule = await askSite(nginx, '/api/v1/rules/unit-failed', { headers });
    assert.match(String(rule.headers.etag), /^"/);
    const changed = await askSite(nginx, '/api/v1/rules/unit-failed', {
      method: 'PATCH',
      headers: { ...headers, 'if-match': String(rule.headers.etag) },
      body: { severity: 'info' },
    });
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    const raw = await fetchPacked(nginx, alertsPath, headers);
    assert.equal(raw.headers['content-encoding'], 'gzip');
    const again = { ...headers, 'if-none-match': String(raw.headers.etag) };
    assert.equal((await askSite(nginx, alertsPath, { headers: again })).status, 304);
  });

  it('the stream goes through at once, by WebSocket and by server-sent events', async () => {
    const [socket, events] = await Promise.all([
      listenByWebSocket(house.nginx, { headers: house.admin }),
      listenByEvents(house.nginx, { headers: house.admin }),
    ]);
    const { seq } = await house.raise('now');
    for (const listener of [socket, events]) {
      const told = await listener.find((message) => message.seq >= seq);
      assert.equal(told.data.title, 'now');
      listener.close();
    }
  });

  it('while nginx is down, the machine itself is served, and nobody waits for nginx', async () => {
    const listener = await listenByWebSocket(house.nginx, { headers: house.admin });
    await house.nginx.end();
    await listener.ended;
    await house.raise('while nginx was down');
    const alerts = await json('alert list');
    assert.ok(alerts.some(({ title }: { title: string }) => title === 'while nginx was down'));
    await house.nginx.start();
    const back = await listenByWebSocket(house.nginx, {
      headers: house.admin,
      query: `?since=${listener.messages.at(-1)?.seq}`,
    });
    await back.find(({ data }) => data.title === 'while nginx was down');
    back.close();
  });

  it('while tocsin is down, nginx says so, and goes on by itself when it is back', async () => {
    await house.daemon().end();
    for (const path of ['/', alertsPath, streamPath, '/api/v1/rules']) {
      const { status, body, headers } = await ask(path);
      assert.equal(status, 503, path);
      assert.equal(headers['content-type'], 'application/problem+json');
      assert.equal(body.code, 'not-ready');
    }
    await house.restart();
    assert.equal((await ask(alertsPath)).status, 200);
  });
});

/** The answer without unpacking it. */
async function fetchPacked(site: { port: number; ca: string }, path: string, headers: object) {
  const { request } = await import('node:https');
  return await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: site.port,
        ca: site.ca,
        path,
        headers: { ...headers },
        agent: false,
      },
      (response) => resolve(response.resume()),
    );
    sent.on('error', reject).end();
  });
}

/**
 * A browser: follows the stream, and when it ends, comes again with the number of the last message.
 * Remembers how often it came, and all it was told.
 */
function browse(house: BehindNginx, listen: typeof listenByEvents) {
  const numbers: number[] = [];
  let visits = 0;
  let isOver = false;
  let now: Listener | undefined;
  async function visit(since: number | undefined): Promise<void> {
    const query = since === undefined ? '' : `?since=${since}`;
    const listener = await eventually('the stream opens', () =>
      listen(house.nginx, { headers: house.admin, query }).catch(() => undefined),
    );
    visits += 1;
    now = listener;
    if (isOver) listener.close();
    await listener.ended;
    numbers.push(...listener.numbers());
    const { messages } = listener;
    assert.ok(!messages.some(({ data }) => data.event === 'resync'), 'something was lost');
    if (!isOver) await visit(messages.at(-1)?.seq);
  }
  const over = visit(undefined);
  return {
    visits: () => visits,
    async hears(seq: number) {
      await eventually(`change ${seq}`, () =>
        [...numbers, ...(now?.numbers() ?? [])].includes(seq) ? true : undefined,
      );
      isOver = true;
      now?.close();
      await over;
      return numbers;
    },
  };
}

describe('streams and changes of nginx', { timeout: 120_000 }, () => {
  let house: BehindNginx;
  before(async () => {
    house = await startBehindNginx({ shutdownTimeout: '1s' });
  });
  after(() => house?.end());

  it('no change is lost to a browser through reloads and killed workers', async () => {
    const browsers = [
      browse(house, listenByWebSocket),
      browse(house, listenByWebSocket),
      browse(house, listenByEvents),
      browse(house, listenByEvents),
    ];
    await eventually('all follow', () => browsers.every(({ visits }) => visits() > 0) || undefined);
    const first: number = (await house.raise('first')).seq;
    const over = new AbortController();
    let last = first;
    const writing = (async () => {
      for (let i = 0; !over.signal.aborted; i++) last = (await house.raise(`change ${i}`)).seq;
    })();
    for (let round = 0; round < 3; round++) {
      const visits = browsers.map((browser) => browser.visits());
      if (round === 1) await house.nginx.reload();
      else for (const pid of house.nginx.workers()) process.kill(pid, 'SIGKILL');
      await eventually('all are back', () =>
        browsers.every((browser, i) => browser.visits() > (visits[i] ?? 0)) ? true : undefined,
      );
    }
    over.abort();
    await writing;
    const expected = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    for (const browser of browsers) {
      const heard = await browser.hears(last);
      assert.deepEqual(
        heard.filter((seq) => seq >= first),
        expected,
      );
    }
    assert.match(house.nginx.log(), /exited on signal 9/);
  });
});

describe('the files in Debian', () => {
  it('nginx -t is clean with our site, with the snippet in another, and after a purge', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-etc-nginx-'));
    try {
      cpSync('/etc/nginx', folder, { recursive: true, verbatimSymlinks: true });
      mkdirSync(join(folder, 'snippets'), { recursive: true });
      cpSync(join(project, 'nginx/tocsin.conf'), join(folder, 'snippets/tocsin.conf'));
      cpSync(join(project, 'nginx/site.conf'), join(folder, 'sites-enabled/tocsin'));
      const other = 'server {\nlisten 8443;\nlocation / { return 404; }\n';
      const include = 'include snippets/tocsin.conf;\n}\n';
      writeFileSync(join(folder, 'sites-enabled/other'), other + include);
      // In a view of the files of its own: Debian's nginx.conf names /etc/nginx.
      const script = [
        `mount --bind ${folder} /etc/nginx`,
        'mount -t tmpfs none /etc/ssl/private && mount -t tmpfs none /etc/ssl/certs',
        'mount -t tmpfs none /run',
        'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -days 2 \\',
        '  -keyout /etc/ssl/private/ssl-cert-snakeoil.key -out /etc/ssl/certs/ssl-cert-snakeoil.pem',
        'nginx -t 2>&1',
        'rm /etc/nginx/snippets/tocsin.conf /etc/nginx/sites-enabled/other',
        'nginx -t 2>&1',
      ];
      const said = execFileSync('unshare', ['--mount', 'sh', '-ec', script.join('\n')], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      assert.doesNotMatch(said, /warn|error|emerg/);
      assert.equal(said.match(/test is successful/g)?.length, 2);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
