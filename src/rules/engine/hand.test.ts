import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Alert } from '../../domain/alert.ts';
import { hours } from '../../domain/time.ts';
import { labelFingerprint, ulidOf } from '../../domain/ulid.ts';
import type { Engine, RaisedByHand } from '../engine.ts';
import { emptyMemory } from './create.ts';
import {
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
    assert.equal(resolved?.alert.stillTrue, true);
    assert.deepEqual(engine.apply([changed(bad.resource, { x: 98 }, t0 + 2)], t0 + 2), []);
    engine = fakeEngine(ruleSet(high), engine.memory());
    assert.deepEqual(engine.apply([bad], t0 + 3), [], 'a restart must not raise it again');
    const later = [
      changed(bad.resource, { x: 1 }, t0 + 4),
      changed(bad.resource, { x: 99 }, t0 + 5),
    ];
    const changes = engine.apply(later, t0 + 5);
    assert.deepEqual(told(changes), ['high a cleared', 'high a raised']);
    assert.equal(changes[0]?.alert.id, id);
    assert.equal(changes[0]?.alert.stillTrue, false);
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

  test('however many are raised, also before a restart, rules have room', () => {
    const limits = { alertsMax: 4, raisedMax: 3 };
    const raise = (engine: Engine, key: string) =>
      told(engine.raise({ ...raisedByHand, key }, 'uid:0', t0)).length;
    let engine = fakeEngine(ruleSet(high), emptyMemory, limits);
    assert.deepEqual(
      ['a', 'b'].map((key) => raise(engine, key)),
      [1, 1],
    );
    engine = fakeEngine(ruleSet(high), engine.memory(), limits);
    assert.deepEqual(
      ['c', 'd'].map((key) => raise(engine, key)),
      [1, 0],
    );
    assert.deepEqual(told(engine.apply([appeared(thing('a', { x: 99 }, t0))], t0)), [
      'high a raised',
    ]);
    const first = engine.findRaised({ ...raisedByHand, key: 'a' });
    engine.act(first?.id ?? '', { type: 'resolve', comment: null }, 'uid:0', t0);
    assert.equal(raise(engine, 'd'), 1);
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

describe('pushed and drilled', () => {
  const pushed: RaisedByHand = {
    ...raisedByHand,
    origin: 'pushed',
    rule: 'DiskFull',
    startsAt: t0 - hours(1),
    labels: { alertname: 'DiskFull', severity: 'page', instance: 'a' },
  };

  test('one that is pushed has the rule, the beginning and the fingerprint of its source', () => {
    const engine = fakeEngine(ruleSet(fakeRule({ id: 'DiskFull' })));
    const [raised] = engine.raise(pushed, 'token:prometheus', t0);
    const alert = raised?.alert;
    assert.equal(alert?.rule, 'DiskFull');
    assert.equal(alert?.origin, 'pushed');
    assert.equal(alert?.startsAt, t0 - hours(1));
    assert.equal(alert?.fingerprint, labelFingerprint(pushed.labels));
    assert.equal(engine.findRaised(raisedByHand), undefined, 'another origin is another alert');
  });

  test('pushed again with a later end nothing changes but the end, also after a restart', () => {
    let engine = fakeEngine(ruleSet());
    engine.raise(pushed, 'token:prometheus', t0);
    assert.deepEqual(engine.raise({ ...pushed, expiresAt: t0 + hours(2) }, 'x', t0 + 1), []);
    engine = fakeEngine(ruleSet(), JSON.parse(JSON.stringify(engine.memory())));
    assert.deepEqual(engine.raise({ ...pushed, expiresAt: t0 + hours(3) }, 'x', t0 + 2), []);
    assert.deepEqual(engine.advance(t0 + hours(2)), []);
    assert.equal(engine.advance(t0 + hours(3))[0]?.alert.resolvedBy, 'expired');
    assert.equal(engine.findRaised(pushed), undefined);
  });

  test('a drill of a rule is no occurrence of it', () => {
    const engine = fakeEngine(ruleSet(high));
    const resource = { kind: 'test.thing', id: 'a' };
    const [drill] = engine.raise(
      { ...raisedByHand, origin: 'drill', rule: 'high', resource },
      'x',
      t0,
    );
    const [real] = engine.apply([appeared(thing('a', { x: 99 }, t0))], t0);
    assert.equal(real?.alert.occurrence, 1);
    assert.notEqual(real?.alert.id, drill?.alert.id);
  });

  test('a thousand of one rule are told apart by their keys, however often one comes again', () => {
    const engine = fakeEngine(ruleSet());
    const ofKey = (i: number): RaisedByHand => ({ ...pushed, key: `k${i}` });
    for (let i = 0; i < 1000; i++) assert.equal(engine.raise(ofKey(i), 'x', t0).length, 1);
    for (let i = 0; i < 1000; i++) assert.equal(engine.raise(ofKey(i), 'x', t0 + 1).length, 0);
    const [found] = engine.raise({ ...ofKey(7), title: 'other' }, 'x', t0 + 2);
    assert.equal(found?.reason, 'updated');
    const ids = new Set(engine.active().map(({ id }) => id));
    assert.equal(ids.size, 1000);
    assert.ok([...ids].every((id) => /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id)));
  });

  test('one that was raised when ids did not say the key is found all the same', () => {
    const [made] = fakeEngine(ruleSet()).raise(raisedByHand, 'x', t0);
    const name = ['raised-by-hand', 'task.run', 'nightly', 'late', '1'];
    const old = { ...made?.alert, id: ulidOf(t0, name) } as Alert;
    const engine = fakeEngine(ruleSet(), { ...emptyMemory, alerts: [old], lastSeq: 1 });
    assert.deepEqual(engine.raise(raisedByHand, 'x', t0 + 1), []);
    assert.equal(engine.raise({ ...raisedByHand, key: 'other' }, 'x', t0 + 1).length, 1);
  });
});

describe('still true', () => {
  const [down, up] = [{ x: 1 }, { x: 99 }];
  const held = () => {
    const engine = fakeEngine(ruleSet(high));
    const [raised] = engine.apply([appeared(thing('a', up, t0))], t0);
    const id = raised?.alert.id ?? '';
    const [resolved] = engine.act(id, { type: 'resolve', comment: null }, 'uid:0', t0 + 1);
    assert.equal(resolved?.alert.stillTrue, true);
    return { engine, id };
  };

  test('a condition that was false already is not still true', () => {
    const latched = fakeRule({ id: 'high', latch: 'operator' });
    const engine = fakeEngine(ruleSet(latched));
    const bad = appeared(thing('a', up, t0));
    const [raised] = engine.apply([bad, changed(bad.resource, down, t0)], t0);
    const deed = { type: 'resolve', comment: null } as const;
    const [resolved] = engine.act(raised?.alert.id ?? '', deed, 'uid:0', t0);
    assert.equal(resolved?.alert.stillTrue, false);
    assert.deepEqual(engine.memory().alerts, []);
  });

  test('it is cleared when the resource is gone, also after a restart', () => {
    const { engine, id } = held();
    const again = fakeEngine(ruleSet(high), JSON.parse(JSON.stringify(engine.memory())));
    const [cleared, ...more] = again.settle(['test.thing'], t0 + 2);
    assert.deepEqual([cleared?.reason, cleared?.alert.id], ['cleared', id]);
    assert.equal(cleared?.alert.resolvedBy, 'operator:uid:0');
    assert.deepEqual(more, []);
  });

  test('it is cleared when its rule goes, at once or over a restart', () => {
    const { engine } = held();
    const restarted = fakeEngine(ruleSet(), engine.memory());
    assert.deepEqual(told(restarted.advance(t0 + 2)), ['high a cleared']);
    assert.deepEqual(told(engine.reload(ruleSet(), [], t0 + 2)), ['high a cleared']);
    assert.deepEqual(engine.memory().alerts, []);
  });
});
