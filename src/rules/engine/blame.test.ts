import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Alert } from '../../domain/alert.ts';
import type { EngineMemory } from '../engine.ts';
import {
  above,
  appeared,
  atMost,
  changed,
  fakeEngine,
  fakeRule,
  ruleSet,
  thing,
} from './engine.fixture.ts';

const t0 = 1_000_000;
const level = (attribute: string) =>
  [{ severity: 'warning', when: above(50, attribute), for: 0 }] as const;
const failed = fakeRule({ id: 'failed', levels: level('x') });
const blocked = fakeRule({
  id: 'blocked',
  levels: level('y'),
  inhibitedBy: [
    {
      rule: 'failed',
      resource: ({ resource }) => {
        const { by } = resource.attributes;
        return typeof by === 'string' ? by : undefined;
      },
    },
  ],
});
const cause = appeared(thing('disk', { x: 99, y: 0 }, t0));
const victim = appeared(thing('backup', { x: 0, y: 99, by: 'disk' }, t0));
const find = (alerts: readonly Alert[], rule: string): Alert => {
  const alert = alerts.find((candidate) => candidate.rule === rule);
  assert.ok(alert);
  return alert;
};

for (const order of [
  [cause, victim],
  [victim, cause],
]) {
  test(`the victim names its cause when ${order[0]?.resource.id} comes first`, () => {
    const engine = fakeEngine(ruleSet(failed, blocked));
    for (const difference of order) engine.apply([difference], t0);
    const [root, hurt] = [find(engine.active(), 'failed'), find(engine.active(), 'blocked')];
    assert.deepEqual(hurt.mutedBy, [root.id]);
    assert.equal(hurt.cause, root.id);
    assert.deepEqual(root.victims, [hurt.id]);
    assert.equal(hurt.phase, 'firing', 'a mute hides nothing');
    assert.equal(root.cause, null);
  });
}

test('what is muted from its first moment is raised muted', () => {
  const engine = fakeEngine(ruleSet(failed, blocked));
  const changes = engine.apply([cause, victim], t0);
  assert.deepEqual(
    changes.map(({ reason }) => reason),
    ['raised', 'raised', 'cause'],
  );
  assert.equal(changes[1]?.alert.cause, changes[0]?.alert.id);
});

test('when the cause ends its victims are free, when the victim ends it is struck off', () => {
  const engine = fakeEngine(ruleSet(failed, blocked));
  engine.apply([cause, victim], t0);
  const other = appeared(thing('other', { x: 0, y: 99, by: 'disk' }, t0));
  engine.apply([other, changed(victim.resource, { y: 0 }, t0 + 1)], t0 + 1);
  assert.equal(find(engine.active(), 'failed').victims.length, 1);
  engine.apply([changed(cause.resource, { x: 0 }, t0 + 2)], t0 + 2);
  assert.deepEqual(find(engine.active(), 'blocked').mutedBy, []);
  assert.equal(find(engine.active(), 'blocked').cause, null);
});

test('a victim that blames another follows', () => {
  const engine = fakeEngine(ruleSet(failed, blocked));
  const second = appeared(thing('changer', { x: 99, y: 0 }, t0));
  engine.apply([cause, second, victim], t0);
  engine.apply([changed(victim.resource, { by: 'changer' }, t0 + 1)], t0 + 1);
  const hurt = find(engine.active(), 'blocked');
  const byId = new Map(engine.active().map((alert) => [alert.resource.id, alert]));
  assert.deepEqual(hurt.mutedBy, [byId.get('changer')?.id]);
  assert.deepEqual(byId.get('disk')?.victims, []);
  assert.deepEqual(byId.get('changer')?.victims, [hurt.id]);
});

test('a thousand victims cost their cause one change', () => {
  const engine = fakeEngine(ruleSet(failed, blocked));
  engine.apply([cause], t0);
  const victims = Array.from({ length: 1000 }, (_, i) =>
    appeared(thing(`u${i}`, { x: 0, y: 99, by: 'disk' }, t0)),
  );
  const changes = [...engine.apply(victims, t0), ...engine.advance(t0)];
  assert.equal(changes.length, 1001);
  assert.equal(find(engine.active(), 'failed').victims.length, 1000);
});

test('two rules that mute each other do not both fall silent', () => {
  const one = fakeRule({ id: 'one', inhibitedBy: [{ rule: 'two' }] });
  const two = fakeRule({ id: 'two', inhibitedBy: [{ rule: 'one' }] });
  const engine = fakeEngine(ruleSet(one, two));
  engine.apply([appeared(thing('a', { x: 99 }, t0))], t0);
  assert.deepEqual(find(engine.active(), 'one').mutedBy, []);
  assert.deepEqual(find(engine.active(), 'two').mutedBy, [find(engine.active(), 'one').id]);
});

test('blame survives a restart', () => {
  const before = fakeEngine(ruleSet(failed, blocked));
  before.apply([cause, victim], t0);
  const engine = fakeEngine(ruleSet(failed, blocked), before.memory());
  assert.deepEqual(engine.apply([victim, cause], t0 + 1), []);
  engine.apply([changed(cause.resource, { x: 0 }, t0 + 2)], t0 + 2);
  assert.deepEqual(find(engine.active(), 'blocked').mutedBy, []);
});

test('an inhibitor that only waits mutes nothing', () => {
  const slow = fakeRule({ id: 'failed', levels: [{ ...failed.levels[0], for: 60_000 } as never] });
  const engine = fakeEngine(ruleSet(slow, blocked));
  engine.apply([cause, victim], t0);
  assert.deepEqual(find(engine.active(), 'blocked').mutedBy, []);
  engine.advance(t0 + 60_000);
  assert.equal(find(engine.active(), 'blocked').mutedBy.length, 1);
});

test('hysteresis of the inhibitor counts as firing', () => {
  const levels = [{ severity: 'critical', when: above(50), clear: atMost(10), for: 0 }] as const;
  const engine = fakeEngine(ruleSet(fakeRule({ id: 'failed', levels }), blocked));
  engine.apply([cause, victim], t0);
  assert.deepEqual(engine.apply([changed(cause.resource, { x: 30 }, t0 + 1)], t0 + 1), []);
  assert.equal(find(engine.active(), 'blocked').mutedBy.length, 1);
});

describe('after a restart while the source of the victim is blind', () => {
  /** The cause ends, and comes again, before anything is known of the victim. */
  const comesAgain = (memory: EngineMemory) => {
    const engine = fakeEngine(ruleSet(failed, blocked), memory);
    const again = appeared(thing('disk', { x: 0, y: 0 }, t0 + 2));
    engine.apply([again], t0 + 2);
    assert.deepEqual(find(engine.active(), 'blocked').mutedBy, []);
    engine.apply([changed(again.resource, { x: 99 }, t0 + 3)], t0 + 3);
    return engine;
  };

  test('it is muted by whom its resource named last, when that fires again', () => {
    const before = fakeEngine(ruleSet(failed, blocked));
    before.apply([cause, victim], t0);
    const engine = comesAgain(before.memory());
    const [root, hurt] = [find(engine.active(), 'failed'), find(engine.active(), 'blocked')];
    assert.deepEqual(hurt.mutedBy, [root.id]);
  });

  test('it is so, too, when that had ended before the restart', () => {
    const before = fakeEngine(ruleSet(failed, blocked));
    before.apply([cause, victim, changed(cause.resource, { x: 0 }, t0 + 1)], t0 + 1);
    const engine = comesAgain(before.memory());
    const [root, hurt] = [find(engine.active(), 'failed'), find(engine.active(), 'blocked')];
    assert.deepEqual(hurt.mutedBy, [root.id]);
  });

  test('one that named nobody is muted by nobody, whatever its rule says by itself', () => {
    const before = fakeEngine(ruleSet(failed, blocked));
    before.apply([cause, appeared(thing('backup', { x: 0, y: 99 }, t0))], t0);
    assert.deepEqual(find(comesAgain(before.memory()).active(), 'blocked').mutedBy, []);
  });
});

test('of alerts whose rules mute each other in a circle all but one are muted, also later', () => {
  const circle = (id: string, other: string) =>
    fakeRule({ id, levels: level(id), inhibitedBy: [{ rule: other }] });
  const engine = fakeEngine(ruleSet(circle('a', 'b'), circle('b', 'c'), circle('c', 'a')));
  const off = thing('disk', { a: 0, b: 0, c: 0 }, t0);
  const read = (facts: Readonly<Record<string, number>>, at: number) =>
    engine.apply([changed(off, { a: 0, b: 0, c: 0, ...facts }, at)], at);
  read({ c: 99 }, t0 + 1);
  read({ c: 99, a: 99 }, t0 + 2);
  read({ c: 99, a: 99, b: 99 }, t0 + 3);
  read({ a: 99, b: 99 }, t0 + 4);
  const [a, b] = [find(engine.active(), 'a'), find(engine.active(), 'b')];
  assert.deepEqual([a.mutedBy, b.mutedBy], [[b.id], []]);
});
