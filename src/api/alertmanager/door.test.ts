import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { fakeChannel } from '../../operations/fake-delivery.ts';
import { type Asked, type Served, serve, tokenOf, valueAt } from '../testing/serve.ts';
import { alertmanagerOperations } from './operations.ts';

let served: Served;
const closers: (() => Promise<void> | void)[] = [];
before(async () => {
  served = await serve({ after: (close) => closers.push(close as () => Promise<void>) });
});
after(async () => {
  for (const close of closers) await close();
});

const api = '/am/api/v2';
const uuid = 'ffffffff-0000-4000-8000-000000000000';
const bearer = (role: 'viewer' | 'operator' | 'admin'): Asked => ({
  headers: { authorization: `Bearer ${tokenOf(role)}` },
});

test('everything under /am is JSON that is not to be stored, and no error is an object', async () => {
  const asked: readonly (readonly [string, Asked, number])[] = [
    [`${api}/alerts?filter=x`, {}, 400],
    [`${api}/silences`, { method: 'POST', body: '{' }, 400],
    [`${api}/alerts`, { method: 'POST', body: '"x"' }, 400],
    [`${api}/alerts`, { method: 'PUT', body: [] }, 405],
    [`${api}/nothing`, {}, 404],
    ['/am/alertmanager/api/v2/status', {}, 404],
    ['/am/api/v1/status/buildinfo', {}, 404],
    ['/am/', {}, 404],
    ['/am', {}, 404],
    [`${api}/a%2fb`, {}, 400],
    [`${api}/silences`, { method: 'POST', body: 'x', headers: { 'content-type': 'text/x' } }, 415],
  ];
  for (const [path, how, status] of asked) {
    const answer = await served.ask(path, how);
    assert.equal(answer.status, status, path);
    assert.equal(answer.headers['content-type'], 'application/json', path);
    assert.equal(answer.headers['cache-control'], 'no-store', path);
    assert.equal(typeof JSON.parse(answer.text), 'string', path);
  }
});

test('an unknown or wrong caller is told so in a text as well', async () => {
  const nobody = await served.askAt('api', `${api}/status`);
  assert.equal(nobody.status, 401);
  assert.match(JSON.parse(nobody.text), /role viewer/);
  const headers = { authorization: 'Bearer nonsense' };
  const wrong = await served.askAt('api', `${api}/status`, { headers });
  assert.deepEqual([wrong.status, typeof JSON.parse(wrong.text)], [401, 'string']);
});

const needs = { none: 'viewer', read: 'viewer', write: 'operator', admin: 'admin' } as const;
const roles = ['viewer', 'operator', 'admin'] as const;
for (const { method, name, path, permission } of alertmanagerOperations) {
  test(`${name} is open from the role ${needs[permission]} on`, async () => {
    for (const role of roles) {
      const body = method === 'POST' ? { body: [] } : {};
      const asked = { method, ...body, ...bearer(role) };
      const answer = await served.askAt('api', path.replace(':id', uuid), asked);
      const may = roles.indexOf(role) >= roles.indexOf(needs[permission]);
      assert.equal(answer.status === 403, !may, `${role}: ${answer.status}`);
    }
  });
}

test('requests are counted by the names of the rows', async () => {
  served.records.length = 0;
  await served.ask(`${api}/alerts`);
  assert.partialDeepStrictEqual(served.records, [
    { operation: 'alertmanager.alerts', status: 200 },
  ]);
});

test('what succeeds without an answer has an empty body and 200', async () => {
  const pushed = await served.ask(`${api}/alerts`, { method: 'POST', body: [] });
  assert.deepEqual([pushed.status, pushed.text], [200, '']);
  const times = { startsAt: '2026-11-22T06:00:00Z', endsAt: '2026-11-23T06:00:00Z' };
  const matchers = [{ name: 'a', value: 'b', isRegex: false }];
  const body = { ...times, matchers, comment: 'c', createdBy: 'anna' };
  const made = await served.ask(`${api}/silences`, { method: 'POST', body });
  const path = `${api}/silence/${String(made.at('silenceID'))}`;
  assert.equal((await served.ask(path)).at('status.state'), 'active');
  const ended = await served.ask(path, { method: 'DELETE' });
  assert.deepEqual([ended.status, ended.text], [200, '']);
});

test('an id that is no UUID does not fit; an unknown one is 404 without a body', async () => {
  for (const method of ['GET', 'DELETE']) {
    const bad = await served.ask(`${api}/silence/nonsense`, { method });
    assert.deepEqual([bad.status, bad.at('code')], [422, 601]);
    const unknown = await served.ask(`${api}/silence/${uuid}`, { method });
    assert.deepEqual([unknown.status, unknown.text], [404, '']);
  }
});

test('a body without a type is taken: Grafana sends none', async () => {
  const headers = { 'content-type': '' };
  const answer = await served.ask(`${api}/alerts`, { method: 'POST', body: '[]', headers });
  assert.equal(answer.status, 200);
});

test('links lead to the host that was asked, over what nginx speaks', async () => {
  served.house.fire();
  const headers = {
    host: 'box.example',
    'x-forwarded-proto': 'https',
    ...bearer('viewer').headers,
  };
  const answer = await served.askAt('api', `${api}/alerts`, { headers });
  assert.match(String(answer.at('0.generatorURL')), /^https:\/\/box\.example\/api\/v1\//);
});

test('the status says which Alertmanager this is like, and its configuration is one', async () => {
  const settings = {
    severities: ['warning', 'critical'],
    matchers: ['unit="a: \\"b\\""'],
    groupBy: ['rule', 'alertname', 'not a name', 'unit'],
    groupWait: 5000,
    repeatInterval: 0,
    password: 'secret',
  };
  served.house.delivery.statuses.push(fakeChannel('on: call #1', { settings }));
  const answer = await served.ask(`${api}/status`);
  assert.deepEqual(answer.at('cluster'), { name: '', status: 'disabled', peers: [] });
  assert.equal(answer.at('uptime'), '2026-11-22T06:14:00.123Z');
  assert.equal(answer.at('versionInfo.version'), '0.34.0+tocsin.0.0.0-test');
  const fields = ['branch', 'buildDate', 'buildUser', 'goVersion', 'revision', 'version'];
  assert.deepEqual(Object.keys(Object(answer.at('versionInfo'))).sort(), fields);
  assert.deepEqual(parse(String(answer.at('config.original'))), {
    global: { resolve_timeout: '5m' },
    route: {
      receiver: 'default',
      group_by: ['alertname'],
      routes: [
        {
          receiver: 'on: call #1',
          continue: true,
          matchers: ['severity=~"warning|critical"', 'unit="a: \\"b\\""'],
          group_by: ['alertname', 'unit'],
          group_wait: '5s',
        },
      ],
    },
    receivers: [{ name: 'default' }, { name: 'on: call #1' }],
  });
  const receivers = await served.ask(`${api}/receivers`);
  assert.deepEqual(JSON.parse(receivers.text), [
    { name: 'default', labels: {} },
    { name: 'on: call #1', labels: {} },
  ]);
  const some = await served.ask(`${api}/receivers?receiver_matchers=team%3Dx`);
  assert.deepEqual(JSON.parse(some.text), []);
});

test('its metrics name a version and count alerts by state', async () => {
  const [first] = served.house.activeAlerts();
  await served.house.act(first?.id ?? '', { type: 'acknowledge', comment: null }, 'uid:0');
  served.house.fire();
  const { headers, text } = await served.ask('/am/metrics');
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/);
  for (const line of [
    'alertmanager_build_info{version="0.34.0"} 1',
    'alertmanager_alerts{state="active"} 1',
    'alertmanager_alerts{state="suppressed"} 1',
    'alertmanager_silences{state="active"} 1',
    'alertmanager_silences{state="expired"} 1',
  ])
    assert.ok(text.split('\n').includes(line), `${line} is not in\n${text}`);
});

test('its probes are open to all, and ready means ready', async () => {
  const healthy = await served.askAt('api', '/am/-/healthy');
  assert.deepEqual([healthy.status, healthy.text], [200, 'OK']);
  served.house.isReady = false;
  assert.equal((await served.askAt('api', '/am/-/ready')).status, 503);
  served.house.isReady = true;
  assert.equal((await served.askAt('api', '/am/-/ready')).text, 'OK');
});

test('a reload that is refused says why', async () => {
  const reload = () => served.ask('/am/-/reload', { method: 'POST' });
  assert.equal((await reload()).status, 200);
  served.house.reloadAnswer = 'rules.yaml:3:1: unknown kind';
  const refused = await reload();
  assert.deepEqual(
    [refused.status, refused.text],
    [500, 'failed to reload config: rules.yaml:3:1: unknown kind'],
  );
});

test('the door is in no list of operations that others are made from', async () => {
  const described = await served.ask('/api/v1/openapi.json');
  const paths = Object.keys(Object(valueAt(JSON.parse(described.text), 'paths')));
  assert.ok(paths.length > 10 && !paths.some((path) => path.startsWith('/am')));
});
