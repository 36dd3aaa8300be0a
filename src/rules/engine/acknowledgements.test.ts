/** Acknowledgements: what is one, and when it ends by itself. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Change } from '../../domain/alert.ts';
import { hours, minutes } from '../../domain/time.ts';
import type { Engine } from '../engine.ts';
import {
  above,
  appeared,
  changed,
  fakeEngine,
  fakeRule,
  raisedByHand,
  ruleSet,
  thing,
  told,
} from './engine.fixture.ts';

const t0 = Date.UTC(2026, 10, 22);
const levels = [
  { severity: 'warning', when: above(50), for: 0 },
  { severity: 'critical', when: above(90), for: 0 },
] as const;
// Its title does not change with the severity.
const steady = fakeRule({ id: 'steady', levels });
const a = thing('a', { x: 60 }, t0);

function begun(rule = steady): { engine: Engine; id: string } {
  const engine = fakeEngine(ruleSet(rule));
  const [raised] = engine.apply([appeared(a)], t0);
  return { engine, id: raised?.alert.id ?? '' };
}
const acknowledge = (
  { engine, id }: ReturnType<typeof begun>,
  until?: number | 'change',
  comment: string | null = null,
): readonly Change[] =>
  engine.act(
    id,
    { type: 'acknowledge', comment, ...(until === undefined ? {} : { until }) },
    'x',
    t0,
  );

describe('acknowledging anew', () => {
  const cases: readonly {
    readonly name: string;
    readonly first?: number | 'change';
    readonly again?: number | 'change';
    readonly comment?: string;
    readonly changes: number;
  }[] = [
    { name: 'the very same changes nothing', changes: 0 },
    { name: 'the same until it changes', first: 'change', again: 'change', changes: 0 },
    { name: 'the same until an instant', first: t0 + 5, again: t0 + 5, changes: 0 },
    { name: 'another instant is another', first: t0 + 5, again: t0 + 6, changes: 1 },
    { name: 'until resolved is another than until it changes', first: 'change', changes: 1 },
    { name: 'with another comment it is the same', comment: 'on it', changes: 0 },
  ];
  for (const { name, first, again, comment, changes } of cases) {
    test(name, () => {
      const one = begun();
      assert.equal(acknowledge(one, first).length, 1);
      assert.equal(acknowledge(one, again, comment ?? null).length, changes);
      const [alert] = one.engine.active();
      const until = again ?? null;
      assert.equal(alert?.acknowledgedUntil, until === 'change' ? null : until);
      assert.equal(alert?.acknowledgedUntilChange, until === 'change');
      assert.equal(alert?.comment, null);
    });
  }

  test('taken back it is as if it had never been, and twice changes nothing', () => {
    const one = begun();
    acknowledge(one, 'change');
    const deed = { type: 'unacknowledge', comment: null } as const;
    const [back] = one.engine.act(one.id, deed, 'x', t0);
    assert.equal(back?.alert.acknowledgedUntilChange, false);
    assert.equal(back?.alert.acknowledgedBy, null);
    assert.deepEqual(one.engine.act(one.id, deed, 'x', t0), []);
  });
});

describe('until it changes', () => {
  test('a rise of the severity ends it, a fall does not', () => {
    const one = begun();
    one.engine.apply([changed(a, { x: 95 }, t0 + 1)], t0 + 1);
    acknowledge(one, 'change');
    assert.deepEqual(told(one.engine.apply([changed(a, { x: 60 }, t0 + 2)], t0 + 2)), [
      'steady a severity',
    ]);
    const risen = one.engine.apply([changed(a, { x: 95 }, t0 + 3)], t0 + 3);
    assert.deepEqual(told(risen), ['steady a severity', 'steady a unacknowledged']);
    assert.equal(risen[1]?.by, 'tocsin');
    assert.match(risen[1]?.comment ?? '', /is critical now/);
    assert.equal(risen[1]?.alert.acknowledged, false);
  });

  test('another title or message ends it, another value or evidence does not', () => {
    const told5 = (text: string, x: number) => `${text} ${x < 80 ? 'low' : 'high'}`;
    const texts = fakeRule({
      id: 'texts',
      render: (text, { resource }) => told5(text, Number(resource.attributes.x)),
    });
    const one = begun(texts);
    acknowledge(one, 'change');
    assert.deepEqual(one.engine.apply([changed(a, { x: 61 }, t0 + 1)], t0 + 1), []);
    const evidence = [{ type: 'note', title: 'n', lines: [] }] as const;
    assert.equal(
      one.engine.act(one.id, { type: 'evidence', evidence }, 'tocsin', t0 + 1).length,
      1,
    );
    const other = one.engine.apply([changed(a, { x: 81 }, t0 + 2)], t0 + 2);
    assert.deepEqual(told(other), ['texts a updated', 'texts a unacknowledged']);
    assert.match(other[1]?.comment ?? '', /what it says has changed/);
  });

  test('an alert that is raised again by hand with another message, too, after a restart', () => {
    const before = fakeEngine(ruleSet());
    const [raised] = before.raise(raisedByHand, 'x', t0);
    const deed = { type: 'acknowledge', comment: null, until: 'change' } as const;
    before.act(raised?.alert.id ?? '', deed, 'x', t0);
    const engine = fakeEngine(ruleSet(), JSON.parse(JSON.stringify(before.memory())));
    const reasons = engine.raise({ ...raisedByHand, message: 'x' }, 'x', t0 + 1);
    assert.deepEqual(
      reasons.map(({ reason }) => reason),
      ['updated', 'unacknowledged'],
    );
  });
});

describe('until an instant', () => {
  test('it ends then and not before, by tocsin, also after a restart', () => {
    const one = begun();
    acknowledge(one, t0 + hours(2));
    const engine = fakeEngine(ruleSet(steady), one.engine.memory());
    engine.apply([appeared(a)], t0 + 1);
    assert.equal(engine.nextDue(), t0 + hours(2));
    assert.deepEqual(engine.advance(t0 + hours(2) - 1), []);
    const [ended] = engine.advance(t0 + hours(2));
    assert.deepEqual([ended?.reason, ended?.by], ['unacknowledged', 'tocsin']);
    assert.equal(ended?.comment, 'the time it was acknowledged for is over');
    assert.equal(engine.nextDue(), undefined);
  });

  test('the instant is one of the wall clock, which may have been set', () => {
    const one = begun();
    acknowledge(one, t0 + hours(2));
    one.engine.clockStepped(hours(3));
    assert.equal(one.engine.advance(t0 + hours(3)).length, 1);
  });

  test('what is resolved or taken back has no end to come, and the next is not acknowledged', () => {
    const one = begun();
    acknowledge(one, t0 + minutes(5));
    one.engine.act(one.id, { type: 'unacknowledge', comment: null }, 'x', t0);
    assert.equal(one.engine.nextDue(), undefined);
    acknowledge(one, t0 + minutes(5));
    one.engine.apply([changed(a, { x: 1 }, t0 + 1)], t0 + 1);
    assert.equal(one.engine.nextDue(), undefined);
    const [next] = one.engine.apply([changed(a, { x: 60 }, t0 + 2)], t0 + 2);
    assert.equal(next?.alert.acknowledged, false);
  });
});
