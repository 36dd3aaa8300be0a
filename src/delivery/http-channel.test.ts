import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpOutcome } from '../platform/http.ts';
import { address, secretWord, someTexts } from './channel-settings.ts';
import { combine, outcomeOf, retryAfterOf } from './http-channel.ts';

const now = Date.UTC(2026, 10, 22, 6, 0, 0);
const answer = (status: number, headers: Record<string, string> = {}, text = ''): HttpOutcome => ({
  type: 'answer',
  status,
  headers,
  text,
});

const cases: readonly (readonly [number, string])[] = [
  [200, 'delivered'],
  [202, 'delivered'],
  [204, 'delivered'],
  [301, 'retry'],
  [400, 'refused'],
  [401, 'retry'],
  [403, 'retry'],
  [404, 'retry'],
  [405, 'refused'],
  [407, 'retry'],
  [408, 'retry'],
  [410, 'refused'],
  [413, 'refused'],
  [415, 'refused'],
  [422, 'refused'],
  [425, 'retry'],
  [429, 'retry'],
  [500, 'retry, maybe taken'],
  [502, 'retry, maybe taken'],
  [503, 'retry'],
  [504, 'retry, maybe taken'],
];
for (const [status, expected] of cases) {
  test(`an answer of ${status} means: ${expected}`, () => {
    const outcome = outcomeOf(answer(status), 'hook:443', now);
    const maybe = outcome.type === 'retry' && outcome.maybe ? ', maybe taken' : '';
    assert.equal(`${outcome.type}${maybe}`, expected);
  });
}

test('what surely did not arrive is no maybe, and what got no answer is one', () => {
  const why = 'hook:443: refused';
  const of = (outcome: HttpOutcome) => outcomeOf(outcome, 'hook:443', now);
  assert.deepEqual(of({ type: 'unreachable', why, sure: true }), {
    type: 'retry',
    why,
    maybe: false,
  });
  assert.deepEqual(of({ type: 'timeout', why, sure: false }), { type: 'retry', why, maybe: true });
});

test('Retry-After is honoured as seconds and as a date, never longer than a day', () => {
  assert.equal(retryAfterOf('120', now), 120_000);
  assert.equal(retryAfterOf('Sun, 22 Nov 2026 06:05:00 GMT', now), 300_000);
  assert.equal(retryAfterOf('Sun, 22 Nov 2026 05:00:00 GMT', now), 0);
  assert.equal(retryAfterOf('999999999', now), 86_400_000);
  assert.equal(retryAfterOf('soon', now), undefined);
  assert.equal(retryAfterOf('-5', now), 0);
  assert.equal(retryAfterOf(undefined, now), undefined);
  const outcome = outcomeOf(answer(429, { 'retry-after': '7' }), 'hook:443', now);
  assert.ok(outcome.type === 'retry' && outcome.after === 7000);
});

test('the answer to what is refused is in the reason, short and harmless', () => {
  const text = `bad\u001b[31m payload\n${'x'.repeat(10_000)}`;
  const outcome = outcomeOf(answer(400, {}, text), 'hook:443', now);
  assert.ok(outcome.type === 'refused');
  assert.match(outcome.why, /^hook:443 answered 400: bad \[31m payload x+…$/);
  assert.ok(outcome.why.length < 260);
});

test('a redirect is said with its host, without its path', () => {
  const outcome = outcomeOf(answer(302, { location: 'https://other/secret' }), 'hook:443', now);
  assert.ok(outcome.type === 'retry');
  assert.match(outcome.why, /redirects are not followed \(to other:443\)/);
  assert.doesNotMatch(outcome.why, /secret/);
});

test('of several receivers the worst outcome holds for all', () => {
  const delivered = { type: 'delivered', detail: '200' } as const;
  const refused = { type: 'refused', why: 'b said 400' } as const;
  const away = { type: 'retry', why: 'c is away', maybe: false, after: 5 } as const;
  const busy = { type: 'retry', why: 'd is busy', maybe: false, after: 9 } as const;
  assert.deepEqual(combine([delivered, delivered]), { type: 'delivered', detail: '200, 200' });
  assert.deepEqual(combine([delivered, refused]), refused);
  assert.deepEqual(combine([refused, away, busy]), {
    type: 'retry',
    why: 'c is away; d is busy',
    maybe: false,
    after: 9,
  });
  const some = combine([delivered, away]);
  assert.ok(some.type === 'retry' && some.maybe, 'one of them has it already');
});

test('a list of texts is neither empty nor too long, and holds none twice', () => {
  const list = someTexts('Who.', {
    max: 2,
    expects: 'letters',
    fits: (text) => /^[a-z]$/.test(text),
  });
  assert.deepEqual(list.read(['a', 'b']), { value: ['a', 'b'] });
  for (const wrong of [[], ['a', 'b', 'c'], ['a', 'a'], ['A'], 'a', null]) {
    assert.equal(list.read(wrong), undefined, JSON.stringify(wrong));
  }
});

test('a URL or a topic may be written or be a secret, and is nothing else', () => {
  const url = address('Where.');
  assert.deepEqual(url.read('https://hook/x'), { value: 'https://hook/x' });
  assert.deepEqual(url.read({ credential: 'tocsin.slack' }), {
    value: { credential: 'tocsin.slack' },
  });
  for (const wrong of ['', 'hook/x', 'file:///etc/passwd', 'https://a b/', { url: 'x' }, null, 7]) {
    assert.equal(url.read(wrong), undefined, JSON.stringify(wrong));
  }
  assert.deepEqual(secretWord('Topic.').read('alerts-9'), { value: 'alerts-9' });
  assert.equal(secretWord('Topic.').read('../x'), undefined);
});
