import assert from 'node:assert/strict';
import { test } from 'node:test';
import { words } from './expression.fixture.ts';
import { checkExpression } from './expression.ts';

const refused: readonly [string, string, number][] = [
  ['unti.watched', 'unknown name "unti" (did you mean "unit"?); known here: unit, now', 0],
  ['watched', 'unknown name "watched" (did you mean "unit.watched"?); known here: unit, now', 0],
  ['unit.wached', 'systemd.unit has no attribute "wached" (did you mean "watched"?)', 5],
  ['unit.watched.x', '"x" cannot be taken out of a value', 13],
  ['unit', '"unit" needs an attribute behind it: unit.NAME', 0],
  ['event.code > 1', '"event" is known in event rules only (those with "on")', 0],
  ['unit.constructor == "x"', 'systemd.unit has no attribute "constructor"', 5],
  [
    'incraese(unit.nRestarts, "1m") > 1',
    'unknown function "incraese" (did you mean "increase"?)',
    0,
  ],
  ['unit.id.startWith("a")', 'unknown function ".startWith()" (did you mean "startsWith"?)', 0],
  ['dyn(unit.nRestarts) == "a"', 'unknown function "dyn"', 0],
  ['unit.nRestarts == "3"', 'a number cannot be compared with a word by ==', 0],
  ['unit.watched && unit.result > 3', 'a word cannot be compared with a number by >', 16],
  [
    'age(unit.stateChangeAt) > 300',
    'a duration cannot be compared with a number by >: write duration("5m")',
    0,
  ],
  [
    'unit.stateChangeAt > duration("5m")',
    'an instant cannot be compared with a duration by >: age(',
    0,
  ],
  ['unit.result in [1]', 'a word cannot be compared with a number by in', 0],
  ['unit.nRestarts', 'it must be true or false, and is a number', 0],
  ['unit.nRestarts >', 'unexpected token: the end', 16],
  ['unit.nRestarts = 3', 'a single "=": comparisons are written ==', 15],
  ['unit.result == null', '"null" cannot be compared: ask has(KIND.ATTRIBUTE)', 15],
  ['increase(3, "10m") > 1', 'increase() looks at the past of one number: KIND.ATTRIBUTE', 9],
  ['increase(unit.nRestarts, "10") > 1', '"10" is no duration such as 30s, 10m or 1h30m', 25],
  [
    'increase(unit.nRestarts, unit.id) > 1',
    'increase() needs a duration such as "10m" written out',
    25,
  ],
  ['increase(unit.nRestarts, "0s") > 1', 'increase() over no time at all', 25],
  ['unit.period > duration("five")', '"five" is no duration', 23],
  ['[["a"]].exists(x, ["a"].exists(y, y == x))', 'a list can stand behind "in"', 1],
  [
    '["a"].exists(x, ["a"].exists(y, y == x))',
    'exists and all cannot stand inside one another',
    16,
  ],
  ['["a"].map(x, x) == ["a"]', 'unknown function ".map()"', 0],
  ['cel.bind(x, 1, x > 0)', 'unknown function ".bind()"', 0],
  ['{"a": 1}["a"] > 1', 'maps, [ ] and .? are not part of the rule language', 0],
  ['unit["id"] == "a"', 'maps, [ ] and .? are not part of the rule language', 0],
  ['matches(unit.id, "(")', 'the pattern cannot be used: ', 17],
  ['matches(unit.id, "(a)\\\\1")', 'the pattern cannot be used: ', 17],
  ['matches(unit.id, unit.result)', 'matches() needs a pattern in quotes written out here', 17],
  ['matches(unit.id, "((a{100}){100}){100}")', 'the pattern cannot be used: ', 17],
  ['1 / 0 > unit.nRestarts', 'this is no number (divided by zero?)', 0],
  [`${'('.repeat(40)}unit.watched${')'.repeat(40)}`, 'Exceeded max', 0],
  [Array.from({ length: 300 }, () => 'now>now').join(' && '), 'Exceeded max', 0],
];
for (const [text, message, offset] of refused) {
  test(`refused: ${text.slice(0, 60)}`, () => {
    const checked = checkExpression(text, words, 'flag');
    assert.ok(checked.type === 'refused');
    assert.equal(checked.problem.message.slice(0, message.length), message);
    if (!message.startsWith('Exceeded')) assert.equal(checked.problem.offset, offset);
  });
}
