import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Event } from '../../domain/reading.ts';
import type { Difference } from '../../domain/resource.ts';
import { hours } from '../../domain/time.ts';
import {
  always,
  appeared,
  atMost,
  changed,
  fakeEngine,
  fakeRule,
  ruleSet,
  thing,
  told,
} from './engine.fixture.ts';

const t0 = Date.UTC(2026, 10, 22);
const gone = (id: string, now: number): Difference => ({
  type: 'gone',
  resource: thing(id, {}, now),
  why: '',
  at: now,
});
const happened = (key: string, at: number, attributes: Event['attributes'] = {}): Difference => ({
  type: 'happened',
  event: {
    event: 'crashed',
    kind: 'test.thing',
    id: 'a',
    at,
    foundBy: 'signal',
    attributes,
    key,
  },
  resource: undefined,
});

describe('events', () => {
  const level = { severity: 'critical', when: always, for: 0 } as const;
  const crash = fakeRule({ id: 'crash', on: 'crashed', levels: [level], keepFiringFor: hours(1) });

  test('an event raises, the next one updates, and an hour after the last it ends', () => {
    const engine = fakeEngine(ruleSet(crash));
    assert.deepEqual(told(engine.apply([happened('1', t0)], t0)), ['crash a raised']);
    assert.deepEqual(told(engine.apply([happened('2', t0 + 9)], t0 + 9)), ['crash a updated']);
    assert.equal(engine.nextDue(), t0 + 9 + hours(1));
    assert.deepEqual(engine.apply([gone('a', t0 + 10)], t0 + 10), []);
    const restarted = fakeEngine(ruleSet(crash), engine.memory());
    assert.deepEqual(restarted.settle(['test.thing'], t0 + 11), []);
    assert.equal(restarted.advance(t0 + 9 + hours(1))[0]?.alert.resolvedBy, 'expired');
  });

  test('latched until success it ends when clear has become true', () => {
    const clear = atMost(10);
    const levels = [{ ...level, clear }];
    const rule = fakeRule({ id: 'crash', on: 'crashed', levels, latch: 'success' });
    const engine = fakeEngine(ruleSet(rule));
    const bad = appeared(thing('a', { x: 99 }, t0));
    assert.deepEqual(told(engine.apply([bad, happened('1', t0)], t0)), ['crash a raised']);
    assert.deepEqual(engine.apply([gone('a', t0), bad], t0), []);
    const [change] = engine.apply([changed(bad.resource, { x: 5 }, t0 + 1)], t0 + 1);
    assert.equal(change?.alert.resolvedBy, 'recovered');
  });

  test('while its resource is stale, clear is not asked', () => {
    const levels = [{ ...level, clear: atMost(10) }];
    const engine = fakeEngine(ruleSet(fakeRule({ id: 'crash', on: 'crashed', levels })));
    const fine = appeared(thing('a', { x: 5 }, t0));
    engine.apply([fine, happened('1', t0)], t0);
    const resource = { ...fine.resource, staleSince: t0 };
    const [stale] = engine.apply([{ type: 'stale', resource, why: '' }], t0 + 1);
    assert.equal(stale?.reason, 'stale');
    const fresh = { type: 'fresh', resource: fine.resource } as const;
    assert.deepEqual(told(engine.apply([fresh], t0 + 2)), ['crash a resolved']);
  });

  test('an event found in the journal later is found late and starts when it happened', () => {
    const engine = fakeEngine(ruleSet(crash));
    const difference = happened('1', t0 - hours(3));
    assert.equal(difference.type, 'happened');
    if (difference.type !== 'happened') return;
    const event = { ...difference.event, foundBy: 'journal' as const };
    const [change] = engine.apply([{ ...difference, event }], t0);
    assert.equal(change?.alert.foundLate, true);
    assert.equal(change?.alert.startsAt, t0 - hours(3));
  });
});
