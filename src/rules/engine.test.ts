import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Change } from '../domain/alert.ts';
import type { Event } from '../domain/reading.ts';
import { unreadable } from '../domain/reading.ts';
import type { Difference } from '../domain/resource.ts';
import { hours, minutes, seconds } from '../domain/time.ts';
import type { RaisedByHand } from './engine.ts';
import { emptyMemory } from './engine-create.ts';
import {
  above,
  always,
  appeared,
  atMost,
  changed,
  draw,
  fakeEngine,
  fakeRule,
  ruleSet,
  thing,
} from './engine-fixture.ts';

const t0 = Date.UTC(2026, 10, 22);
const high = fakeRule({ id: 'high' });
const waits = fakeRule({
  id: 'waits',
  levels: [{ severity: 'warning', when: above(50), for: minutes(5) }],
});
const told = (changes: readonly Change[]): string[] =>
  changes.map(({ reason, alert }) => `${alert.rule} ${alert.resource.id} ${reason}`);
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
    engine.raise(raisedByHand, 'uid:0', t0);
    assert.notEqual(engine.expiries(), before);
  });
});

describe('limits', () => {
  test('beyond alertsMax alerts are put off, not forgotten', async () => {
    const { createEngine } = await import('./engine-create.ts');
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
