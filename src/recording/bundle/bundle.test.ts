import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { originsOnly, Redactor } from './redact.ts';
import { packTar } from './tar.ts';

/** What was planted, in the ways in which secrets find their way into texts. */
const planted: readonly (readonly [text: string, secret: string])[] = [
  ['password=hunter2-x1', 'hunter2-x1'],
  ['PGPASSWORD="with space 77"', 'with space 77'],
  ['smtp_password: Xk3ff', 'Xk3ff'],
  ['{"apiKey": "abc123def"}', 'abc123def'],
  ['Authorization: Bearer abcdef123456', 'abcdef123456'],
  ['curl -H "X-Api-Key: 998877aa"', '998877aa'],
  ['mount --password s3cr3t99 /mnt', 's3cr3t99'],
  ['postgres://tocsin:geheim@db.example.org/x', 'geheim'],
  ['https://example.org/hook?key=q1w2e3', 'q1w2e3'],
  [
    'https://hooks.slack.com/services/T000/B000/XyZ012345678901234567890',
    'XyZ012345678901234567890',
  ],
  ['https://hc-ping.com/4f1c9a52-1c1e-4b7a-9d3f-0c6f4b7c2f11', '4f1c9a52'],
  ['token ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'ghp_16C7'],
  ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sflKxwRJSM', 'eyJhbGci'],
  ['key dGhpcyBpcyBhIHNlY3JldCBvZiB0aGUgaG91c2U5OTk=', 'dGhpcyBpcyBh'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----', 'MIIEow'],
  ['mail to alice.smith@example.org refused', 'alice.smith'],
];

for (const [text, secret] of planted) {
  test(`of ${JSON.stringify(text.slice(0, 40))} the secret is gone`, () => {
    const redactor = new Redactor();
    const clean = redactor.text(`before ${text} after`);
    assert.ok(!clean.includes(secret), clean);
    assert.ok(clean.startsWith('before '), clean);
    assert.ok(Object.keys(redactor.counts).length > 0);
  });
}

const harmless = [
  'user@1000.service failed with exit-code, status 1',
  'invocation 8f3c9a521c1e4b7a9d3f0c6f4b7c2f11',
  'alert 01M824AC18812NHB90W26TR001 of iqn.2026-11.org.example:disk0',
  'https://docs.example.org/manual/chapter-3',
  '/dev/disk/by-id/wwn-0x5000c500a1b2c3d4',
  'the token ring is broken',
];
for (const text of harmless) {
  test(`${JSON.stringify(text.slice(0, 50))} stays as it is`, () => {
    const redactor = new Redactor();
    assert.equal(redactor.text(text), text);
    assert.deepEqual(redactor.counts, {});
  });
}

test('in values what stands behind a secret name is gone, and the place of a secret stays', () => {
  const redactor = new Redactor();
  const value = {
    password: 'geheim',
    nested: [{ apiKey: 'x1', file: '/etc/tocsin/smtp' }],
    token: { credential: 'tocsin.smtp' },
    secretFile: { file: '/etc/tocsin/key' },
    port: 25,
  };
  assert.deepEqual(redactor.value(value), {
    password: '[redacted]',
    nested: [{ apiKey: '[redacted]', file: '/etc/tocsin/smtp' }],
    token: { credential: 'tocsin.smtp' },
    secretFile: { file: '/etc/tocsin/key' },
    port: 25,
  });
  assert.deepEqual(redactor.counts, { password: 2 });
});

test('of addresses in settings the host alone stays', () => {
  const settings = { a: 'https://ntfy.sh/my-topic', b: 'smtp://mail.example.org', c: ['x'] };
  assert.deepEqual(originsOnly(settings), {
    a: 'https://ntfy.sh/[redacted]',
    b: 'smtp://mail.example.org',
    c: ['x'],
  });
});

test('tar unpacks what was packed, whatever its length', () => {
  const files = [0, 1, 511, 512, 513, 5000].map((length) => ({
    name: `folder/${length}.txt`,
    text: 'ü'.repeat(length),
  }));
  const archive = packTar(files, 1_800_000_000);
  assert.equal(archive.length % 512, 0);
  for (const { name, text } of files)
    assert.equal(execFileSync('tar', ['-xOf', '-', name], { input: archive }).toString(), text);
  const listed = execFileSync('tar', ['-tvf', '-'], { input: archive }).toString();
  assert.equal(listed.trim().split('\n').length, files.length);
  assert.ok(listed.startsWith('-rw-------'));
});

test('a long word without an end is read once, and not once for each of its letters', () => {
  for (const word of ['a', 'a.', 'pass', '--a', 'Aa1', 'eyJ-', 'https://a/', 'x@y.']) {
    const redactor = new Redactor();
    const begun = process.cpuUsage();
    redactor.text(word.repeat(65_536 / word.length));
    const { user } = process.cpuUsage(begun);
    assert.ok(user < 3_000_000, `${word}: ${user / 1000} ms`);
  }
});

test('a password with an @ in it is gone as a whole', () => {
  assert.equal(new Redactor().text('http://u:p@ss@host/'), 'http://[redacted]@host/');
});

test('a label that is called like the place of a secret is redacted like others', () => {
  const value = { labels: { file: 'https://u:geheim@host/' } };
  assert.doesNotMatch(JSON.stringify(new Redactor().value(value)), /geheim/);
});
