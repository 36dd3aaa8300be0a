/** Where everything is known, our closures say what cel-js's own evaluator says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeCondition } from './language/condition.ts';
import { words } from './language/expression.fixture.ts';
import { checkExpression } from './language/expression.ts';
import { lookAt } from './language/names.ts';

const { flagText } = fc.letrec<Record<'flagText' | 'numberText' | 'wordText', string>>((tie) => ({
  numberText: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('unit.nRestarts', 'unit.memoryBytes'),
    fc.integer({ min: 0, max: 5 }).map(String),
    fc.constantFrom('1.5', '0.25'),
    fc
      .tuple(tie('numberText'), fc.constantFrom('+', '-', '*'), tie('numberText'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('numberText').map((a) => `-(${a})`),
    fc
      .tuple(tie('flagText'), tie('numberText'), tie('numberText'))
      .map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  ),
  wordText: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('unit.result', 'unit.activeState', 'unit.id', '"a"', '"failed"', '"é"'),
    fc.tuple(tie('wordText'), tie('wordText')).map(([a, b]) => `(${a} + ${b})`),
    tie('wordText').map((a) => `${a}.upperAscii()`),
  ),
  flagText: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom('unit.watched', 'unit.restarting', 'true', 'false'),
    fc
      .tuple(
        tie('numberText'),
        fc.constantFrom('==', '!=', '<', '<=', '>', '>='),
        tie('numberText'),
      )
      .map(([a, op, b]) => `${a} ${op} ${b}`),
    fc
      .tuple(tie('wordText'), fc.constantFrom('==', '!=', '<', '>='), tie('wordText'))
      .map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(tie('numberText'), tie('numberText')).map(([a, b]) => `${a} in [${b}, 1, 4]`),
    fc.tuple(tie('wordText'), tie('wordText')).map(([a, b]) => `${a}.contains(${b})`),
    tie('wordText').map((a) => `["a", "failed"].exists(x, x == ${a} || unit.watched)`),
    tie('wordText').map((a) => `["a", "failed"].all(x, ${a}.startsWith(x))`),
    tie('flagText').map((a) => `!(${a})`),
    fc
      .tuple(tie('flagText'), fc.constantFrom('&&', '||'), tie('flagText'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
  ),
}));

const facts = fc.record({
  watched: fc.boolean(),
  restarting: fc.boolean(),
  nRestarts: fc.integer({ min: 0, max: 5 }),
  memoryBytes: fc.constantFrom(0, 1.5, 4),
  result: fc.constantFrom('a', 'failed', 'é', ''),
  activeState: fc.constantFrom('active', 'failed'),
});

test('our answers are those of cel-js', () => {
  let compared = 0;
  fc.assert(
    fc.property(flagText, facts, (text, attributes) => {
      const checked = checkExpression(text, words, 'flag');
      if (checked.type === 'refused') {
        assert.match(checked.problem.message, /exceeded|Exceeded/, text);
        return;
      }
      const options = { every: 1000, inapplicable: 'false' } as const;
      const ours = makeCondition(
        checked.expression.compiled,
        options,
      )({
        resource: {
          kind: 'systemd.unit',
          id: 'a.service',
          collector: 'test',
          attributes,
          changedAt: 0,
          readAt: 0,
          staleSince: null,
        },
        past: () => [],
        now: 0,
      });
      const parsed = words.environment.parse(text);
      lookAt(parsed.ast, { vocabulary: words });
      parsed.check();
      const theirs: unknown = parsed({ unit: { ...attributes, id: 'a.service' } });
      assert.equal(ours.type, String(theirs), text);
      compared++;
    }),
    { numRuns: 1000 },
  );
  assert.ok(compared > 500, `only ${compared} expressions were compared`);
});
