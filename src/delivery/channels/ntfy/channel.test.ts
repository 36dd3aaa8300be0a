import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHttpSink } from '../../../../test/support/http-sink.ts';
import { sendOver } from '../../channel.fixture.ts';
import { fakeItem, fakeMessage, hostileText } from '../../render/message.fixture.ts';
import { ntfyChannel, renderNtfy } from './channel.ts';

const rendered = (more: object) => JSON.parse(renderNtfy(fakeMessage(more), 'alerts', ''));

test('a push goes to the server as JSON, with topic and token out of secrets', async (t) => {
  const sink = await openHttpSink();
  t.after(() => sink.close());
  const settings = {
    server: sink.url,
    topic: { credential: 'topic' },
    token: { credential: 'token' },
    page: 'https://box/',
  };
  const send = sendOver(ntfyChannel, settings, { topic: 'alerts-x7', token: 'tk_1' });
  const message = fakeMessage();
  assert.deepEqual(await send(message), { type: 'delivered', detail: '200' });
  const [request] = sink.requests;
  assert.deepEqual([request?.path, request?.headers.authorization], ['/', 'Bearer tk_1']);
  assert.equal(request?.headers['x-tocsin-key'], message.key);
  const { message: text, ...rest } = JSON.parse(request?.body ?? '');
  assert.deepEqual(rest, {
    topic: 'alerts-x7',
    title: '[CRITICAL] box1: unit-1.service failed (exit-code)',
    priority: 5,
    tags: ['rotating_light'],
    click: `https://box/#/alerts/${message.items[0]?.alert.id}`,
  });
  assert.match(text, /Do first: Look at journalctl -u unit-1\.service\./);
  sink.next({ status: 403, body: '{"error":"forbidden"}' });
  const closed = await send(message);
  assert.ok(closed.type === 'retry' && /token right/.test(closed.why));
});

test('how loud it is follows what fires, and an end is quiet', () => {
  const item = (severity: 'info' | 'warning') => fakeItem(1, {}, { severity });
  const ended = fakeItem(1, {}, { phase: 'resolved' });
  assert.equal(rendered({ items: [item('warning')] }).priority, 4);
  assert.equal(rendered({ items: [item('info')] }).priority, 2);
  assert.deepEqual(rendered({ items: [ended] }).tags, ['white_check_mark']);
  assert.equal(rendered({ items: [ended] }).priority, 3);
  assert.equal(rendered({ type: 'test', items: [], title: 'A test' }).priority, 3);
});

test('a push is never so long that it becomes an attachment', () => {
  const huge = `${hostileText}${'ä€𝄞'.repeat(30_000)}`;
  const alert = { title: huge, message: huge, advice: huge };
  const { message, title } = rendered({ items: [fakeItem(1, {}, alert)], drill: true });
  assert.ok(Buffer.byteLength(message) <= 4096 && Buffer.byteLength(title) <= 250);
  assert.match(title, /^\[DRILL\] \[CRITICAL\] box1: /);
});

test('only a topic that ntfy takes is taken', () => {
  for (const wrong of ['a/b', '', 'x'.repeat(65), 7]) {
    assert.equal(ntfyChannel.settings.topic.read(wrong), undefined);
  }
});
