import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeCertificate } from '../../test/support/certificate.ts';
import {
  openSmtpSink,
  partOf,
  type SmtpFault,
  type SmtpSinkOptions,
} from '../../test/support/smtp-sink.ts';
import { type Letter, type MailServer, systemMail } from './mail.ts';

const tls = makeCertificate();

const letter: Letter = {
  from: 'Box <box@example.net>',
  to: ['oncall@example.net', 'boss@example.net'],
  subject: '[CRITICAL] box1: Bändlaufwerk weg',
  at: Date.UTC(2026, 10, 22, 6, 14),
  messageId: '<01K.1@box1>',
  references: ['<group.1@box1>'],
  headers: { 'Auto-Submitted': 'auto-generated', 'X-Tocsin-Key': '01K' },
  text: 'Erste Zeile\n.\n..zwei Punkte\n',
  html: '<p>Erste Zeile</p>\n',
};

/** A sink, and what reaches it. */
async function sinkFor(t: TestContext, options: SmtpSinkOptions = { tls }) {
  const sink = await openSmtpSink(options);
  t.after(() => sink.close());
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-mail-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, tls.cert);
  const server: MailServer = {
    host: '127.0.0.1',
    port: sink.port,
    security: 'starttls',
    login: null,
    caFile,
    name: 'box1.example.net',
    timeout: 2000,
    linkLocal: false,
  };
  const send = (more: Partial<MailServer> = {}, signal = new AbortController().signal) =>
    systemMail.send({ ...server, ...more }, letter, signal);
  return { sink, send };
}

test('a letter arrives whole, encrypted, with its headers and both texts', async (t) => {
  const { sink, send } = await sinkFor(t);
  const outcome = await send();
  assert.deepEqual(outcome, { type: 'taken', answer: '250 2.0.0 taken', refused: [] });
  const [mail] = sink.mails;
  assert.ok(mail !== undefined);
  assert.deepEqual(
    [mail.from, mail.to, mail.secured],
    ['box@example.net', ['oncall@example.net', 'boss@example.net'], true],
  );
  const { headers } = mail;
  assert.equal(headers.get('message-id'), '<01K.1@box1>');
  assert.equal(headers.get('in-reply-to'), '<group.1@box1>');
  assert.equal(headers.get('references'), '<group.1@box1>');
  assert.equal(headers.get('date'), 'Sun, 22 Nov 2026 06:14:00 +0000');
  assert.equal(headers.get('auto-submitted'), 'auto-generated');
  assert.equal(headers.get('x-tocsin-key'), '01K');
  assert.match(headers.get('subject') ?? '', /=\?UTF-8\?Q\?.*B=C3=A4nd/);
  assert.match(partOf(mail.raw, 'text/plain'), /^Erste Zeile\r?\n\.\r?\n\.\.zwei Punkte/);
  assert.match(partOf(mail.raw, 'text/html'), /<p>Erste Zeile<\/p>/);
  assert.deepEqual(
    sink.lines.filter((line) => line.startsWith('EHLO')),
    ['EHLO box1.example.net', 'EHLO box1.example.net'],
  );
});

test('without STARTTLS nothing is said about the letter', async (t) => {
  const { sink, send } = await sinkFor(t, {});
  const outcome = await send();
  assert.ok(outcome.type === 'answer' && outcome.step === 'session', JSON.stringify(outcome));
  assert.match(outcome.why, /STARTTLS/);
  assert.ok(!sink.lines.some((line) => line.startsWith('MAIL')));
});

test('a certificate that nobody signed ends it before the letter', async (t) => {
  const { sink, send } = await sinkFor(t);
  const outcome = await send({ caFile: null });
  assert.ok(outcome.type === 'lost' && !outcome.maybe, JSON.stringify(outcome));
  assert.match(outcome.why, /signed by nobody this machine trusts/);
  assert.equal(sink.mails.length, 0);
});

test('TLS from the first byte, and no TLS where the site says so', async (t) => {
  const first = await sinkFor(t, { tls, tlsFromStart: true });
  assert.equal((await first.send({ security: 'tls' })).type, 'taken');
  assert.equal(first.sink.mails[0]?.secured, true);
  const plain = await sinkFor(t, {});
  assert.equal((await plain.send({ security: 'none' })).type, 'taken');
  assert.equal(plain.sink.mails[0]?.secured, false);
});

test('who has the password is let in, who has not is told so', async (t) => {
  const login = { user: 'box', password: 'sesam' };
  const { sink, send } = await sinkFor(t, { tls, login });
  assert.equal((await send({ login })).type, 'taken');
  assert.equal(sink.mails[0]?.user, 'box');
  const wrong = await send({ login: { user: 'box', password: 'other' } });
  assert.ok(wrong.type === 'answer' && wrong.step === 'login', JSON.stringify(wrong));
  assert.equal(wrong.code, 535);
  const none = await send();
  assert.ok(none.type === 'answer' && none.step === 'letter' && none.code === 530);
  assert.ok(sink.lines.every((line) => !line.includes('sesam')));
});

test('one recipient refused and one taken is taken, and says who was not', async (t) => {
  const { sink, send } = await sinkFor(t);
  sink.next([{ at: 'RCPT', recipient: 'boss@', how: { say: '550 5.1.1 no such user' } }]);
  const outcome = await send();
  assert.ok(outcome.type === 'taken');
  assert.deepEqual(outcome.refused, [
    { recipient: 'boss@example.net', answer: '550 5.1.1 no such user' },
  ]);
  assert.deepEqual(sink.mails[0]?.to, ['oncall@example.net']);
});

test('all refused is an answer; one deferred among them makes it a temporary one', async (t) => {
  const { sink, send } = await sinkFor(t);
  sink.next([{ at: 'RCPT', how: { say: '550 5.1.1 no such user' } }]);
  const all = await send();
  assert.ok(all.type === 'answer' && all.code === 550 && all.step === 'letter');
  sink.next([
    { at: 'RCPT', recipient: 'oncall@', how: { say: '451 4.7.1 greylisted' } },
    { at: 'RCPT', recipient: 'boss@', how: { say: '550 5.1.1 no such user' } },
  ]);
  const some = await send();
  assert.ok(some.type === 'answer' && some.code === 451, JSON.stringify(some));
});

type Expected = 'answer' | 'lost' | 'lost, maybe taken';
const faults: readonly (readonly [string, SmtpFault, Expected, RegExp])[] = [
  ['a greeting that refuses', { at: 'greeting', how: { say: '554 go away' } }, 'answer', /554/],
  ['a full house', { at: 'greeting', how: { say: '421 4.3.2 busy' } }, 'answer', /421/],
  ['no greeting', { at: 'greeting', how: 'hang' }, 'lost', /./],
  ['broken at EHLO', { at: 'EHLO', how: 'break' }, 'lost', /closed|reset/],
  ['broken at STARTTLS', { at: 'STARTTLS', how: 'break' }, 'lost', /closed|reset/],
  ['a sender refused', { at: 'MAIL', how: { say: '553 5.1.8 who?' } }, 'answer', /553/],
  ['broken at MAIL', { at: 'MAIL', how: 'break' }, 'lost', /closed|reset/],
  ['DATA refused', { at: 'DATA', how: { say: '452 4.3.1 disk full' } }, 'answer', /452/],
  ['DATA hangs', { at: 'DATA', how: 'hang' }, 'lost', /./],
  ['letter refused', { at: 'body', how: { say: '552 5.3.4 too big' } }, 'answer', /552/],
  ['broken after the letter', { at: 'body', how: 'break' }, 'lost, maybe taken', /closed|reset/],
  ['silence after the letter', { at: 'body', how: 'hang' }, 'lost, maybe taken', /./],
  ['garbage', { at: 'greeting', how: { say: 'HTTP/1.1 400 Bad Request' } }, 'lost', /./],
];
for (const [name, fault, expected, why] of faults) {
  test(`${name}: ${expected}`, async (t) => {
    const { sink, send } = await sinkFor(t);
    sink.next([fault]);
    const outcome = await send({ timeout: fault.how === 'hang' ? 100 : 2000 });
    assert.ok(outcome.type !== 'taken');
    const maybe = outcome.type === 'lost' && outcome.maybe;
    assert.equal(`${outcome.type}${maybe ? ', maybe taken' : ''}`, expected, outcome.why);
    assert.match(outcome.why, why);
    assert.equal((await send()).type, 'taken', 'the next one is not held up');
  });
}

test('nobody there, and giving up, end it soon and for sure', async (t) => {
  const { sink, send } = await sinkFor(t);
  sink.next([{ at: 'EHLO', how: 'hang' }]);
  const controller = new AbortController();
  const running = send({}, controller.signal);
  while (!sink.lines.some((line) => line.startsWith('EHLO'))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  controller.abort();
  const stopped = await running;
  assert.ok(stopped.type === 'lost' && !stopped.maybe);
  await sink.close();
  const nobody = await send();
  assert.ok(nobody.type === 'lost' && !nobody.maybe);
  assert.match(nobody.why, /^127\.0\.0\.1:\d+: .*refused/);
  const cloud = await send({ host: '169.254.169.254' });
  assert.ok(cloud.type === 'lost' && /link-local/.test(cloud.why));
});
