import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHttpSink } from '../../../../test/support/http-sink.ts';
import { days } from '../../../domain/time.ts';
import { fakeStart } from '../../../operations/fake-alerts.ts';
import { sendOver } from '../../channel.fixture.ts';
import { composeAlerts } from '../../dispatch/compose.ts';
import { fakeItem, fakeMessage } from '../../render/message.fixture.ts';
import { alertmanagerChannel, renderPush } from './channel.ts';

const rendered = (more: object) => JSON.parse(renderPush(fakeMessage(more), days(7), ''));
const over = { phase: 'resolved', resolvedAt: fakeStart + 50_000, resolvedBy: 'gone' } as const;

test('what fires holds for a week and not for five minutes; what is over has its end', () => {
  const items = [fakeItem(1), fakeItem(2, { reason: 'brief' }, over)];
  const [firing, ended] = rendered({ items });
  assert.equal(firing.startsAt, '2026-11-22T06:14:01.123Z');
  assert.equal(firing.endsAt, '2026-11-29T06:15:01.123Z');
  assert.equal(firing.labels.alertname, 'unit-failed');
  assert.equal(firing.labels.host, 'box1');
  assert.equal(firing.annotations.summary, 'unit-1.service failed (exit-code)');
  assert.equal(ended.endsAt, '2026-11-22T06:14:50.123Z');
});

test('the start never is after the end, and an alert has no empty label', () => {
  const item = fakeItem(
    1,
    { reason: 'severity', before: 'info' },
    { labels: { unit: 'a', empty: '' } },
  );
  for (const { startsAt, endsAt, labels } of rendered({ items: [item] })) {
    assert.ok(startsAt <= endsAt);
    assert.ok(!('empty' in labels));
  }
});

test('what rose to critical ends as a warning, and a first alert ends as nothing', () => {
  const risen = rendered({ items: [fakeItem(1, { reason: 'severity', before: 'warning' })] });
  assert.deepEqual(
    risen.map((one: { labels: { severity: string }; endsAt: string }) => [
      one.labels.severity,
      Date.parse(one.endsAt) > fakeStart + days(1),
    ]),
    [
      ['warning', false],
      ['critical', true],
    ],
  );
  assert.equal(rendered({ items: [fakeItem(1)] }).length, 1);
  const same = fakeItem(1, { reason: 'resolved', before: 'critical' }, over);
  assert.equal(rendered({ items: [same] }).length, 1);
});

test('a digest of a thousand alerts goes there whole', () => {
  const items = Array.from({ length: 1000 }, (_, i) => fakeItem(i));
  const { itemsMax } = alertmanagerChannel;
  const envelope = { channel: 'am', sequence: 1, made: 1, at: fakeStart, host: 'box1', itemsMax };
  const message = composeAlerts(envelope, items, { why: 'it was away' }, () => undefined);
  assert.equal(message.omitted, 0);
  assert.equal(JSON.parse(renderPush(message, days(7), '')).length, 1000);
});

test('all must take it: one that is away makes it go to all again', async (t) => {
  const [one, two] = [await openHttpSink(), await openHttpSink()];
  t.after(() => Promise.all([one.close(), two.close()]));
  const urls = [one.url, `${two.url}/am/`];
  const settings = { urls, user: 'box', password: { credential: 'am' } };
  const send = sendOver(alertmanagerChannel, settings, { am: 'sesam' });
  two.next({ status: 503 });
  const first = await send(fakeMessage());
  assert.ok(first.type === 'retry' && first.maybe, JSON.stringify(first));
  assert.deepEqual(await send(fakeMessage()), { type: 'delivered', detail: '200, 200' });
  assert.deepEqual(
    two.requests.map(({ path }) => path),
    ['/am/api/v2/alerts', '/am/api/v2/alerts'],
  );
  assert.equal(one.requests[0]?.body, one.requests[1]?.body);
  const basic = `Basic ${Buffer.from('box:sesam').toString('base64')}`;
  assert.equal(one.requests[0]?.headers.authorization, basic);
});

test('a list of no addresses, or of what is none, is refused', () => {
  const { urls } = alertmanagerChannel.settings;
  assert.equal(urls.read(['am:9093']), undefined);
  assert.deepEqual(urls.read(['http://am:9093']), { value: ['http://am:9093'] });
  assert.equal(urls.read([]), undefined);
});
