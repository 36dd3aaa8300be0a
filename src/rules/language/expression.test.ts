import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttributeReading, unreadable } from '../../domain/reading.ts';
import type { Resource, Sample } from '../../domain/resource.ts';
import type { Scope, Verdict } from '../compiled.ts';
import { makeCondition } from './condition.ts';
import { eventWords, unit, words } from './expression.fixture.ts';
import { checkExpression } from './expression.ts';

const now = 1_800_000_000_000;
const minute = 60_000;

type Readings = Readonly<Record<string, AttributeReading>>;

function scopeOf(attributes: Readings, samples: readonly Sample[] = []): Scope {
  const resource: Resource = {
    kind: unit.name,
    id: 'nfs.service',
    collector: 'test',
    attributes,
    changedAt: now,
    readAt: now,
    staleSince: null,
  };
  return { resource, past: () => samples, now };
}

function judge(text: string, scope: Scope): Verdict {
  const checked = checkExpression(text, words, 'flag');
  assert.ok(checked.type === 'good', checked.type === 'refused' ? checked.problem.message : '');
  const options = { every: minute, inapplicable: 'false' } as const;
  return makeCondition(checked.expression.compiled, options)(scope);
}

const failed: Readings = {
  activeState: 'failed',
  result: 'exit-code',
  watched: true,
  restarting: false,
  nRestarts: 4,
  memoryBytes: 1024,
  stateChangeAt: now - 3 * minute,
  period: 10 * minute,
};

const broken = unreadable('EIO');

const answers: readonly [string, Readings, Verdict['type']][] = [
  ['unit.watched && unit.activeState == "failed" && !unit.restarting', failed, 'true'],
  ['unit.nRestarts >= 3', failed, 'true'],
  ['unit.nRestarts == 4', failed, 'true'],
  ['unit.nRestarts != 4', failed, 'false'],
  ['unit.nRestarts + 1 > 4.5 && unit.nRestarts % 2 == 0', failed, 'true'],
  ['-unit.nRestarts < -3', failed, 'true'],
  ['unit.nRestarts / 0 > 1', failed, 'false'],
  ['!(unit.nRestarts / 0 > 1)', failed, 'false'],
  ['unit.result in ["exit-code", "signal"]', failed, 'true'],
  ['unit.nRestarts in [1, 2, 4]', failed, 'true'],
  ['unit.result in ["signal"]', failed, 'false'],
  ['unit.id.startsWith("nfs") && unit.id.endsWith(".service")', failed, 'true'],
  ['unit.id.contains("s.s") && unit.id.size() == 11', failed, 'true'],
  ['matches(unit.id, "^nfs\\\\..*$") && unit.id.matches("s")', failed, 'true'],
  ['["a", "nfs"].exists(x, unit.id.startsWith(x))', failed, 'true'],
  ['["a", "nfs"].all(x, unit.id.startsWith(x))', failed, 'false'],
  ['[1, 4].exists(x, x + 0 == unit.nRestarts)', failed, 'true'],
  ['unit.watched ? unit.nRestarts > 3 : false', failed, 'true'],
  ['age(unit.stateChangeAt) > duration("2m")', failed, 'true'],
  ['now - unit.stateChangeAt >= duration("3m")', failed, 'true'],
  ['unit.stateChangeAt + unit.period < now', failed, 'false'],
  ['age(unit.stateChangeAt) > unit.period * 0.25', failed, 'true'],
  ['age(unit.stateChangeAt) / unit.period < 0.31', failed, 'true'],
  ['age(unit.stateChangeAt) < seconds(181)', failed, 'true'],
  ['string(unit.nRestarts) + "x" == "4x"', failed, 'true'],
  // null: known not to apply. The condition is false, and so is its opposite.
  ['age(unit.stateChangeAt) > duration("2m")', { stateChangeAt: null }, 'false'],
  ['!(age(unit.stateChangeAt) > duration("2m"))', { stateChangeAt: null }, 'false'],
  ['unit.result != "success"', { result: null }, 'false'],
  ['has(unit.result)', { result: null }, 'false'],
  ['!has(unit.result)', { result: null }, 'true'],
  ['has(unit.result)', { result: 'x' }, 'true'],
  ['unit.result == "x" || unit.watched', { result: null, watched: true }, 'true'],
  ['unit.result == "x" && unit.watched', { result: null }, 'false'],
  // Unknown: unreadable or never read, and only where the answer depends on it.
  ['unit.watched', {}, 'unknown'],
  ['unit.watched', { watched: broken }, 'unknown'],
  ['has(unit.result)', { result: broken }, 'unknown'],
  ['!unit.watched', {}, 'unknown'],
  ['unit.watched || unit.nRestarts > 3', { nRestarts: 4 }, 'true'],
  ['unit.nRestarts > 3 || unit.watched', { nRestarts: 4 }, 'true'],
  ['unit.nRestarts > 3 || unit.watched', { nRestarts: 1, watched: broken }, 'unknown'],
  ['unit.nRestarts > 3 || unit.watched', { nRestarts: null, watched: broken }, 'unknown'],
  ['unit.watched && unit.nRestarts > 3', { nRestarts: 1 }, 'false'],
  ['unit.nRestarts > 3 && unit.watched', { nRestarts: 1, watched: broken }, 'false'],
  ['unit.nRestarts > 3 && unit.watched', { nRestarts: 4, watched: broken }, 'unknown'],
  ['unit.watched ? unit.restarting : unit.nRestarts > 3', { watched: false, nRestarts: 4 }, 'true'],
  ['["a"].exists(x, unit.result == x) || unit.watched', { result: broken, watched: true }, 'true'],
  ['["a", "b"].all(x, unit.result != x)', { result: broken }, 'unknown'],
];

for (const [text, attributes, type] of answers) {
  test(`${text} over ${JSON.stringify(attributes)} is ${type}`, () => {
    assert.equal(judge(text, scopeOf(attributes)).type, type);
  });
}

test('what is unknown says why', () => {
  const all = scopeOf({ watched: broken });
  assert.equal(judge('unit.watched', all).why, 'watched is unreadable: EIO');
  assert.equal(judge('unit.restarting', all).why, 'restarting was not read yet');
});

const values: readonly [string, Verdict['value']][] = [
  ['unit.watched && unit.activeState == "failed"', 'failed'],
  ['3 <= unit.nRestarts && unit.result == "exit-code"', 4],
  ['unit.result in ["exit-code"]', 'exit-code'],
  ['unit.watched && age(unit.stateChangeAt) > duration("1m")', undefined],
  ['unit.memoryBytes / 2 > 1', 512],
];
for (const [text, value] of values) {
  test(`${text} shows ${value}`, () => assert.equal(judge(text, scopeOf(failed)).value, value));
}

const agains: readonly [string, Verdict['again']][] = [
  ['age(unit.stateChangeAt) > duration("5m")', now + 2 * minute + 1],
  ['age(unit.stateChangeAt) >= duration("5m")', now + 2 * minute],
  ['age(unit.stateChangeAt) < duration("5m")', now + 2 * minute],
  ['age(unit.stateChangeAt) <= duration("5m")', now + 2 * minute + 1],
  ['duration("5m") < age(unit.stateChangeAt)', now + 2 * minute + 1],
  ['duration("5m") > age(unit.stateChangeAt)', now + 2 * minute],
  ['now >= unit.stateChangeAt + unit.period', now + 7 * minute],
  ['unit.stateChangeAt + unit.period > now', now + 7 * minute],
  ['age(unit.stateChangeAt) > duration("3m")', now + 1],
  ['age(unit.stateChangeAt) >= duration("3m")', undefined],
  ['age(unit.stateChangeAt) > duration("1m")', undefined],
  ['unit.restarting && age(unit.stateChangeAt) > duration("5m")', undefined],
  [
    'age(unit.stateChangeAt) > duration("9m") || now - unit.stateChangeAt > duration("4m")',
    now + minute + 1,
  ],
  ['age(unit.stateChangeAt) / unit.period > 0.5', now + minute],
  ['(unit.watched ? age(unit.stateChangeAt) : unit.period) > duration("5m")', now + minute],
];
for (const [text, again] of agains) {
  test(`${text} can change by itself at ${again === undefined ? 'no time' : again - now}`, () => {
    assert.equal(judge(text, scopeOf(failed)).again, again);
  });
}

test('the answer is another one at the instant that was announced, and not before', () => {
  for (const [text] of agains) {
    const scope = scopeOf(failed);
    const { type, again } = judge(text, scope);
    if (again === undefined || text.includes('/') || text.includes('?')) continue;
    assert.equal(judge(text, { ...scope, now: again - 1 }).type, type, text);
    assert.notEqual(judge(text, { ...scope, now: again }).type, type, text);
  }
});

const samples: readonly Sample[] = [
  { at: now - 20 * minute, value: 1 },
  { at: now - 8 * minute, value: 2 },
  { at: now - 4 * minute, value: 4 },
];
test('window functions look at the past and say when a sample leaves it', () => {
  const scope = scopeOf(failed, samples);
  const verdict = judge('increase(unit.nRestarts, "10m") >= 3', scope);
  assert.deepEqual(verdict, { type: 'true', value: 3, again: now + 2 * minute });
  const later = judge('increase(unit.nRestarts, "10m") >= 3', { ...scope, now: now + 2 * minute });
  assert.deepEqual(later, { type: 'false', value: 2, again: now + 6 * minute });
});

test('a number without a past is taken to have been so', () => {
  assert.equal(judge('increase(unit.nRestarts, "10m") == 0', scopeOf(failed)).type, 'true');
  assert.equal(judge('maximum(unit.nRestarts, "10m") == 4', scopeOf(failed)).type, 'true');
});

test('a window over an unreadable number is unknown, over an inapplicable one false', () => {
  const text = 'increase(unit.nRestarts, "10m") >= 0';
  assert.equal(judge(text, scopeOf({ nRestarts: broken }, samples)).type, 'unknown');
  assert.equal(judge(text, scopeOf({ nRestarts: null }, samples)).type, 'false');
});

test('a prediction from a short past is unknown', () => {
  const verdict = judge('predict(unit.memoryBytes, "24h") > 0', scopeOf(failed, samples));
  assert.equal(verdict.why, 'the past of memoryBytes is too short');
  assert.equal(verdict.again, now + minute);
});

test('event rules see the event', () => {
  const checked = checkExpression(
    'event.code > 1 && event.foundBy == "signal"',
    eventWords,
    'flag',
  );
  assert.ok(checked.type === 'good');
  const condition = makeCondition(checked.expression.compiled, { every: 1, inapplicable: 'false' });
  const base = {
    event: 'run-failed',
    kind: unit.name,
    id: 'a',
    at: now,
    foundBy: 'signal',
    key: '',
  };
  const event = { ...base, foundBy: 'signal', attributes: { code: 2 } } as const;
  assert.equal(condition({ ...scopeOf({}), event }).type, 'true');
  assert.equal(condition(scopeOf({})).type, 'false');
});

test('a pattern that runs away on a backtracking matcher takes linear time', () => {
  const text = `${'a'.repeat(20_000)}!`;
  const began = process.cpuUsage().user;
  assert.equal(judge('matches(unit.result, "^(a+)+$")', scopeOf({ result: text })).type, 'false');
  assert.ok(process.cpuUsage().user - began < 2_000_000, 'it took more than two seconds');
});

test('a word that the attribute never is gets a warning with the nearest', () => {
  const checked = checkExpression('unit.activeState in ["active", "faild"]', words, 'flag');
  assert.ok(checked.type === 'good');
  const message = 'it is never "faild" (did you mean "failed"?)';
  assert.deepEqual(checked.expression.warnings, [{ message, offset: 31 }]);
});

test('an expression knows what it reads', () => {
  const text = 'unit.watched && rate(unit.nRestarts, "5m") > 1 && unit.id != "a"';
  const checked = checkExpression(text, words, 'flag');
  assert.ok(checked.type === 'good');
  assert.deepEqual([...checked.expression.reads], ['watched', 'nRestarts']);
});
