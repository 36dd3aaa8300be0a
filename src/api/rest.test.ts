import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { refusals } from '../operations/refusals.ts';
import { listen } from './testing/listen.ts';
import { type Served, serve, tokenOf } from './testing/serve.ts';

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

test('405 names the methods that the path knows', async () => {
  const answer = await served.ask(alerts, { method: 'PUT' });
  assert.deepEqual(
    new Set(answer.headers.allow?.split(', ')),
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
  const link = /^<([^>]+)>; rel="next"$/.exec(String(first.headers.link))?.[1] ?? '';
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
  assert.deepEqual((await served.ask(`/api/v1/resources?${query.toString()}`)).each('id'), [
    'a\\x2db%.mount',
  ]);
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
  const findAlert = served.house.findAlert.bind(served.house);
  served.house.findAlert = () => Promise.reject(new Error('boom'));
  const answer = await served.ask(`${alerts}/01X`, { headers: { 'x-request-id': 'abc.1' } });
  served.house.findAlert = findAlert;
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

test('probes are recorded as such, and a WebSocket when it has ended', async () => {
  served.records.length = 0;
  await served.ask('/livez');
  const client = await listen(served);
  client.close();
  await client.ended;
  await assert.rejects(listen(served, '?since=x'), /Unexpected server response: 400/);
  // The server hears of the end a moment after the client.
  while (served.records.length < 3) await new Promise((resolve) => setImmediate(resolve));
  const told = served.records.map(({ operation, status }) => `${operation} ${status}`);
  assert.deepEqual(told.sort(), ['probe 200', 'stream.follow 101', 'stream.follow 400']);
});

test('requests are recorded with the name of the operation', async () => {
  served.records.length = 0;
  await served.askAt('api', alerts, { headers: { authorization: `Bearer ${tokenOf('viewer')}` } });
  assert.partialDeepStrictEqual(served.records, [
    { door: 'api', method: 'GET', operation: 'alert.list', status: 200 },
  ]);
});
