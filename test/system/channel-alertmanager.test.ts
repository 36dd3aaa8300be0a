/**
 * A real Alertmanager (Debian's prometheus-alertmanager) at both ends: our pushes go into it, and
 * the webhooks that it sends are the measure of those that we send.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sendOver } from '../../src/delivery/channel.fixture.ts';
import { alertmanagerChannel } from '../../src/delivery/channels/alertmanager/channel.ts';
import { renderPayload } from '../../src/delivery/channels/webhook/payload.ts';
import { fakeItem, fakeMessage } from '../../src/delivery/render/message.fixture.ts';
import type { Alert } from '../../src/domain/alert.ts';
import type { MessageItem } from '../../src/domain/message.ts';
import { openHttpSink, type SunkRequest } from '../support/http-sink.ts';
import { startAlertmanager } from '../support/prometheus.ts';

/** An Alertmanager that tells `receiver` of everything at once. */
const startTelling = (t: TestContext, receiver: string): Promise<string> =>
  startAlertmanager(
    t,
    JSON.stringify({
      route: {
        receiver: 'sink',
        group_by: ['alertname'],
        group_wait: '50ms',
        group_interval: '200ms',
      },
      receivers: [{ name: 'sink', webhook_configs: [{ url: receiver, send_resolved: true }] }],
    }),
  );

interface Told {
  readonly status: string;
  readonly labels: { readonly severity: string };
  readonly endsAt: string;
}
const alertsOf = ({ body }: SunkRequest): readonly Told[] => JSON.parse(body).alerts;

/** What the receiver was told of this severity last, when it was told so. */
const isTold = (requests: readonly SunkRequest[], severity: string, status: string): boolean =>
  requests.flatMap(alertsOf).findLast(({ labels }) => labels.severity === severity)?.status ===
  status;

test('Alertmanager holds what fires, follows a severity, and hears of the end', async (t) => {
  const sink = await openHttpSink();
  t.after(() => sink.close());
  const base = await startTelling(t, sink.url);
  const send = sendOver(alertmanagerChannel, { urls: [base] });
  const now = Date.now();
  const at = now - 1000;
  const push = async (news: Partial<MessageItem>, alert: Partial<Alert>) => {
    const item = fakeItem(1, news, { startsAt: at - 60_000, updatedAt: at, ...alert });
    const outcome = await send(fakeMessage({ at, items: [item] }));
    assert.deepEqual(outcome, { type: 'delivered', detail: '200' });
  };
  const until = async (severity: string, status: string) => {
    while (!isTold(sink.requests, severity, status)) await sink.wait(sink.requests.length + 1);
  };

  await push({ reason: 'raised' }, { severity: 'warning' });
  await until('warning', 'firing');
  const answer = await fetch(`${base}/api/v2/alerts`);
  const [held] = (await answer.json()) as readonly Told[];
  assert.ok(Date.parse(held?.endsAt ?? '') > now + 6 * 86_400_000, 'it holds for days');

  await push({ reason: 'severity', before: 'warning' }, { severity: 'critical' });
  await until('critical', 'firing');
  await until('warning', 'resolved');

  await push(
    { reason: 'resolved', before: 'critical' },
    { severity: 'critical', phase: 'resolved', resolvedAt: at },
  );
  await until('critical', 'resolved');
  const told = sink.requests.flatMap(alertsOf).map(({ labels }) => labels.severity);
  assert.deepEqual([...new Set(told)], ['warning', 'critical']);
});

test('our webhook has the fields of a real one, each of the same type', async (t) => {
  const sink = await openHttpSink();
  t.after(() => sink.close());
  const base = await startTelling(t, sink.url);
  const at = Date.now() - 1000;
  const message = fakeMessage({ at, items: [fakeItem(1, {}, { startsAt: at - 60_000 })] });
  await sendOver(alertmanagerChannel, { urls: [base], page: 'https://box/' })(message);
  await sink.wait(1);
  /** Each field with its type; labels and annotations are free. */
  const shape = (value: unknown, name = ''): unknown => {
    if (typeof value !== 'object' || value === null) return typeof value;
    if (Array.isArray(value)) return value.slice(0, 1).map((one) => shape(one));
    if (/[lL]abels$|nnotations$/.test(name)) return 'texts';
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, inner]) => [key, shape(inner, key)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  };
  const real = JSON.parse(sink.requests[0]?.body ?? '');
  const ours = JSON.parse(renderPayload(message, 'https://box/'));
  assert.deepEqual(shape(ours), shape(real));
  assert.equal(ours.version, real.version);
  assert.equal(ours.alerts[0].endsAt === '0001-01-01T00:00:00Z', true);
  assert.equal(real.alerts[0].fingerprint, ours.alerts[0].fingerprint, 'the same fingerprint');
  assert.deepEqual(real.alerts[0].labels, ours.alerts[0].labels);
});
