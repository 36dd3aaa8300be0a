import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unreadable } from '../../domain/reading.ts';
import { minutes } from '../../domain/time.ts';
import { emptyMemory } from './create.ts';
import { above, appeared, fakeEngine, fakeRule, ruleSet, thing, told } from './engine.fixture.ts';

const t0 = Date.UTC(2026, 10, 22);
const high = fakeRule({ id: 'high' });
const waits = fakeRule({
  id: 'waits',
  levels: [{ severity: 'warning', when: above(50), for: minutes(5) }],
});

describe('reload', () => {
  const edited = (rule: typeof high, digest: string): typeof high => ({
    ...rule,
    summary: { ...rule.summary, digest },
  });

  test('an unchanged rule keeps waiting, a removed one ends, a new one is asked', () => {
    const engine = fakeEngine(ruleSet(waits, high));
    const bad = thing('a', { x: 99 }, t0);
    engine.apply([appeared(bad)], t0);
    const added = fakeRule({ id: 'added' });
    const changes = engine.reload(ruleSet(added, waits), [bad], t0 + minutes(2));
    assert.deepEqual(told(changes), ['high a resolved', 'added a raised']);
    assert.equal(changes[0]?.alert.resolvedBy, 'rule-removed');
    assert.equal(engine.nextDue(), t0 + minutes(5));
  });

  test('a rule with a corrected text keeps its alert, one that is no longer true ends', () => {
    const engine = fakeEngine(ruleSet(high));
    const bad = thing('a', { x: 99 }, t0);
    const [raised] = engine.apply([appeared(bad)], t0);
    const text = { ...edited(high, 'text'), render: () => 'better' };
    const [updated] = engine.reload(ruleSet(text), [bad], t0 + 1);
    assert.equal(updated?.reason, 'updated');
    assert.equal(updated?.alert.id, raised?.alert.id);
    const stricter = {
      ...edited(high, 'stricter'),
      levels: [{ ...high.levels[0], when: above(100) }],
    };
    const [ended] = engine.reload(ruleSet(stricter as typeof high), [bad], t0 + 2);
    assert.equal(ended?.alert.resolvedBy, 'rule-removed');
  });
});

describe('restart', () => {
  test('the first complete reading decides: held, recovered or gone', () => {
    const before = fakeEngine(ruleSet(high));
    for (const id of ['a', 'b', 'c']) before.apply([appeared(thing(id, { x: 99 }, t0))], t0);
    const engine = fakeEngine(ruleSet(high), before.memory());
    const found = [
      appeared(thing('a', { x: 99 }, t0)),
      appeared(thing('b', { x: 1 }, t0 + 1)),
      appeared(thing('d', { x: unreadable('EIO') }, t0 + 1)),
    ];
    const changes = [...engine.apply(found, t0 + 2), ...engine.settle(['test.thing'], t0 + 2)];
    assert.deepEqual(told(changes), ['high b resolved', 'high c resolved']);
    assert.deepEqual(
      changes.map(({ alert }) => alert.resolvedBy),
      ['recovered', 'gone'],
    );
    assert.deepEqual(
      changes.map(({ seq }) => seq),
      [4, 5],
    );
  });

  test('alerts of a rule that went away meanwhile end at the first call', () => {
    const before = fakeEngine(ruleSet(high));
    before.apply([appeared(thing('a', { x: 99 }, t0))], t0);
    const engine = fakeEngine(ruleSet(), before.memory());
    assert.equal(engine.nextDue(), 0);
    assert.equal(engine.advance(t0 + 1)[0]?.alert.resolvedBy, 'rule-removed');
    assert.equal(engine.nextDue(), undefined);
  });

  test('the expiries stay the same object until something in them changes', () => {
    const engine = fakeEngine(ruleSet(high), emptyMemory);
    const before = engine.expiries();
    engine.apply([appeared(thing('a', { x: 99 }, t0))], t0);
    assert.equal(engine.expiries(), before);
    const raised = {
      severity: 'info',
      source: 'task',
      title: 'x',
      message: '',
      advice: '',
    } as const;
    const resource = { kind: 'task.run', id: 'x' };
    engine.raise({ ...raised, resource, labels: {}, key: 'x', expiresAt: t0 + 5 }, 'uid:0', t0);
    assert.notEqual(engine.expiries(), before);
  });
});
