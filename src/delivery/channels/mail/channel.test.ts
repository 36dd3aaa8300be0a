import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { makeCertificate } from '../../../../test/support/certificate.ts';
import { openSmtpSink, partOf } from '../../../../test/support/smtp-sink.ts';
import { anyText } from '../../../../test/support/texts.ts';
import { sendOver } from '../../channel.fixture.ts';
import { fakeItem, fakeMessage, hostileText } from '../../render/message.fixture.ts';
import { mailChannel, mailOutcome } from './channel.ts';
import { escapeHtml, renderHtml } from './html.ts';
import { renderLetter } from './letter.ts';

const from = 'tocsin <box@example.net>';
const to = ['oncall@example.net'];
const people = { from, to, page: '' };

/** A mail server with a login, and the channel over it. */
async function channelFor(t: TestContext, more: object = {}) {
  const tls = makeCertificate();
  const sink = await openSmtpSink({ tls, login: { user: 'box', password: 'sesam' } });
  t.after(() => sink.close());
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-mail-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, tls.cert);
  const settings = {
    host: '127.0.0.1',
    port: sink.port,
    caFile,
    timeout: 2000,
    from,
    to,
    user: 'box',
    password: { credential: 'tocsin.smtp' },
    ...more,
  };
  return { sink, send: sendOver(mailChannel, settings, { 'tocsin.smtp': 'sesam' }) };
}

test('an alert arrives as a mail that a person can act on', async (t) => {
  const { sink, send } = await channelFor(t);
  const outcome = await send(fakeMessage());
  assert.deepEqual(outcome, { type: 'delivered', detail: '250 2.0.0 taken' });
  const [mail] = sink.mails;
  assert.ok(mail?.secured === true && mail.user === 'box');
  assert.equal(mail.headers.get('subject'), '[CRITICAL] box1: unit-1.service failed (exit-code)');
  assert.equal(mail.headers.get('message-id'), '<01KAP3DKV0Z3NDEKTSV4RRFFQ1@box1>');
  assert.equal(mail.headers.get('x-tocsin-key'), '01KAP3DKV0Z3NDEKTSV4RRFFQ1');
  assert.equal(mail.headers.get('x-tocsin-sequence'), '17');
  assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
  assert.match(partOf(mail.raw, 'text/plain'), /Do first/);
  assert.match(partOf(mail.raw, 'text/html'), /tocsin alert ack/);
});

test('what is sent again is the same mail, byte for byte but for the boundaries', async (t) => {
  const { sink, send } = await channelFor(t);
  const message = fakeMessage();
  sink.next([{ at: 'body', how: 'break' }]);
  const first = await send(message);
  assert.ok(first.type === 'retry' && first.maybe, JSON.stringify(first));
  assert.equal((await send(message)).type, 'delivered');
  const [one, two] = sink.mails.map(({ raw }) =>
    raw.replaceAll(/--_NmP-[\w-]+|"--_NmP[^"]+"/g, ''),
  );
  assert.equal(one, two);
});

test('without its password a mail waits for one; a rotated one holds at once', async (t) => {
  const missing = await channelFor(t, { password: { file: '/nowhere' } });
  const outcome = await missing.send(fakeMessage());
  assert.ok(outcome.type === 'retry' && /password: \/nowhere cannot be read/.test(outcome.why));
  assert.equal(missing.sink.lines.length, 0);
  const open = await channelFor(t, { security: 'none' });
  const clear = await open.send(fakeMessage());
  assert.ok(clear.type === 'retry' && /without encryption/.test(clear.why));
  assert.equal(open.sink.lines.length, 0, 'no password in the clear');
});

test('an answer to the letter refuses it, an answer to us does not', () => {
  const of = (code: number, step: 'session' | 'login' | 'letter') =>
    mailOutcome({ type: 'answer', code, step, why: `${code} no` }, 'mx:25').type;
  assert.deepEqual(
    [of(550, 'letter'), of(552, 'letter'), of(554, 'letter')],
    ['refused', 'refused', 'refused'],
  );
  assert.deepEqual(
    [
      of(451, 'letter'),
      of(530, 'letter'),
      of(535, 'login'),
      of(554, 'session'),
      of(421, 'session'),
    ],
    ['retry', 'retry', 'retry', 'retry', 'retry'],
  );
});

test('who was not taken is said in what was delivered', () => {
  const refused = [{ recipient: 'boss@example.net', answer: '550 no such user' }];
  assert.deepEqual(mailOutcome({ type: 'taken', answer: '250 ok', refused }, 'mx:25'), {
    type: 'delivered',
    detail: '250 ok; not taken for boss@example.net: 550 no such user',
  });
});

test('all mails of one group hang on one thread, those of another on another', () => {
  const of = (more: object) => renderLetter(fakeMessage(more), people).references;
  const news = of({ key: '01A' });
  assert.deepEqual(of({ key: '01B', items: [fakeItem(2)] }), news);
  assert.notDeepEqual(of({ groupKey: 'another' }), news);
  assert.deepEqual(of({ type: 'digest' }), [], 'a digest answers to nothing');
});

test('no title, host or key makes a header or a tag', async (t) => {
  const { sink, send } = await channelFor(t);
  const alert = {
    title: hostileText,
    message: hostileText,
    labels: { [hostileText]: hostileText },
  };
  const message = fakeMessage({ host: hostileText, items: [fakeItem(1, {}, alert)] });
  assert.equal((await send(message)).type, 'delivered');
  const [mail] = sink.mails;
  assert.ok(mail !== undefined);
  assert.equal(mail.headers.has('bcc'), false);
  assert.deepEqual(mail.to, ['oncall@example.net']);
  assert.match(mail.headers.get('message-id') ?? '', /^<[A-Za-z0-9.-]+@[a-z0-9.-]+>$/);
  assert.match(sink.lines[0] ?? '', /^EHLO [a-z0-9.-]+$/);
  const html = partOf(mail.raw, 'text/html');
  assert.doesNotMatch(html, /<script|<img|evil\/x">/);
  assert.match(html, /&lt;script&gt;/);
});

test('HTML fetches nothing and holds no tag that is not ours, whatever it says', () => {
  fc.assert(
    fc.property(anyText(), anyText(), (title, line) => {
      const item = fakeItem(1, {}, { title: `${title}<a href=x>`, message: line });
      const html = renderHtml(fakeMessage({ items: [item], lines: [line] }), 'https://box/');
      const tags = new Set([...html.matchAll(/<\/?([a-z!]+)/g)].map(([, tag]) => tag));
      const ours = 'html head meta title body div p b span br table tr td code pre a !doctype';
      assert.deepEqual(
        [...tags].filter((tag) => !ours.split(' ').includes(tag ?? '')),
        [],
      );
      assert.doesNotMatch(html, /src=|url\(|<link|@import/);
    }),
    { numRuns: 50 },
  );
  assert.equal(escapeHtml(`<a b="c" d='e'>&`), '&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
});

test('a mail about a hundred huge alerts stays below what mail servers take', () => {
  const huge = 'ä'.repeat(50_000);
  const items = Array.from({ length: 100 }, (_, i) =>
    fakeItem(i, {}, { title: huge, message: huge }),
  );
  const { text, html, subject } = renderLetter(fakeMessage({ items }), people);
  assert.ok(html.length < 120_000 && text.length < 250_000 && subject.length < 300);
  assert.match(html, /more alerts are not shown here/);
});

test('addresses that are none, and lists of none, are refused in the settings', () => {
  const { from: sender, to: recipients, host } = mailChannel.settings;
  for (const right of ['a@b.example', 'Box 1 <box@[192.168.1.1]>', "o'neil+x@b.example"]) {
    assert.deepEqual(sender.read(right), { value: right });
  }
  for (const wrong of [
    'a',
    'a@b\r\nBcc: c@d',
    '<a@b>, <c@d>',
    'a@b, c@d',
    'x <a@b> y',
    '',
    'a b@c',
  ]) {
    assert.equal(sender.read(wrong), undefined, wrong);
  }
  assert.equal(recipients.read(['a@b.example', 'nobody']), undefined);
  assert.equal(host.read('mx.example.net; rm'), undefined);
});
