import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hours, minutes, seconds } from '../../domain/time.ts';
import { createEngine, emptyMemory } from './create.ts';
import {
  above,
  appeared,
  changed,
  draw,
  fakeEngine,
  fakeRule,
  ruleSet,
  thing,
  told,
} from './engine.fixture.ts';

const t0 = Date.UTC(2026, 10, 22);
const high = fakeRule({ id: 'high' });
const waits = fakeRule({
  id: 'waits',
  levels: [{ severity: 'warning', when: above(50), for: minutes(5) }],
});

describe('one batch', () => {
  test('a failure that is over within one batch is raised and resolved', () => {
    const engine = fakeEngine(ruleSet(high));
    const up = appeared(thing('a', { x: 1 }, t0));
    const failed = changed(up.resource, { x: 99 }, t0 + 1);
    const fine = changed(failed.resource, { x: 1 }, t0 + 101);
    const changes = engine.apply([up, failed, fine], t0 + 200);
    assert.deepEqual(told(changes), ['high a raised', 'high a resolved']);
    assert.equal(changes[0]?.alert.startsAt, t0 + 1);
    assert.equal(changes[1]?.alert.resolvedBy, 'recovered');
    assert.deepEqual(
      changes.map(({ seq, alert }) => [seq, alert.seq]),
      [
        [1, 1],
        [2, 2],
      ],
    );
  });

  test('what was due before a difference became so happens before it', () => {
    const engine = fakeEngine(ruleSet(waits));
    const bad = appeared(thing('a', { x: 99 }, t0));
    engine.apply([bad], t0);
    const late = changed(bad.resource, { x: 1 }, t0 + minutes(6));
    const changes = engine.apply([late], t0 + minutes(7));
    assert.deepEqual(told(changes), ['waits a raised', 'waits a resolved']);
  });

  test('what ended before it was due does not fire, however late that is heard', () => {
    const engine = fakeEngine(ruleSet(waits));
    const bad = appeared(thing('a', { x: 99 }, t0));
    engine.apply([bad], t0);
    const changes = engine.apply([changed(bad.resource, { x: 1 }, t0 + minutes(4))], t0 + hours(1));
    assert.deepEqual(told(changes), ['waits a dropped']);
  });

  test('only rules that look at what changed are asked', () => {
    let asked = 0;
    const when = () => ({ type: 'false' as const, value: ++asked });
    const levels = [{ severity: 'warning' as const, when, for: 0 }];
    const engine = fakeEngine(ruleSet(fakeRule({ id: 'reads', levels, reads: new Set(['x']) })));
    const first = appeared(thing('a', { x: 1, y: 1 }, t0));
    engine.apply([first, changed(first.resource, { y: 2 }, t0)], t0);
    assert.equal(asked, 1);
    engine.apply([changed(first.resource, { x: 2 }, t0)], t0);
    assert.equal(asked, 2);
  });
});

describe('times', () => {
  test('nothing is due where nothing waits', () => {
    const engine = fakeEngine(ruleSet(high));
    engine.apply([appeared(thing('a', { x: 99 }, t0))], t0);
    assert.equal(engine.nextDue(), undefined);
  });

  test('for ends by itself', () => {
    const engine = fakeEngine(ruleSet(waits));
    engine.apply([appeared(thing('a', { x: 99 }, t0))], t0);
    assert.equal(engine.nextDue(), t0 + minutes(5));
    assert.deepEqual(engine.advance(t0 + minutes(5) - 1), []);
    const [change] = engine.advance(t0 + minutes(5));
    assert.equal(change?.reason, 'raised');
    assert.equal(change?.alert.startsAt, t0);
    assert.equal(change?.alert.firingAt, t0 + minutes(5));
  });

  test('a condition is asked again when it says so, and not by sweeping', () => {
    const when = ({ now }: { now: number }) =>
      now >= t0 + hours(1)
        ? ({ type: 'true' } as const)
        : ({ type: 'false', again: t0 + hours(1) } as const);
    const rule = fakeRule({ id: 'old', levels: [{ severity: 'info', when, for: 0 }] });
    const engine = fakeEngine(ruleSet(rule));
    engine.apply([appeared(thing('a', {}, t0))], t0);
    assert.equal(engine.nextDue(), t0 + hours(1));
    const [change] = engine.advance(t0 + hours(1) + 7);
    assert.equal(change?.alert.startsAt, t0 + hours(1));
    assert.equal(change?.alert.foundLate, false);
  });

  test('a condition that asks for the past does not stop the clock', () => {
    const when = () => ({ type: 'false', again: t0 - 1 }) as const;
    const rule = fakeRule({ id: 'odd', levels: [{ severity: 'info', when, for: 0 }] });
    const engine = fakeEngine(ruleSet(rule));
    engine.apply([appeared(thing('a', {}, t0))], t0);
    assert.equal(engine.nextDue(), t0 + 100);
  });

  test('a clock that jumps leaves waits as long as they were', () => {
    for (const jump of [hours(3), -hours(3)]) {
      const engine = fakeEngine(ruleSet(waits));
      engine.apply([appeared(thing('a', { x: 99 }, t0))], t0);
      engine.clockStepped(jump);
      assert.deepEqual(engine.advance(t0 + jump + minutes(5) - 1), []);
      assert.equal(engine.nextDue(), t0 + jump + minutes(5));
      const memory = engine.memory();
      const restarted = fakeEngine(ruleSet(waits), memory);
      restarted.apply([appeared(thing('a', { x: 99 }, t0))], t0 + jump + minutes(4));
      assert.equal(restarted.nextDue(), t0 + jump + minutes(5));
      assert.deepEqual(told(engine.advance(t0 + jump + minutes(5))), ['waits a raised']);
    }
  });

  test('what began before tocsin looked is found late; what a lagging source tells is not', () => {
    const engine = fakeEngine(ruleSet(high));
    const old = engine.apply([appeared(thing('a', { x: 99 }, t0 - hours(2)))], t0);
    assert.equal(old[0]?.alert.foundLate, true);
    assert.equal(old[0]?.alert.startsAt, t0 - hours(2));
    const fine = appeared(thing('b', { x: 1 }, t0 - hours(2)));
    engine.apply([fine], t0);
    const lagging = changed(fine.resource, { x: 99 }, t0 + seconds(1));
    assert.equal(engine.apply([lagging], t0 + seconds(50))[0]?.alert.foundLate, false);
  });

  test('what began in blind time is found late', () => {
    const engine = fakeEngine(ruleSet(high));
    const fine = appeared(thing('a', { x: 1 }, t0));
    const stale = { ...fine.resource, staleSince: t0 };
    engine.apply([fine, { type: 'stale', resource: stale, why: 'bus lost' }], t0);
    const failed = changed(stale, { x: 99 }, t0 + minutes(1));
    const resource = { ...failed.resource, staleSince: null };
    const [change] = engine.apply([{ ...failed, resource }], t0 + minutes(2));
    assert.equal(change?.alert.foundLate, true);
  });
});

describe('limits', () => {
  test('beyond alertsMax alerts are put off, not forgotten', () => {
    const engine = createEngine(
      ruleSet(high),
      emptyMemory,
      () => [],
      () => 'thing',
      { alertsMax: 1 },
    );
    const [a, b] = [appeared(thing('a', { x: 99 }, t0)), appeared(thing('b', { x: 99 }, t0))];
    assert.deepEqual(told(engine.apply([a, b], t0)), ['high a raised']);
    assert.equal(engine.putOff(), 1);
    engine.apply([changed(a.resource, { x: 1 }, t0 + 1)], t0 + 1);
    assert.deepEqual(told(engine.advance(t0 + minutes(1))), ['high b raised']);
    assert.equal(engine.putOff(), 0);
  });

  test('a text that changes with every reading makes one change a minute', () => {
    let n = 0;
    const rule = { ...high, render: () => `reading ${n++}` };
    const engine = fakeEngine(ruleSet(rule));
    const bad = appeared(thing('a', { x: 99 }, t0));
    let changes = engine.apply([bad], t0).length;
    for (let s = 1; s <= 600; s++) {
      const now = t0 + seconds(s);
      changes += engine.apply([changed(bad.resource, { x: 99 + s }, now)], now).length;
    }
    assert.ok(changes <= 17, `${changes} changes in ten minutes`);
    assert.equal(draw(engine.active()[0]), 'F');
  });
});
