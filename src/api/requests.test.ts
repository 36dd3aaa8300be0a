import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type RefusalCode, refusals } from '../operations/refusals.ts';
import { type Asked, type Served, serve } from './testing/serve.ts';

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
  { name: 'an unknown path below /am is refused', path: '/am/api/v2/x', status: 404 },
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
