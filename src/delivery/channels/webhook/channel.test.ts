import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { openHttpSink } from '../../../../test/support/http-sink.ts';
import { labelFingerprint } from '../../../domain/ulid.ts';
import { fakeStart } from '../../../operations/fake-alerts.ts';
import { sendOver } from '../../channel.fixture.ts';
import { fakeItem, fakeMessage, hostileText } from '../../render/message.fixture.ts';
import { webhookChannel } from './channel.ts';
import { renderPayload } from './payload.ts';

async function sinkFor(t: TestContext) {
  const sink = await openHttpSink();
  t.after(() => sink.close());
  return sink;
}

const over = {
  phase: 'resolved',
  resolvedAt: fakeStart + 50_000,
  resolvedBy: 'recovered',
} as const;

test('the payload is version 4 of Alertmanager’s, field by field', () => {
  const message = fakeMessage({
    items: [
      fakeItem(1, { victims: 2, victimTitles: ['a', 'b'] }),
      fakeItem(2, { reason: 'resolved' }, over),
    ],
    omitted: 3,
  });
  const payload = JSON.parse(renderPayload(message, 'https://box/'));
  const fields =
    'version groupKey truncatedAlerts status receiver groupLabels ' +
    'commonLabels commonAnnotations externalURL alerts';
  assert.deepEqual(Object.keys(payload), fields.split(' '));
  const { alerts, commonLabels, commonAnnotations, ...head } = payload;
  assert.deepEqual(head, {
    version: '4',
    groupKey: 'oncall:{rule="unit-failed"}',
    truncatedAlerts: 3,
    status: 'firing',
    receiver: 'oncall',
    groupLabels: { rule: 'unit-failed' },
    externalURL: 'https://box/',
  });
  assert.deepEqual(commonLabels, {
    host: 'box1',
    alertname: 'unit-failed',
    severity: 'critical',
    source: 'system',
    resourceKind: 'systemd.unit',
  });
  assert.deepEqual(commonAnnotations, { description: 'It ended with status 1.' });
  const id = message.items[0]?.alert.id ?? '';
  const labels = { ...commonLabels, unit: 'unit-1.service', resourceId: 'unit-1.service' };
  assert.deepEqual(alerts[0], {
    status: 'firing',
    labels,
    annotations: {
      summary: 'unit-1.service failed (exit-code)',
      description: 'It ended with status 1.',
      advice: 'Look at journalctl -u unit-1.service.',
      victims: '2',
      victimTitles: 'a, b',
      alertId: id,
    },
    startsAt: '2026-11-22T06:14:01.123Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: `https://box/#/alerts/${id}`,
    fingerprint: labelFingerprint(labels),
  });
  assert.equal(alerts[1].status, 'resolved');
  assert.equal(alerts[1].endsAt, '2026-11-22T06:14:50.123Z');
});

test('when all are over so is the group; a drill is marked in labels and title', () => {
  const ended = fakeMessage({ items: [fakeItem(1, { reason: 'resolved' }, over)] });
  assert.equal(JSON.parse(renderPayload(ended, '')).status, 'resolved');
  const [drill] = JSON.parse(renderPayload(fakeMessage({ drill: true }), '')).alerts;
  assert.equal(drill.labels.drill, 'true');
  assert.match(drill.annotations.summary, /^\[DRILL\] unit-1/);
});

test('a report is an alert of severity info that ends by itself', () => {
  const message = fakeMessage({
    type: 'report',
    items: [],
    title: 'Window is over',
    lines: ['a', 'b'],
  });
  const [alert] = JSON.parse(renderPayload(message, '')).alerts;
  assert.deepEqual(alert.labels, { alertname: 'tocsin-report', severity: 'info', host: 'box1' });
  assert.deepEqual(alert.annotations, { summary: 'Window is over', description: 'a\nb' });
  assert.equal(Date.parse(alert.endsAt) - message.at, 300_000);
});

test('what was pushed in goes out with the labels it came with', () => {
  const labels = { alertname: 'HighLoad', severity: 'page', instance: 'db1:9100' };
  const item = fakeItem(1, {}, { origin: 'pushed', rule: 'HighLoad', labels });
  const [alert] = JSON.parse(renderPayload(fakeMessage({ items: [item] }), '')).alerts;
  assert.deepEqual(alert.labels, { host: 'box1', ...labels });
});

test('a request carries key, sequence, own headers, token and a signature that holds', async (t) => {
  const sink = await sinkFor(t);
  const settings = {
    url: { credential: 'hook' },
    secret: { credential: 'key' },
    token: { file: '/etc/token' },
    headers: { 'X-Team': 'storage' },
  };
  const known = { hook: `${sink.url}/hook`, key: 'sesam', '/etc/token': 'abc' };
  const outcome = await sendOver(webhookChannel, settings, known)(fakeMessage());
  assert.deepEqual(outcome, { type: 'delivered', detail: '200' });
  const [request] = sink.requests;
  assert.ok(request !== undefined);
  const { headers, body, path } = request;
  assert.equal(path, '/hook');
  assert.equal(headers['x-tocsin-key'], '01KAP3DKV0Z3NDEKTSV4RRFFQ1');
  assert.equal(headers['x-tocsin-sequence'], '17');
  assert.equal(headers['x-team'], 'storage');
  assert.equal(headers.authorization, 'Bearer abc');
  assert.equal(headers['content-type'], 'application/json');
  const [, at, mac] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-tocsin-signature'])) ?? [];
  assert.equal(Number(at), Math.floor((fakeStart + 120_000) / 1000));
  assert.equal(mac, createHmac('sha256', 'sesam').update(`${at}.${body}`).digest('hex'));
});

test('what is sent again has the same body, and a broken answer is a maybe', async (t) => {
  const sink = await sinkFor(t);
  const send = sendOver(webhookChannel, { url: sink.url });
  sink.next('break', { status: 429, headers: { 'retry-after': '3' } }, { status: 400, body: 'no' });
  const message = fakeMessage();
  const outcomes = [
    await send(message),
    await send(message),
    await send(message),
    await send(message),
  ];
  assert.deepEqual(
    outcomes.map((one) => (one.type === 'retry' ? [one.maybe, one.after] : one.type)),
    [[true, undefined], [false, 3000], 'refused', 'delivered'],
  );
  assert.equal(new Set(sink.requests.map(({ body }) => body)).size, 1);
});

test('a missing secret is tried again and sends nothing', async (t) => {
  const sink = await sinkFor(t);
  const outcome = await sendOver(webhookChannel, { url: sink.url, secret: { credential: 'gone' } })(
    fakeMessage(),
  );
  assert.ok(outcome.type === 'retry' && !outcome.maybe && outcome.why.startsWith('secret: gone'));
  assert.equal(sink.requests.length, 0);
});

test('hostile labels are names and values of one line', () => {
  const item = fakeItem(
    1,
    {},
    { labels: { 'a b\nc': hostileText, '1x': 'y' }, title: hostileText },
  );
  const [alert] = JSON.parse(renderPayload(fakeMessage({ items: [item] }), '')).alerts;
  assert.ok(Object.keys(alert.labels).every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)));
  assert.ok(Object.values<string>(alert.labels).every((value) => !/[\r\n]/.test(value)));
});

test('a hundred huge alerts stay below what nginx lets through', () => {
  const huge = 'x'.repeat(100_000);
  const alert = { title: huge, message: huge, advice: huge, labels: { a: huge } };
  const items = Array.from({ length: 100 }, (_, i) => fakeItem(i, {}, alert));
  assert.ok(renderPayload(fakeMessage({ items }), 'https://box/').length < 1024 ** 2);
});

test('headers that are ours or none are refused in the settings', () => {
  const { headers } = webhookChannel.settings;
  assert.deepEqual(headers.read({ 'X-Team': 'a' }), { value: { 'X-Team': 'a' } });
  for (const wrong of [
    { Host: 'x' },
    { 'Content-Length': '3' },
    { Authorization: 'x' },
    { 'X-Tocsin-Key': 'x' },
    { 'X A': 'x' },
    { 'X-A': 'a\r\nB: c' },
    ['a'],
  ]) {
    assert.equal(headers.read(wrong), undefined, JSON.stringify(wrong));
  }
});
