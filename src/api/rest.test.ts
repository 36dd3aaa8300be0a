import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { type RefusalCode, refusals } from '../operations/refusals.ts';
import { type Asked, type Served, serve, tokenOf } from './testing/serve.ts';

let served: Served;
const closers: (() => Promise<void> | void)[] = [];
before(async () => {
  served = await serve({ after: (close) => closers.push(close as () => Promise<void>) });
  served.house.fire();
  const [alert] = served.house.activeAlerts();
  assert.ok(alert);
});
after(async () => {
  for (const close of closers) await close();
});

const alerts = '/api/v1/monitoring/alerts';

const answers: readonly {
  name: string;
  path: string;
  asked?: Asked;
  status: number;
  code?: RefusalCode;
}[] = [
  { name: 'the list of alerts is there', path: alerts, status: 200 },
  { name: 'the page is there', path: '/', status: 200 },
  { name: 'health is there', path: '/api/v1/health', status: 200 },
  { name: 'it lives', path: '/livez', status: 200 },
  { name: 'it is ready', path: '/readyz?verbose', status: 200 },
  { name: 'the API is described', path: '/api/v1/openapi.json', status: 200 },
  { name: 'HEAD works', path: alerts, asked: { method: 'HEAD' }, status: 200 },
  { name: 'an unknown path is refused', path: '/nowhere', status: 404, code: 'not-found' },
  {
    name: 'a slash at the end is another path',
    path: `${alerts}/`,
    status: 404,
    code: 'not-found',
  },
  {
    name: 'an unknown path below /am is refused',
    path: '/am/api/v2/x',
    status: 404,
    code: 'not-found',
  },
  {
    name: 'an unknown problem is refused',
    path: '/problems/x',
    status: 404,
    code: 'problem-unknown',
  },
  {
    name: 'an unknown alert is refused',
    path: `${alerts}/01X`,
    status: 404,
    code: 'alert-unknown',
  },
  {
    name: 'a wrong filter is refused',
    path: `${alerts}?severity=x`,
    status: 400,
    code: 'invalid-input',
  },
  {
    name: 'an unknown filter is refused',
    path: `${alerts}?x=1`,
    status: 400,
    code: 'invalid-input',
  },
  {
    name: 'a wrong cursor is refused',
    path: `${alerts}?cursor=x`,
    status: 400,
    code: 'invalid-cursor',
  },
  {
    name: 'another method is refused',
    path: alerts,
    asked: { method: 'DELETE' },
    status: 405,
    code: 'method-not-allowed',
  },
  { name: 'OPTIONS says what there is', path: alerts, asked: { method: 'OPTIONS' }, status: 204 },
  {
    name: 'a raised alert is created',
    path: alerts,
    asked: { method: 'POST', body: { severity: 'info', source: 'task', title: 'x' } },
    status: 201,
  },
  {
    name: 'what is no JSON is refused',
    path: alerts,
    asked: { method: 'POST', body: '{"severity":' },
    status: 400,
    code: 'invalid-input',
  },
  {
    name: 'JSON that nests deep is refused',
    path: alerts,
    asked: { method: 'POST', body: `{"a":${'['.repeat(40)}${']'.repeat(40)}}` },
    status: 400,
    code: 'invalid-input',
  },
  {
    name: 'brackets inside a text do not nest',
    path: alerts,
    asked: {
      method: 'POST',
      body: { severity: 'info', source: 'task', title: '"[[[['.repeat(20), key: 'b' },
    },
    status: 201,
  },
  {
    name: 'a body of another type is refused',
    path: alerts,
    asked: { method: 'POST', body: 'a=b', headers: { 'content-type': 'text/plain' } },
    status: 415,
    code: 'unsupported-media-type',
  },
  {
    name: 'JSON under the type that curl -d gives is taken',
    path: alerts,
    asked: {
      method: 'POST',
      body: { severity: 'info', source: 'task', title: 'c' },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
    status: 201,
  },
  {
    name: 'a long body is refused',
    path: alerts,
    asked: { method: 'POST', body: 'x'.repeat(65 * 1024) },
    status: 413,
    code: 'too-large',
  },
  {
    name: 'a long body of unknown length is refused',
    path: alerts,
    asked: {
      method: 'POST',
      body: 'x'.repeat(65 * 1024),
      headers: { 'transfer-encoding': 'chunked' },
    },
    status: 413,
    code: 'too-large',
  },
  {
    name: 'a rule file may be longer',
    path: '/api/v1/rules/validate',
    asked: { method: 'POST', body: { text: `rules:\n#${'x'.repeat(100_000)}` } },
    status: 200,
  },
  {
    name: 'a path that is too long is refused',
    path: `${alerts}?q=${'x'.repeat(8192)}`,
    status: 414,
    code: 'uri-too-long',
  },
  {
    name: 'the stream is no ordinary answer',
    path: '/api/v1/monitoring/events',
    status: 426,
    code: 'upgrade-required',
  },
];

for (const { name, path, asked, status, code } of answers) {
  test(name, async () => {
    const answer = await served.ask(path, asked);
    assert.equal(answer.status, status, answer.text);
    if (code === undefined) return;
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    const { title } = refusals[code];
    const { pathname } = new URL(path, 'http://localhost');
    for (const [field, value] of Object.entries({ code, status, title, instance: pathname })) {
      assert.equal(answer.at(field), value);
    }
    assert.equal(answer.at('type'), `/problems/${code}`);
    assert.equal(answer.at('requestId'), answer.headers['x-request-id']);
    assert.ok(String(answer.at('detail')).length > 5);
  });
}

const tricks = [
  '/api/v1/monitoring/alerts%2f..',
  '/api/v1/%6donitoring/alerts',
  '/api/v1//monitoring/alerts',
  '//api/v1/monitoring/alerts',
  '/api/v1/session/../monitoring/alerts',
  '/api/v1/./monitoring/alerts',
  '/api/v1/monitoring/alerts/..',
  '/..',
  '/api\\v1',
  'http://localhost/api/v1/monitoring/alerts',
  '*',
  '/api/v1/monitoring/alerts#x',
];

for (const path of tricks) {
  test(`the path ${path} is refused before anything else`, async () => {
    const answer = await served.askAt('api', path);
    assert.equal(answer.status, 400, answer.text);
    assert.equal(answer.at('code'), 'invalid-request');
  });
}

/** Sends bytes as they are; all that comes back. */
const send = (socketPath: string, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(socketPath, () => socket.write(Buffer.from(text, 'latin1')));
    let told = '';
    socket.on('data', (chunk: Buffer) => {
      told += chunk.toString();
    });
    socket.on('end', () => {
      socket.end();
      resolve(told);
    });
    socket.on('error', reject);
  });

const raw: readonly { name: string; lines: readonly string[]; status: number }[] = [
  { name: 'two Hosts', lines: ['GET / HTTP/1.1', 'Host: localhost', 'Host: x'], status: 400 },
  {
    name: 'two Authorizations',
    lines: ['GET / HTTP/1.1', 'Host: localhost', 'Authorization: a', 'authorization: b'],
    status: 400,
  },
  { name: 'no Host', lines: ['GET / HTTP/1.1'], status: 400 },
  {
    name: 'a path of other letters',
    lines: ['GET /\u00e4 HTTP/1.1', 'Host: localhost'],
    status: 400,
  },
  {
    name: 'a length and chunks',
    lines: [
      'POST / HTTP/1.1',
      'Host: localhost',
      'Content-Length: 1',
      'Transfer-Encoding: chunked',
    ],
    status: 400,
  },
  { name: 'a plain request', lines: ['GET /livez HTTP/1.1', 'Host: localhost'], status: 200 },
];

for (const { name, lines, status } of raw) {
  test(`${name}: ${status}`, async () => {
    const text = `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`;
    const told = await send(served.socketOf('local'), text);
    assert.match(told, new RegExp(`^HTTP/1.1 ${status} `));
  });
}

test('405 names the methods that the path knows', async () => {
  const answer = await served.ask(alerts, { method: 'PUT' });
  assert.deepEqual(
    new Set(answer.headers['allow']?.split(', ')),
    new Set(['GET', 'HEAD', 'POST', 'OPTIONS']),
  );
});

test('HEAD has the headers of GET and no body', async () => {
  const answer = await served.ask(alerts, { method: 'HEAD' });
  assert.equal(answer.text, '');
  assert.equal(answer.headers.etag, (await served.ask(alerts)).headers.etag);
});

test('a list that has not changed is not sent again', async () => {
  const { headers } = await served.ask(alerts);
  const again = { 'if-none-match': `"x", W/${headers.etag ?? ''}` };
  const same = await served.ask(alerts, { headers: again });
  assert.deepEqual([same.status, same.text, same.headers.etag], [304, '', headers.etag]);
  served.house.fire();
  assert.equal((await served.ask(alerts, { headers: again })).status, 200);
});

test('without the right to read, a known version is not confirmed', async () => {
  const { headers } = await served.ask(alerts);
  const again = { 'if-none-match': headers.etag ?? '' };
  assert.equal((await served.askAt('api', alerts, { headers: again })).status, 401);
});

test('the Link header leads to the next page', async () => {
  const first = await served.ask(`${alerts}?limit=1&severity=critical`);
  const link = /^<([^>]+)>; rel="next"$/.exec(String(first.headers['link']))?.[1] ?? '';
  const second = await served.ask(link);
  assert.equal(second.status, 200);
  assert.notEqual(second.at('items.0.id'), first.at('items.0.id'));
});

test('a raised alert is where Location says', async () => {
  const body = { severity: 'info', source: 'task', title: 'located' };
  const raised = await served.ask(alerts, { method: 'POST', body });
  const found = await served.ask(raised.headers.location ?? '');
  assert.equal(found.at('title'), 'located');
  served.house.clock += 5;
  assert.equal((await served.ask(alerts, { method: 'POST', body })).status, 200);
});

test('a resource is found by a path with slashes, or by its id in the query', async () => {
  const id = 'iscsi/iqn.2026-11.box:one';
  const common = { collector: 'scst', attributes: {}, changedAt: 0, readAt: 0, staleSince: null };
  served.house.inventory.push({ kind: 'scst.target', id, ...common });
  served.house.inventory.push({ kind: 'systemd.unit', id: 'a\\x2db%.mount', ...common });
  assert.equal((await served.ask(`/api/v1/resources/scst.target/${id}`)).at('id'), id);
  const query = new URLSearchParams({ kind: 'systemd.unit', id: 'a\\x2db%.mount' });
  assert.deepEqual((await served.ask(`/api/v1/resources?${query}`)).each('id'), ['a\\x2db%.mount']);
});

test('an unhealthy tocsin answers 503 with the same body', async () => {
  served.house.healthAnswer = { status: 'unhealthy', components: {} };
  const answer = await served.ask('/api/v1/health');
  assert.deepEqual([answer.status, answer.at('status')], [503, 'unhealthy']);
  served.house.healthAnswer = { status: 'healthy', components: {} };
});

test('a tocsin without progress does not live, and one without readings is not ready', async () => {
  served.house.notAlive = 'commit hangs';
  served.house.isReady = false;
  assert.equal((await served.ask('/livez')).status, 503);
  assert.equal((await served.ask('/readyz')).status, 503);
  assert.match((await served.ask('/readyz?verbose')).text, /^\[-\]first-reading/);
  served.house.notAlive = null;
  served.house.isReady = true;
});

test('every problem is explained', async () => {
  for (const code of Object.keys(refusals)) {
    const answer = await served.ask(`/problems/${code}`);
    assert.ok(String(answer.at('help')).length > 20, code);
  }
});

test('a bug is one answer with a number and one call, not the end', async () => {
  const { findAlert } = served.house;
  served.house.findAlert = () => Promise.reject(new Error('boom'));
  const answer = await served.ask(`${alerts}/01X`, { headers: { 'x-request-id': 'abc.1' } });
  served.house.findAlert = findAlert.bind(served.house);
  assert.deepEqual([answer.status, answer.at('requestId')], [500, 'abc.1']);
  assert.ok(!answer.text.includes('boom'));
  assert.equal(String(served.bugs.pop()), 'Error: boom');
});

test('the description of the API names every operation, each path once', async () => {
  const described = await served.ask('/api/v1/openapi.json');
  assert.equal(described.at('openapi'), '3.1.0');
  const paths = Object.keys(Object(described.at('paths')));
  assert.ok(paths.includes('/api/v1/resources/{kind}/{id}'));
  assert.ok(paths.includes('/api/v1/monitoring/alerts/{id}/acknowledge'));
  assert.ok(described.text.includes('#/components/schemas/Alert'));
});

test('the page holds no inline script and forbids them', async () => {
  const page = await served.ask('/');
  assert.match(String(page.headers['content-security-policy']), /script-src 'self'/);
  assert.ok(!/<script>|onclick|style=/.test(page.text));
  assert.equal(
    (await served.ask('/page.js')).headers['content-type'],
    'text/javascript; charset=utf-8',
  );
});

test('requests are recorded with the name of the operation', async () => {
  served.records.length = 0;
  await served.askAt('api', alerts, { headers: { authorization: `Bearer ${tokenOf('viewer')}` } });
  assert.partialDeepStrictEqual(served.records, [
    { door: 'api', method: 'GET', operation: 'alert.list', status: 200 },
  ]);
});
