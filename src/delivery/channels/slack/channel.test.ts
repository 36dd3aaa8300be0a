import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHttpSink } from '../../../../test/support/http-sink.ts';
import { sendOver } from '../../channel.fixture.ts';
import { fakeItem, fakeMessage, hostileText } from '../../render/message.fixture.ts';
import { slackChannel } from './channel.ts';
import { escapeSlack, renderSlack } from './render.ts';

test('a message goes to the secret address, and the address is never said', async (t) => {
  const sink = await openHttpSink();
  t.after(() => sink.close());
  const known = { slack: `${sink.url}/services/T0/B0/XYZ` };
  const send = sendOver(slackChannel, { url: { credential: 'slack' } }, known);
  assert.equal((await send(fakeMessage())).type, 'delivered');
  assert.equal(sink.requests[0]?.path, '/services/T0/B0/XYZ');
  sink.next({ status: 404, body: 'no_service' }, { status: 400, body: 'invalid_payload' });
  const gone = await send(fakeMessage());
  assert.ok(gone.type === 'retry' && /no_service/.test(gone.why) && !gone.why.includes('XYZ'));
  const refused = await send(fakeMessage());
  assert.ok(refused.type === 'refused' && /invalid_payload/.test(refused.why));
});

test('each alert is an attachment with its colour, title, link and what to do', () => {
  const ended = fakeItem(2, {}, { phase: 'resolved' });
  const message = fakeMessage({ items: [fakeItem(1), ended] });
  const body = JSON.parse(renderSlack(message, 'https://box/'));
  assert.equal(body.text, '[CRITICAL] box1: unit-1.service failed (exit-code) (+1)\nhttps://box/');
  const [first, second, footer] = body.attachments;
  assert.equal(first.title, 'CRITICAL unit-1.service failed (exit-code)');
  assert.match(first.text, /Do first: Look at/);
  assert.match(first.text, /I see to it: `tocsin alert ack 01[0-9A-Z]+`/);
  assert.match(first.title_link, /^https:\/\/box\/#\/alerts\//);
  assert.notEqual(first.color, second.color);
  assert.match(footer.footer, /message 17/);
});

test('no text mentions anybody, links anywhere or becomes markup', () => {
  const escaped = escapeSlack(hostileText);
  assert.doesNotMatch(escaped, /[<>]|@all|\]\(/);
  assert.equal(escapeSlack('<!channel> a & b'), '&lt;!channel&gt; a &amp; b');
  const item = fakeItem(1, {}, { title: hostileText, message: hostileText, advice: hostileText });
  const body = renderSlack(fakeMessage({ items: [item], host: hostileText }), '');
  assert.doesNotMatch(body, /<!|<http|@all|\]\(http/);
});

test('a digest of a hundred alerts shows ten, lists fifty and counts the others', () => {
  const items = Array.from({ length: 100 }, (_, i) => fakeItem(i));
  const why = 'the channel could not be reached for 2h';
  const message = fakeMessage({ type: 'digest', why, items, omitted: 5 });
  const { attachments } = JSON.parse(renderSlack(message, ''));
  assert.equal(attachments.length, 13);
  assert.match(attachments[0].text, /digest of 105 alerts.*could not be reached for 2h/);
  assert.equal(attachments[11].text.split('\n').length, 51);
  assert.match(attachments[11].text, /45 more alerts are not shown/);
});

test('a report is its lines', () => {
  const message = fakeMessage({ type: 'report', items: [], title: 'Over', lines: ['a <b>', 'c'] });
  const body = JSON.parse(renderSlack(message, ''));
  assert.equal(body.text, '[REPORT] box1: Over');
  assert.equal(body.attachments[0].text, 'a &lt;b&gt;\nc');
});
