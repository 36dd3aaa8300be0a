import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hours } from '../../domain/time.ts';
import type { RaisedByHand } from '../engine.ts';
import { appeared, changed, fakeEngine, fakeRule, ruleSet, thing, told } from './engine.fixture.ts';

const t0 = Date.UTC(2026, 10, 22);
const high = fakeRule({ id: 'high' });

describe('people', () => {
  test('an alert is acknowledged once, and its next occurrence is not', () => {
    const engine = fakeEngine(ruleSet(high));
    const first = appeared(thing('a', { x: 99 }, t0));
    const [raised] = engine.apply([first], t0);
    const id = raised?.alert.id ?? '';
    const deed = { type: 'acknowledge', comment: 'on it' } as const;
    const [acknowledged] = engine.act(id, deed, 'uid:0', t0 + 1);
    assert.equal(acknowledged?.alert.acknowledgedBy, 'uid:0');
    assert.equal(acknowledged?.alert.comment, 'on it');
    assert.deepEqual(engine.act(id, deed, 'uid:1', t0 + 2), []);
    const changes = engine.apply(
      [changed(first.resource, { x: 1 }, t0 + 3), changed(first.resource, { x: 99 }, t0 + 4)],
      t0 + 4,
    );
    const next = changes.at(-1)?.alert;
    assert.equal(next?.acknowledged, false);
    assert.equal(next?.occurrence, 2);
    assert.notEqual(next?.id, id);
  });

  test('resolved by hand, it stays so until the condition was false once', () => {
    let engine = fakeEngine(ruleSet(high));
    const bad = appeared(thing('a', { x: 99 }, t0));
    const [raised] = engine.apply([bad], t0);
    const id = raised?.alert.id ?? '';
    const [resolved] = engine.act(id, { type: 'resolve', comment: null }, 'uid:0', t0 + 1);
    assert.equal(resolved?.alert.resolvedBy, 'operator:uid:0');
    assert.deepEqual(engine.apply([changed(bad.resource, { x: 98 }, t0 + 2)], t0 + 2), []);
    engine = fakeEngine(ruleSet(high), engine.memory());
    assert.deepEqual(engine.apply([bad], t0 + 3), [], 'a restart must not raise it again');
    const later = [
      changed(bad.resource, { x: 1 }, t0 + 4),
      changed(bad.resource, { x: 99 }, t0 + 5),
    ];
    assert.deepEqual(told(engine.apply(later, t0 + 5)), ['high a raised']);
    assert.deepEqual(engine.expiries(), {});
  });

  test('a latched alert that is over ends by hand and can come again', () => {
    const engine = fakeEngine(ruleSet(fakeRule({ id: 'high', latch: 'operator' })));
    const bad = appeared(thing('a', { x: 99 }, t0));
    const [raised] = engine.apply([bad, changed(bad.resource, { x: 1 }, t0)], t0);
    engine.act(raised?.alert.id ?? '', { type: 'resolve', comment: null }, 'uid:0', t0);
    assert.deepEqual(told(engine.apply([changed(bad.resource, { x: 99 }, t0)], t0)), [
      'high a raised',
    ]);
  });

  test('evidence is added to what was seen', () => {
    const engine = fakeEngine(ruleSet(fakeRule({ id: 'high', reads: new Set(['x']) })));
    const fine = appeared(thing('a', { x: 1 }, t0));
    const [raised] = engine.apply([fine, changed(fine.resource, { x: 99 }, t0)], t0);
    const { id = '', evidence: seen } = raised?.alert ?? {};
    assert.deepEqual(seen?.[0]?.lines, ['x: 1 -> 99']);
    const evidence = [{ type: 'journal', title: 'Journal', lines: ['oops'] }] as const;
    const [change] = engine.act(id, { type: 'evidence', evidence }, 'tocsin', t0 + 1);
    assert.equal(change?.reason, 'updated');
    assert.deepEqual(
      change?.alert.evidence.map(({ type }) => type),
      ['attributes', 'journal'],
    );
  });

  test('a deed on an unknown alert changes nothing', () => {
    const engine = fakeEngine(ruleSet(high));
    assert.deepEqual(engine.act('01K', { type: 'comment', comment: 'hm' }, 'uid:0', t0), []);
  });
});

const raisedByHand: RaisedByHand = {
  severity: 'warning',
  source: 'task',
  title: 'Backup late',
  message: '',
  advice: '',
  resource: { kind: 'task.run', id: 'nightly' },
  labels: { job: 'nightly' },
  key: 'late',
  expiresAt: t0 + hours(1),
};

describe('raised by hand', () => {
  test('the same key updates, another raises, also after a restart', () => {
    let engine = fakeEngine(ruleSet());
    const [first] = engine.raise(raisedByHand, 'uid:0', t0);
    assert.deepEqual(engine.raise(raisedByHand, 'uid:0', t0 + 1), []);
    engine = fakeEngine(ruleSet(), engine.memory());
    const [worse] = engine.raise({ ...raisedByHand, severity: 'critical' }, 'uid:0', t0 + 2);
    assert.equal(worse?.reason, 'severity');
    assert.equal(worse?.alert.id, first?.alert.id);
    assert.equal(engine.findRaised(raisedByHand)?.id, first?.alert.id);
    const [other] = engine.raise({ ...raisedByHand, key: 'never' }, 'uid:0', t0 + 3);
    assert.equal(other?.reason, 'raised');
  });

  test('it expires, also after a restart', () => {
    const before = fakeEngine(ruleSet());
    before.raise(raisedByHand, 'uid:0', t0);
    const engine = fakeEngine(ruleSet(), before.memory());
    assert.equal(engine.nextDue(), t0 + hours(1));
    assert.equal(engine.advance(t0 + hours(1))[0]?.alert.resolvedBy, 'expired');
    assert.deepEqual(engine.active(), []);
  });
});
