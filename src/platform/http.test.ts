import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeCertificate } from '../../test/support/certificate.ts';
import { type HttpPlan, openHttpSink } from '../../test/support/http-sink.ts';
import { type HttpRequest, systemHttp } from './http.ts';
import { placeOf } from './place.ts';
import { guardedLookup, isNeverMeant } from './reach.ts';

const post = (url: string, more: Partial<HttpRequest> = {}) =>
  systemHttp.post(url, { body: 'hello', timeout: 2000, ...more });

async function sinkFor(t: TestContext, options: Parameters<typeof openHttpSink>[0] = {}) {
  const sink = await openHttpSink(options);
  t.after(() => sink.close());
  return sink;
}

/** A folder that is gone after the test. */
function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-http-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('an answer comes with status, headers and text, and the request as it was meant', async (t) => {
  const sink = await sinkFor(t);
  sink.next({ status: 201, headers: { 'X-Said': 'yes' }, body: 'thanks' });
  const answer = await post(`${sink.url}/in?a=1`, { headers: { 'x-tocsin-key': '01K' } });
  assert.equal(answer.type, 'answer');
  if (answer.type !== 'answer') return;
  assert.deepEqual([answer.status, answer.headers['x-said'], answer.text], [201, 'yes', 'thanks']);
  const [request] = sink.requests;
  assert.deepEqual([request?.method, request?.path, request?.body], ['POST', '/in?a=1', 'hello']);
  assert.equal(request?.headers['x-tocsin-key'], '01K');
  assert.match(request?.headers['user-agent'] ?? '', /^tocsin\/\d/);
  assert.equal(request?.headers['content-length'], '5');
});

const faults: readonly { name: string; plan: HttpPlan; is: string; why: RegExp; sure: boolean }[] =
  [
    {
      name: 'taken, then broken',
      plan: 'break',
      is: 'unreachable',
      why: /reset|hang up/,
      sure: false,
    },
    { name: 'reset', plan: 'reset', is: 'unreachable', why: /reset/, sure: false },
    { name: 'garbage', plan: 'garbage', is: 'unreachable', why: /no HTTP/, sure: false },
    { name: 'silence', plan: 'hang', is: 'timeout', why: /no answer within 0.15 s/, sure: false },
  ];
for (const { name, plan, is, why, sure } of faults) {
  test(`${name}: it may have arrived, and the reason is said`, async (t) => {
    const sink = await sinkFor(t);
    sink.next(plan);
    const outcome = await post(sink.url, { timeout: plan === 'hang' ? 150 : 2000 });
    assert.equal(outcome.type, is);
    assert.ok(outcome.type !== 'answer' && outcome.sure === sure, JSON.stringify(outcome));
    assert.match(outcome.why, why);
    assert.match(outcome.why, /^127\.0\.0\.1:\d+: /);
  });
}

test('a status that came counts, even when the text hangs or never ends', async (t) => {
  const sink = await sinkFor(t);
  sink.next('stall', 'flood');
  const stalled = await post(sink.url, { timeout: 150 });
  assert.deepEqual(stalled.type === 'answer' && [stalled.status, stalled.text], [200, 'half of']);
  const flooded = await post(sink.url, { bytesMax: 1000 });
  assert.deepEqual(flooded.type === 'answer' && [flooded.status, flooded.text.length], [200, 1000]);
});

test('no redirect is followed', async (t) => {
  const sink = await sinkFor(t);
  sink.always({ status: 302, headers: { location: 'http://169.254.169.254/latest' } });
  const answer = await post(sink.url);
  assert.equal(answer.type === 'answer' && answer.status, 302);
  assert.equal(sink.requests.length, 1);
});

test('a refused connection, an unknown name and a wrong address surely did not arrive', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const cases = [
    [`http://127.0.0.1:${port}/secret`, /refused/],
    ['http://nobody.invalid/secret', /nobody knows|name server|cannot be resolved/],
    ['ftp://127.0.0.1/secret', /http/],
    ['not an address, secret', /http/],
  ] as const;
  for (const [url, why] of cases) {
    const outcome = await post(url);
    assert.ok(outcome.type === 'unreachable' && outcome.sure, JSON.stringify(outcome));
    assert.match(outcome.why, why);
    assert.doesNotMatch(outcome.why, /secret/, 'a path can be a secret');
  }
});

test('nothing is asked of link-local addresses, however they are written', async () => {
  const written = [
    'http://169.254.169.254/latest/meta-data',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://[::ffff:169.254.169.254]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://0.0.0.0/',
  ];
  for (const url of written) {
    const outcome = await post(url, { timeout: 200 });
    assert.ok(outcome.type === 'unreachable' && outcome.sure, url);
    assert.match(outcome.why, /link-local/, url);
  }
  assert.deepEqual(
    ['10.0.0.1', '192.168.1.1', '127.0.0.1', 'fd12::1', '8.8.8.8'].filter(isNeverMeant),
    [],
    'private addresses are an appliance’s neighbours',
  );
});

test('a name that leads to a link-local address is no way around', async () => {
  const resolve = (address: string, linkLocal: boolean) =>
    new Promise((done) => {
      // A literal address is what a name server would have answered.
      guardedLookup(linkLocal)(address, {}, (error, found) => done(error?.message ?? found));
    });
  assert.match(String(await resolve('169.254.169.254', false)), /link-local/);
  assert.equal(await resolve('169.254.169.254', true), '169.254.169.254');
  assert.equal(await resolve('127.0.0.1', false), '127.0.0.1');
});

test('a certificate nobody signed is refused with words; its own authority makes it good', async (t) => {
  const tls = makeCertificate();
  const sink = await sinkFor(t, { tls });
  const caFile = join(folderFor(t), 'ca.pem');
  writeFileSync(caFile, tls.cert);
  const strange = await post(sink.url);
  assert.ok(strange.type === 'unreachable' && strange.sure);
  assert.match(strange.why, /signed by nobody this machine trusts.*caFile/);
  const known = await post(sink.url, { caFile });
  assert.equal(known.type === 'answer' && known.status, 200);
  const missing = await post(sink.url, { caFile: '/nowhere/ca.pem' });
  assert.ok(missing.type === 'unreachable' && missing.sure);
  assert.match(missing.why, /ENOENT.*\/nowhere\/ca\.pem/);
});

for (const [what, tls, why] of [
  ['for another name', makeCertificate('other.example'), /another name/],
  ['that has expired', makeCertificate('localhost', true), /expired/],
] as const) {
  test(`a certificate ${what} is refused, and it is said why`, async (t) => {
    const sink = await sinkFor(t, { tls });
    const caFile = join(folderFor(t), 'ca.pem');
    writeFileSync(caFile, tls.cert);
    const outcome = await post(sink.url, { caFile });
    assert.ok(outcome.type === 'unreachable' && outcome.sure, JSON.stringify(outcome));
    assert.match(outcome.why, why);
    assert.equal(sink.requests.length, 0);
  });
}

test('TLS to what speaks none is said', async (t) => {
  const sink = await sinkFor(t);
  const outcome = await post(sink.url.replace('http:', 'https:'));
  assert.ok(outcome.type === 'unreachable' && outcome.sure);
  assert.match(outcome.why, /does not speak TLS/);
});

test('a secret that is no header is an outcome, and is not said', async (t) => {
  const sink = await sinkFor(t);
  const headers = { authorization: 'Bearer sesam\nX-Evil: 1' };
  const outcome = await post(sink.url, { headers });
  assert.ok(outcome.type === 'unreachable' && outcome.sure);
  assert.doesNotMatch(outcome.why, /sesam/);
  assert.equal(sink.requests.length, 0);
});

test('the caller can give up, before and in between', async (t) => {
  const sink = await sinkFor(t);
  sink.always('hang');
  const controller = new AbortController();
  const running = post(sink.url, { signal: controller.signal });
  await sink.wait(1);
  controller.abort();
  const outcome = await running;
  assert.ok(outcome.type === 'timeout' && !outcome.sure);
  const never = await post(sink.url, { signal: controller.signal });
  assert.ok(never.type === 'unreachable' && never.sure);
  assert.equal(sink.requests.length, 1);
});

test('a proxy is used when it is named, and the one of the environment is not', async (t) => {
  const tls = makeCertificate();
  const sink = await sinkFor(t, { tls });
  const caFile = join(folderFor(t), 'ca.pem');
  writeFileSync(caFile, tls.cert);
  const asked: string[] = [];
  const proxy = createHttpServer();
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    const through = connect(sink.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      through.pipe(socket).pipe(through);
    });
    for (const one of [socket, through]) one.on('error', () => {});
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => proxy.close());
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const answer = await post(sink.url, { caFile, proxy: address });
  assert.equal(answer.type === 'answer' && answer.status, 200, JSON.stringify(answer));
  assert.deepEqual(asked, [`127.0.0.1:${sink.port}`]);
  process.env.HTTPS_PROXY = address;
  t.after(() => delete process.env.HTTPS_PROXY);
  await post(sink.url, { caFile });
  assert.equal(asked.length, 1);
});

test('of a URL only host and port are said', () => {
  assert.equal(placeOf('https://hooks.example/services/T0/B0/XYZ'), 'hooks.example:443');
  assert.equal(placeOf('http://user:word@box:8080/x'), 'box:8080');
  assert.equal(placeOf('garbage'), 'no address');
});
