import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyText } from '../../../test/support/texts.ts';
import { messageTypes } from '../../domain/message.ts';
import { fakeStart } from '../../operations/fake-alerts.ts';
import { cut, cutBytes, manyLines, oneLine } from './clean.ts';
import { alertLink, messageLink } from './links.ts';
import { fakeItem, fakeMessage, hostileText } from './message.fixture.ts';
import { renderPlain, renderShort } from './plain.ts';
import { headline } from './summary.ts';

const over = {
  phase: 'resolved',
  resolvedAt: fakeStart + 50_000,
  resolvedBy: 'recovered',
} as const;

test('a headline says how bad, where and what', () => {
  const critical = fakeItem(1);
  const warning = fakeItem(2, {}, { severity: 'warning' });
  const ended = fakeItem(3, { reason: 'resolved' }, over);
  const cases = [
    [{ items: [critical] }, '[CRITICAL] box1: unit-1.service failed (exit-code)'],
    [
      { items: [critical, warning], omitted: 2 },
      '[CRITICAL] box1: unit-1.service failed (exit-code) (+3)',
    ],
    [{ items: [ended, warning] }, '[WARNING] box1: unit-2.service failed (exit-code) (+1)'],
    [{ items: [ended] }, '[RESOLVED] box1: unit-3.service failed (exit-code)'],
    [
      { items: [critical], drill: true },
      '[DRILL] [CRITICAL] box1: unit-1.service failed (exit-code)',
    ],
    [
      { type: 'digest', items: [critical, warning, ended], omitted: 9 },
      '[CRITICAL] box1: digest of 12 alerts: 2 firing, 1 over, 9 not shown',
    ],
    [
      { type: 'report', items: [], title: 'Maintenance is over' },
      '[REPORT] box1: Maintenance is over',
    ],
    [{ type: 'reminder', items: [], title: '2 old silences' }, '[REMINDER] box1: 2 old silences'],
    [{ type: 'test', items: [], title: 'A test', drill: true }, '[DRILL] [TEST] box1: A test'],
  ] as const;
  for (const [more, expected] of cases) assert.equal(headline(fakeMessage(more)), expected);
});

test('the text says what, why, who is hurt, what to do first, since when, where and how to take it', () => {
  const item = fakeItem(
    1,
    { victims: 4, victimTitles: ['a.service failed', 'b.service failed'] },
    { cause: '01KCAUSE', alternatives: ['01KOTHER'] },
  );
  const text = renderPlain(fakeMessage({ items: [item] }));
  const { id } = item.alert;
  for (const said of [
    'CRITICAL  unit-1.service failed (exit-code)',
    'It ended with status 1.',
    'because of alert 01KCAUSE, or 01KOTHER',
    '4 more alerts because of it: a.service failed, b.service failed, and 2 more',
    'Do first     Look at journalctl -u unit-1.service.',
    'Since        2026-11-22 06:14:01 UTC, for 1m',
    'systemd.unit unit-1.service on box1',
    'unit=unit-1.service',
    `tocsin alert ack ${id}`,
    `tocsin alert explain ${id}`,
    'boom',
    'tocsin on box1, channel oncall, message 17 (01KAP3DKV0Z3NDEKTSV4RRFFQ1)',
  ]) {
    assert.ok(text.includes(said), `${said} is missing in:\n${text}`);
  }
});

test('what is over says how it ended and asks nobody to see to it', () => {
  for (const [by, words] of [
    ['recovered', 'it recovered'],
    ['gone', 'what it was about is gone'],
    ['operator:token:anna', 'resolved by token:anna'],
    ['constructor', 'resolved by constructor'],
  ] as const) {
    const item = fakeItem(1, { reason: 'resolved' }, { ...over, resolvedBy: by });
    const text = renderPlain(fakeMessage({ items: [item] }));
    assert.ok(text.includes(`RESOLVED  unit-1`) && text.includes(words), text);
    assert.doesNotMatch(text, /alert ack|Do first|boom/);
  }
});

test('each reason and each doubt is a sentence', () => {
  const say = (...given: Parameters<typeof fakeItem>) =>
    renderPlain(fakeMessage({ items: [fakeItem(...given)] }));
  assert.match(say(1, { reason: 'severity' }), /It is critical now/);
  assert.match(say(1, { reason: 'severity', before: 'info' }), /risen from info to critical/);
  assert.match(say(1, { reason: 'brief' }, over), /ended before anybody was told/);
  assert.match(say(1, { reason: 'repeat' }), /still fires, and nobody has acknowledged/);
  assert.match(say(1, { reason: 'unmuted' }), /What muted it has ended/);
  assert.match(say(1, { reason: 'escalated' }), /Nobody has acknowledged it/);
  assert.match(say(1, {}, { stale: true }), /cannot be read at present/);
  assert.match(say(1, {}, { foundLate: true }), /began while tocsin was not watching/);
});

test('a digest says why it is one and how many it holds', () => {
  const items = [fakeItem(1), fakeItem(2, { reason: 'resolved' }, over)];
  const why = 'the channel could not be reached for 2h';
  const digest = fakeMessage({ type: 'digest', why, items, omitted: 3 });
  const text = renderPlain(digest);
  assert.match(text, /digest of 5 alerts \(1 firing, 1 over, 3 not shown\).*could not be reached/);
  assert.match(text, /3 more alerts are not shown here: tocsin alert list/);
  const short = renderShort(digest, 4000);
  assert.match(short, /CRITICAL unit-1.*\nRESOLVED unit-2/);
  assert.match(short, /3 more alerts are not shown/);
});

test('reports, reminders and tests are their lines', () => {
  const lines = ['7 alerts, 5 recovered', 'two still fire'];
  for (const type of ['report', 'reminder', 'test'] as const) {
    const message = fakeMessage({ type, items: [], title: 'Maintenance is over', lines });
    assert.ok(renderPlain(message).startsWith('7 alerts, 5 recovered\ntwo still fire\n\n-- \n'));
    assert.equal(renderShort(message, 1000), lines.join('\n'));
  }
});

test('a push of several alerts names the others, and says what it leaves out', () => {
  const items = Array.from({ length: 15 }, (_, i) => fakeItem(i + 1));
  const short = renderShort(fakeMessage({ items, omitted: 5 }), 4000);
  assert.match(short, /tocsin alert ack/);
  assert.match(short, /Also:\nCRITICAL unit-2.service/);
  assert.match(short, /9 more alerts are not shown/);
});

test('hostile texts lose what steers and what breaks lines', () => {
  const line = oneLine(hostileText, 1000);
  // By number: a pattern must hold no control character.
  const codes = Array.from(line, (letter) => letter.codePointAt(0) ?? 0);
  assert.deepEqual(
    codes.filter((code) => code < 32 || (code >= 0x202a && code <= 0x202e) || code === 0xd800),
    [],
  );
  assert.match(line, /Bcc: all@example\.net/);
  const message = fakeMessage({
    items: [fakeItem(1, {}, { title: hostileText })],
    host: hostileText,
  });
  assert.equal(headline(message).split('\n').length, 1);
});

test('no text is longer than its bound, and none is cut through a character', () => {
  fc.assert(
    fc.property(anyText({ maxLength: 300 }), fc.integer({ min: 4, max: 120 }), (text, max) => {
      assert.ok(oneLine(text, max).length <= max);
      assert.ok(oneLine(text, max).isWellFormed());
      assert.doesNotMatch(oneLine(text, max), /[\r\n\u2028\u2029]/);
      assert.ok(cut(text.toWellFormed(), max).isWellFormed());
      assert.ok(Buffer.byteLength(cutBytes(text, max)) <= max + 3);
      assert.ok(manyLines(text, max).every((line) => line.isWellFormed()));
    }),
  );
});

test('100 alerts of 100 kB each make a text that can be sent', () => {
  const huge = 'ä'.repeat(100_000);
  const evidence = [{ type: 'journal', title: huge, lines: Array(500).fill(huge) }] as const;
  const alert = { title: huge, message: huge, advice: huge, labels: { a: huge }, evidence };
  const items = Array.from({ length: 100 }, (_, i) => fakeItem(i, {}, alert));
  const message = fakeMessage({ items });
  assert.ok(renderPlain(message).length < 250_000);
  assert.match(renderPlain(message), /more alerts are not shown here/);
  assert.ok(Buffer.byteLength(renderShort(message, 4000)) <= 4000);
  assert.ok(headline(message).length < 300);
});

test('any message of any type can be said', () => {
  const message = fc.record({
    type: fc.constantFrom(...messageTypes),
    title: anyText(),
    host: anyText(),
    lines: fc.array(anyText(), { maxLength: 3 }),
    why: fc.option(anyText()),
    omitted: fc.nat(3),
    drill: fc.boolean(),
    items: fc.array(
      fc
        .record({ title: anyText(), message: anyText(), advice: anyText(), comment: anyText() })
        .map((alert) => fakeItem(1, {}, alert)),
      { maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(message, (more) => {
      const made = fakeMessage(more);
      assert.ok(renderPlain(made).isWellFormed());
      assert.ok(renderShort(made, 500).isWellFormed());
      assert.equal(headline(made).startsWith('[DRILL] '), made.drill);
    }),
    { numRuns: 50 },
  );
});

test('links lead to the alert, or to the page when there are several; without a page there are none', () => {
  const one = fakeMessage();
  const id = one.items[0]?.alert.id ?? '';
  assert.equal(messageLink('https://box/tocsin/', one), `https://box/tocsin/#/alerts/${id}`);
  assert.equal(messageLink('https://box/', fakeMessage({ omitted: 1 })), 'https://box/');
  assert.equal(alertLink('', id), '');
});
