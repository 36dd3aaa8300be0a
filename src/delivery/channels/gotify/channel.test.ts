import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHttpSink } from '../../../../test/support/http-sink.ts';
import { sendOver } from '../../channel.fixture.ts';
import { fakeItem, fakeMessage, hostileText } from '../../render/message.fixture.ts';
import { gotifyChannel, renderGotify } from './channel.ts';

test('a push goes to /message, with the token in a header and not in the address', async (t) => {
  const sink = await openHttpSink();
  t.after(() => sink.close());
  const settings = { server: `${sink.url}/push/`, token: { file: '/etc/gotify' } };
  const send = sendOver(gotifyChannel, settings, { '/etc/gotify': 'A1' });
  assert.equal((await send(fakeMessage())).type, 'delivered');
  const [request] = sink.requests;
  assert.deepEqual([request?.path, request?.headers['x-gotify-key']], ['/push/message', 'A1']);
  const body = JSON.parse(request?.body ?? '');
  assert.equal(body.title, '[CRITICAL] box1: unit-1.service failed (exit-code)');
  assert.equal(body.priority, 8);
  assert.deepEqual(body.extras, { 'client::display': { contentType: 'text/plain' } });
  const missing = await sendOver(gotifyChannel, settings)(fakeMessage());
  assert.ok(missing.type === 'retry' && missing.why.startsWith('token: /etc/gotify'));
});

test('an end is not loud, and what is hostile stays plain text', () => {
  const ended = fakeItem(1, {}, { phase: 'resolved', title: hostileText });
  const body = JSON.parse(renderGotify(fakeMessage({ items: [ended] }), 'https://box/'));
  assert.equal(body.priority, 4);
  assert.equal(body.title.split('\n').length, 1);
  assert.equal(body.extras['client::display'].contentType, 'text/plain');
  assert.match(body.extras['client::notification'].click.url, /^https:\/\/box\/#\/alerts\//);
});
