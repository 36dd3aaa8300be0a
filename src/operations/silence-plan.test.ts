/** What may be silenced, and when a silence keeps its id: the rules of Alertmanager. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyText } from '../../test/support/texts.ts';
import { type MatcherText, matcherOperators, type Silence } from '../domain/mute.ts';
import { days, hours, minutes, seconds } from '../domain/time.ts';
import { parseMatchers, renderMatcher } from '../rules/matchers.ts';
import { firstOpening, openingMomentsMax } from './maintenance-plan.ts';
import {
  endSilence,
  planSilence,
  refuseSilence,
  refuseWindow,
  silenceOrder,
  silenceStateOf,
  silencesMax,
  windowsMax,
} from './silence-plan.ts';

const now = Date.UTC(2026, 10, 22, 6);
const unit: MatcherText = { name: 'unit', operator: '=', value: 'a.service' };
const draft = { matchers: [unit], startsAt: now, endsAt: now + hours(1), comment: 'repair' };
const limits = { now, longest: days(30), held: 0 };

for (const { name, change, field } of [
  { name: 'without matchers', change: { matchers: [] }, field: 'matchers' },
  {
    name: 'of everything',
    change: { matchers: [{ ...unit, operator: '=~', value: '.*' } as const] },
    field: 'matchers',
  },
  {
    name: 'of all that lack a label',
    change: { matchers: [{ ...unit, operator: '!=' } as const] },
    field: 'matchers',
  },
  {
    name: 'with a regular expression that is none',
    change: { matchers: [{ ...unit, operator: '=~', value: '(' } as const] },
    field: 'matchers',
  },
  {
    name: 'with too many matchers',
    change: { matchers: Array.from({ length: 21 }, () => unit) },
    field: 'matchers',
  },
  { name: 'that is over', change: { startsAt: now - 2, endsAt: now - 1 }, field: 'endsAt' },
  {
    name: 'that ends before it begins',
    change: { startsAt: now + hours(2) },
    field: 'endsAt',
  },
  { name: 'that is too long', change: { endsAt: now + days(30) + 1 }, field: 'endsAt' },
  { name: 'that says nothing of why', change: { comment: ' \n' }, field: 'comment' },
])
  test(`a silence ${name} is refused`, () => {
    const refused = refuseSilence({ ...draft, ...change }, limits);
    assert.equal(refused?.field, field);
  });

test('one matcher that needs a value makes others that do not harmless', () => {
  const matchers = [unit, { ...unit, operator: '!=', value: 'b' } as const];
  assert.equal(refuseSilence({ ...draft, matchers }, limits), undefined);
});

test('what is left of a silence counts, not what has passed of it', () => {
  const long = { ...draft, startsAt: now - days(20), endsAt: now + days(29) };
  assert.equal(refuseSilence(long, limits), undefined);
});

const before: Silence = {
  ...draft,
  id: 'old',
  startsAt: now - hours(1),
  createdBy: 'anna',
  setBy: 'uid:1',
  createdAt: now - hours(1),
  updatedAt: now - hours(1),
  endedBy: null,
};
const who = { by: 'uid:2', newId: () => 'new' };
const pending = { ...before, startsAt: now + hours(1), endsAt: now + hours(2) };
const expired = { ...before, endsAt: now - minutes(1) };

for (const { name, of, change, id, ends } of [
  { name: 'a later end', of: before, change: {}, id: 'old', ends: false },
  {
    name: 'the same start to the second',
    of: { ...before, startsAt: before.startsAt + 499 },
    change: {},
    id: 'old',
    ends: false,
  },
  {
    name: 'another start',
    of: before,
    change: { startsAt: before.startsAt + seconds(2) },
    id: 'new',
    ends: true,
  },
  {
    name: 'other matchers',
    of: before,
    change: { matchers: [{ ...unit, value: 'b.service' }] },
    id: 'new',
    ends: true,
  },
  {
    name: 'another start of one that has not begun',
    of: pending,
    change: { startsAt: now + minutes(5) },
    id: 'old',
    ends: false,
  },
  {
    name: 'a start in the past of one that has not begun',
    of: pending,
    change: { startsAt: now - 1 },
    id: 'new',
    ends: true,
  },
  { name: 'anything, of one that is over', of: expired, change: {}, id: 'new', ends: false },
])
  test(`${name} ${id === 'old' ? 'keeps the id' : 'makes a new silence'}`, () => {
    const said = { ...draft, startsAt: before.startsAt, endsAt: now + hours(3), id: 'old' };
    const plan = planSilence(of, { ...said, ...change }, who, limits);
    assert.ok(plan.type === 'plan');
    assert.equal(plan.silence.id, id);
    assert.equal(plan.silence.setBy, 'uid:2');
    assert.equal(plan.silence.createdBy, 'anna');
    assert.equal(plan.ended !== null, ends);
    if (plan.ended !== null) assert.equal(silenceStateOf(plan.ended, now), 'expired');
    if (id === 'new') assert.ok(plan.silence.startsAt >= now);
  });

test('one that has not begun is over before its beginning when it is ended', () => {
  const ended = endSilence(pending, 'uid:2', now);
  assert.deepEqual([ended.startsAt, ended.endsAt, ended.endedBy], [now, now, 'uid:2']);
  assert.equal(endSilence(expired, 'uid:2', now), expired);
});

test('the limit does not keep a silence from being replaced', () => {
  const full = { ...limits, held: silencesMax };
  assert.equal(planSilence(undefined, draft, who, full).type, 'wrong');
  const other = { ...draft, id: 'old', matchers: [{ ...unit, value: 'b' }] };
  assert.equal(planSilence(before, other, who, full).type, 'plan');
});

test('the order is that of Alertmanager', () => {
  const all = [
    { name: 'ended first', startsAt: now - 9, endsAt: now - 5 },
    { name: 'second to come', startsAt: now + 9, endsAt: now + 10 },
    { name: 'ended last', startsAt: now - 9, endsAt: now - 1 },
    { name: 'second to end', startsAt: now - 9, endsAt: now + 8 },
    { name: 'first to come', startsAt: now + 2, endsAt: now + 20 },
    { name: 'first to end', startsAt: now - 1, endsAt: now + 1 },
  ];
  const sorted = all.toSorted((a, b) => {
    const [group, key] = silenceOrder(a, now);
    const [otherGroup, otherKey] = silenceOrder(b, now);
    return group - otherGroup || key - otherKey;
  });
  const order = ['first to end', 'second to end', 'first to come', 'second to come'];
  assert.deepEqual(
    sorted.map(({ name }) => name),
    [...order, 'ended last', 'ended first'],
  );
});

const schedule = { type: 'calendar', calendar: 'daily', duration: hours(2) } as const;
test('a window may match everything, but needs a comment, an end, and room', () => {
  const window = { matchers: [], schedule, comment: 'updates' };
  assert.equal(refuseWindow(window, limits), undefined);
  assert.equal(refuseWindow({ ...window, comment: '' }, limits)?.field, 'comment');
  const long = { ...schedule, duration: days(31) };
  assert.equal(refuseWindow({ ...window, schedule: long }, limits)?.field, 'duration');
  assert.equal(refuseWindow(window, { ...limits, held: windowsMax })?.field, 'schedule');
});

for (const { name, moments, duration, expected } of [
  { name: 'a gap ends an opening', moments: [0, 10, 30], duration: 10, expected: [0, 20] },
  { name: 'overlapping openings are one', moments: [5, 8, 40], duration: 10, expected: [5, 18] },
  { name: 'no moment is no opening', moments: [], duration: 10, expected: 'never' },
  {
    name: 'openings without a gap are no window',
    moments: Array.from({ length: openingMomentsMax }, (_, i) => i),
    duration: 1,
    expected: 'always',
  },
])
  test(name, () => {
    const answer = firstOpening(moments, duration);
    const { opening } = answer.type === 'opening' ? answer : {};
    assert.deepEqual(opening ? [opening.startsAt, opening.endsAt] : answer.type, expected);
  });

test('every matcher is read back as it was written', () => {
  const value = anyText().filter((text) => text.length < 300);
  const name = value.filter((text) => !text.includes('\n'));
  fc.assert(
    fc.property(name, fc.constantFrom(...matcherOperators), value, (label, operator, text) => {
      const given = { name: label, operator, value: text };
      const answer = parseMatchers([renderMatcher(given)]);
      const isRegex = operator.endsWith('~');
      if (answer.type === 'wrong') assert.ok(isRegex, answer.why);
      else assert.partialDeepStrictEqual(answer.matchers, [given]);
    }),
  );
});
