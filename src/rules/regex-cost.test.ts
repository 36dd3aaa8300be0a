import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileMatchers } from './matchers.ts';
import { copiesIn } from './regex-cost.ts';

const cases: readonly (readonly [pattern: string, copies: number])[] = [
  ['backup.*|restore.+', 0],
  ['[0-9a-f]{64}', 64],
  ['(?:\\d{1,3}\\.){3}\\d{1,3}', 3 + 12 + 3],
  ['a{2}{3}', 2 + 6],
  ['[a{9}]{2}', 2],
  ['\\{9}', 0],
  ['x{,9}', 0],
  ['a{5,}', 5],
  ['((ab){10}){10}', 20 + 200],
  ['\\pL{10}', 210],
  ['[\\p{Greek}x]{10}', 210],
];

for (const [pattern, copies] of cases) {
  test(`the repetitions in ${pattern} come to ${copies}`, () => {
    assert.equal(copiesIn(pattern), copies);
  });
}

test('an expression that would take seconds and much memory is refused, and says what to write', () => {
  for (const value of ['\\pL{0,1000}'.repeat(80), '(a|b|c|d){0,1000}'.repeat(50), '.{0,1000}']) {
    const answer = compileMatchers([{ name: 'unit', operator: '=~', value }]);
    assert.match(answer.type === 'wrong' ? answer.why : '', /write \* or \+ instead/);
  }
});

test('what people write is taken', () => {
  for (const value of ['iqn\\.[0-9]{4}-[0-9]{2}\\..{1,64}', '[0-9a-f]{32}', '(?i)db-\\d{1,5}']) {
    const answer = compileMatchers([{ name: 'unit', operator: '=~', value }]);
    assert.equal(answer.type, 'ok');
  }
});
