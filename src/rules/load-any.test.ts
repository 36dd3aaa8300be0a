/** Whatever a text is, the loader answers with complaints, soon, and never throws. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyText as anyString } from '../../test/support/texts.ts';
import { ruleFields } from './files/compile.ts';
import { makeCondition } from './language/condition.ts';
import { eventWords, words } from './language/expression.fixture.ts';
import { checkExpression } from './language/expression.ts';
import { plainFunctions, windowFunctions } from './language/functions.ts';
import { complaintsOf, load, oneRule, ruleFile } from './rules.fixture.ts';

const options = { numRuns: 300 };

const pieces = [
  'rules:',
  '- id: a',
  ...ruleFields.map((name) => `${name}: `),
  '"{{ unit.id }}"',
  'unit.activeState == "failed"',
  'unit.nRestarts > 3',
  '5m',
  'critical',
  'system',
  'systemd.unit',
  '&a',
  '*a',
  '{',
  '}',
  '[',
  ']',
  '|',
  '>-',
  '\n',
  '\n  ',
  '\n    ',
  '!x',
  '"',
  "'",
  '#',
  '? ',
  ': ',
  '---',
  '%YAML 1.1',
];

test('any text gives complaints with a place and no exception', () => {
  const anyText = fc.oneof(
    anyString({ maxLength: 300 }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((some) => some.join('')),
    fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((some) => some.join(' ')),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      const { rules, complaints } = load(ruleFile('a.yaml', text));
      const errors = complaints.filter(({ level }) => level === 'error');
      assert.equal(rules === undefined, errors.length > 0);
      const lines = text.split(/\n/).length;
      for (const { line, column } of complaints) {
        assert.ok(line >= 0 && line <= lines, `line ${line} of ${lines}`);
        assert.ok(column >= 0);
      }
    }),
    options,
  );
});

const tokens = [
  'unit.',
  'unit.id',
  'unit.watched',
  'unit.nRestarts',
  'unit.stateChangeAt',
  'unit.period',
  'event.code',
  'now',
  ...Object.keys({ ...windowFunctions, ...plainFunctions }).map((name) => `${name}(`),
  '.exists(x, ',
  '.all(',
  '.matches(',
  '"5m"',
  '"(a+)+$"',
  'duration("5m")',
  '3',
  '0',
  '-',
  '+',
  '*',
  '/',
  '%',
  '&&',
  '||',
  '!',
  '==',
  '<',
  '>=',
  'in',
  '[',
  ']',
  '(',
  ')',
  ',',
  '?',
  ':',
  'true',
  'null',
  'x',
  '{',
  '}',
];
const anyExpression = fc.oneof(
  anyString({ maxLength: 100 }),
  fc.array(fc.constantFrom(...tokens), { maxLength: 20 }).map((some) => some.join(' ')),
);

test('any expression is checked and evaluated without an exception', () => {
  const attributes = fc.dictionary(
    fc.constantFrom('watched', 'nRestarts', 'stateChangeAt', 'period', 'result'),
    fc.oneof(fc.constant(null), fc.constant({ unreadable: 'EIO' })),
  );
  fc.assert(
    fc.property(anyExpression, attributes, (text, readings) => {
      const checked = checkExpression(text, eventWords);
      if (checked.type === 'refused') {
        assert.ok(checked.problem.offset >= 0 && checked.problem.offset <= text.length);
        return;
      }
      const condition = makeCondition(checked.expression.compiled, {
        every: 1000,
        inapplicable: 'false',
      });
      const resource = {
        kind: 'systemd.unit',
        id: 'a',
        collector: 'test',
        attributes: readings,
        changedAt: 0,
        readAt: 0,
        staleSince: null,
      };
      const verdict = condition({ resource, past: () => [], now: 1000 });
      assert.ok(verdict.again === undefined || verdict.again > 1000);
    }),
    { numRuns: 2000 },
  );
});

/** A sum of comparisons of one age with whole seconds, put together by && and ||. */
const ageCondition = fc
  .array(
    fc.tuple(
      fc.constantFrom('<', '<=', '>', '>=', '==', '!='),
      fc.integer({ min: 0, max: 20 }),
      fc.constantFrom(' && ', ' || '),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) =>
    parts
      .map(
        ([op, s, and], i) => `${i > 0 ? and : ''}age(unit.stateChangeAt) ${op} duration("${s}s")`,
      )
      .join(''),
  );

test('between two announced instants no answer changes by itself', () => {
  fc.assert(
    fc.property(ageCondition, fc.integer({ min: 0, max: 21_000 }), (text, now) => {
      const checked = checkExpression(text, words, 'flag');
      assert.ok(checked.type === 'good');
      const condition = makeCondition(checked.expression.compiled, {
        every: 60_000,
        inapplicable: 'false',
      });
      const resource = {
        kind: 'systemd.unit',
        id: 'a',
        collector: 'test',
        attributes: { stateChangeAt: 0 },
        changedAt: 0,
        readAt: 0,
        staleSince: null,
      };
      const at = (instant: number): ReturnType<typeof condition> =>
        condition({ resource, past: () => [], now: instant });
      const { type, again = 30_000 } = at(now);
      for (let later = now; later < again; later += 250) assert.equal(at(later).type, type);
      assert.equal(at(again - 1).type, type);
    }),
    options,
  );
});

test('a file full of nonsense is answered soon', () => {
  const began = process.cpuUsage().user;
  const many = Array.from({ length: 2000 }, (_, i) => oneRule({ id: `r${i}`, when: 'unit.x' }));
  const text = `rules:\n${many.map((one) => one.replace('rules:\n', '')).join('')}`;
  assert.equal(complaintsOf(ruleFile('a.yaml', text)).length, 200);
  for (const one of ['[', '{', '- ', '? ', '&a ', '!', '"', '*a '])
    complaintsOf(ruleFile('a.yaml', one.repeat(20_000)));
  const spent = (process.cpuUsage().user - began) / 1000;
  assert.ok(spent < 10_000, `it took ${spent} ms of processor time`);
});
