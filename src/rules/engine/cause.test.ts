/** Causes in the engine: what rules/cause finds becomes `cause`, `victims` and `mutedBy`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../../domain/alert.ts';
import type { Difference } from '../../domain/resource.ts';
import type { EpochMs } from '../../domain/time.ts';
import { thingKind } from '../cause/world.fixture.ts';
import type { EngineMemory } from '../engine.ts';
import { createEngine, emptyMemory } from './create.ts';
import {
  above,
  always,
  appeared,
  changed,
  fakeRule,
  ruleSet,
  thing,
  told,
} from './engine.fixture.ts';

const t0 = 1_000_000;
const failed = fakeRule({
  id: 'failed',
  levels: [
    { severity: 'warning', when: above(50), for: 0 },
    { severity: 'critical', when: above(90), for: 0 },
  ],
});
const rules = ruleSet(failed);

const start = (memory: EngineMemory = emptyMemory, of = rules) =>
  createEngine(
    of,
    memory,
    () => [],
    () => 'thing',
    { kinds: [thingKind] },
  );
type Engine = ReturnType<typeof start>;

/** It fails at that moment; the source tells it a millisecond later. */
const fails = (id: string, at: EpochMs, needs = '', x = 99) =>
  appeared({ ...thing(id, { x, needs }, at), readAt: at + 1 });

const all = (engine: Engine): ReadonlyMap<string, Alert> =>
  new Map(engine.active().map((alert) => [alert.resource.id, alert]));

/** `victim<cause` of each alert; `!` where that does not mute it. */
function drawn(engine: Engine): string {
  const alerts = all(engine);
  const names = new Map([...alerts].map(([name, { id }]) => [id, name]));
  return [...alerts]
    .map(([name, { cause, mutedBy }]) => {
      if (cause === null) return mutedBy.length === 0 ? name : `${name}*`;
      return `${name}<${names.get(cause)}${mutedBy.includes(cause) ? '' : '!'}`;
    })
    .sort()
    .join(' ');
}

const fall = (): Engine => {
  const engine = start();
  engine.apply([fails('a', t0 + 2, 'b'), fails('b', t0 + 1, 'c'), fails('c', t0)], t0 + 5);
  engine.advance(t0 + 5);
  return engine;
};

test('the first of a chain is the cause of all others, which it mutes and lists', () => {
  const engine = fall();
  assert.equal(drawn(engine), 'a<c b<c c');
  const { a, b, c } = Object.fromEntries(all(engine));
  assert.deepEqual(new Set(c?.victims), new Set([a?.id, b?.id]));
  assert.deepEqual([a?.alternatives, b?.alternatives], [[b?.id], []]);
  assert.equal(engine.nextDue(), undefined);
});

test('what is known when a victim fails mutes it from its first moment', () => {
  const engine = start();
  engine.apply([fails('c', t0)], t0 + 1);
  engine.advance(t0 + 1);
  const changes = engine.apply([fails('b', t0 + 5, 'c')], t0 + 6);
  assert.deepEqual(told(changes), ['failed b raised', 'failed c cause']);
  assert.deepEqual(changes[0]?.alert.mutedBy, [all(engine).get('c')?.id]);
});

test('what a failure means for others is said once, at the end of the tick', () => {
  const engine = start();
  const first = engine.apply([fails('b', t0 + 5, 'c'), fails('c', t0)], t0 + 6);
  assert.deepEqual(told(first), ['failed b raised', 'failed c raised']);
  assert.equal(engine.nextDue(), t0 + 6);
  assert.deepEqual(told(engine.advance(t0 + 6)), ['failed b cause', 'failed c cause']);
});

test('when the cause ends and its victim does not, blame ends and the victim is to be told', () => {
  const engine = fall();
  const { c } = Object.fromEntries(all(engine));
  assert.ok(c);
  engine.apply([changed(thing('c', { x: 99 }, t0), { x: 0 }, t0 + 9)], t0 + 9);
  const changes = engine.advance(t0 + 9);
  assert.equal(drawn(engine), 'a<b b');
  assert.ok(changes.every(({ reason }) => reason === 'cause'));
});

test('victims that recover in the same tick as their cause say nothing but that', () => {
  const engine = fall();
  const recover = (id: string, needs: string) =>
    changed(thing(id, { x: 99, needs }, t0), { x: 0 }, t0 + 9);
  const changes = engine.apply([recover('c', ''), recover('b', 'c'), recover('a', 'b')], t0 + 9);
  const reasons = [...changes, ...engine.advance(t0 + 9)].map(({ reason }) => reason);
  assert.deepEqual(reasons, ['resolved', 'resolved', 'resolved']);
});

test('a victim that is worse than its cause is not muted by it, as long as it is', () => {
  const engine = start();
  const root = fails('c', t0, '', 60);
  engine.apply([root, fails('b', t0 + 1, 'c')], t0 + 2);
  engine.advance(t0 + 2);
  assert.equal(drawn(engine), 'b<c! c');
  assert.equal(all(engine).get('c')?.victims.length, 1);
  engine.apply([changed(root.resource, { x: 95 }, t0 + 9)], t0 + 9);
  engine.advance(t0 + 9);
  assert.equal(drawn(engine), 'b<c c');
});

test('what a rule says goes before what resources need, and leads to the first all the same', () => {
  const blocked = fakeRule({
    id: 'blocked',
    levels: [{ severity: 'warning', when: above(50, 'y'), for: 0 }],
    inhibitedBy: [{ rule: 'failed' }],
  });
  const engine = start(emptyMemory, ruleSet(failed, blocked));
  engine.apply([fails('c', t0)], t0 + 1);
  engine.apply([appeared(thing('b', { x: 99, y: 99, needs: 'c' }, t0 + 1))], t0 + 2);
  engine.advance(t0 + 2);
  const of = (rule: string, id: string) =>
    engine.active().find((alert) => alert.rule === rule && alert.resource.id === id);
  const [root, near, victim] = [of('failed', 'c'), of('failed', 'b'), of('blocked', 'b')];
  assert.deepEqual(victim?.mutedBy, [near?.id]);
  assert.equal(victim?.cause, root?.id);
  assert.equal(near?.cause, root?.id);
  assert.deepEqual(new Set(root?.victims), new Set([near?.id, victim?.id]));
});

test('blame holds over a restart until everything has been seen, and then is judged anew', () => {
  const before = fall();
  const engine = start(before.memory());
  assert.equal(drawn(engine), 'a<c b<c c');
  engine.apply([fails('a', t0 + 2, 'b')], t0 + 100);
  assert.deepEqual(engine.advance(t0 + 100), []);
  engine.apply([fails('b', t0 + 1, 'c'), fails('c', t0)], t0 + 101);
  assert.deepEqual(engine.advance(t0 + 101), []);
  engine.settle(['test.thing'], t0 + 102);
  assert.deepEqual(engine.advance(t0 + 102), []);
  assert.equal(drawn(engine), 'a<c b<c c');
});

test('after a restart a need that is no more ends the blame', () => {
  const engine = start(fall().memory());
  engine.apply([fails('a', t0 + 2), fails('b', t0 + 1, 'c'), fails('c', t0)], t0 + 101);
  engine.settle(['test.thing'], t0 + 102);
  engine.advance(t0 + 102);
  assert.equal(drawn(engine), 'a b<c c');
});

test('victims of a cause that went away while tocsin was down are free once that is seen', () => {
  const engine = start(fall().memory());
  engine.apply([fails('a', t0 + 2, 'b'), fails('b', t0 + 1, 'c')], t0 + 101);
  engine.settle(['test.thing'], t0 + 102);
  engine.advance(t0 + 102);
  assert.equal(drawn(engine), 'a<b b');
});

test('a cause that is seen to be well ends blame that is held from before a restart', () => {
  const engine = start(fall().memory());
  engine.apply([appeared(thing('c', { x: 0, needs: '' }, t0 + 100))], t0 + 100);
  engine.advance(t0 + 100);
  assert.equal(drawn(engine), 'a b');
});

test('what only waits is to blame for nothing, and frees nobody of what is', () => {
  const waits = fakeRule({
    id: 'waits',
    levels: [
      { severity: 'warning', when: above(50, 'y'), for: 60_000 },
      { severity: 'critical', when: above(90, 'y'), for: 60_000 },
    ],
  });
  const engine = start(emptyMemory, ruleSet(failed, waits));
  const root = appeared(thing('c', { x: 60, y: 60 }, t0));
  engine.apply([root], t0 + 1);
  assert.deepEqual(told(engine.apply([changed(root.resource, { y: 99 }, t0 + 2)], t0 + 2)), [
    'waits c severity',
  ]);
  engine.apply([fails('b', t0 + 3, 'c', 60)], t0 + 4);
  engine.advance(t0 + 4);
  const of = (rule: string, id: string) =>
    engine.active().find((alert) => alert.rule === rule && alert.resource.id === id);
  assert.equal(of('failed', 'b')?.cause, of('failed', 'c')?.id);
});

test('a cause that gets worse while its source is blind mutes what was worse than it', () => {
  const crashed = fakeRule({
    id: 'crashed',
    on: 'crashed',
    levels: [
      { severity: 'warning', when: always, for: 0 },
      {
        severity: 'critical',
        when: ({ event }) => ({ type: event?.key === 'hard' ? 'true' : 'false' }),
        for: 0,
      },
    ],
    keepFiringFor: 60_000,
  });
  const resource = thing('c', { x: 0 }, t0);
  const crash = (key: string, staleSince: EpochMs | null): Difference => {
    const event = { event: 'crashed', kind: 'test.thing', id: 'c', at: t0, key } as const;
    const facts = { foundBy: 'signal', attributes: {} } as const;
    return {
      type: 'happened',
      event: { ...event, ...facts },
      resource: { ...resource, staleSince },
    };
  };
  const engine = start(emptyMemory, ruleSet(failed, crashed));
  engine.apply([crash('soft', null), fails('b', t0 + 1, 'c')], t0 + 2);
  engine.advance(t0 + 2);
  assert.equal(drawn(engine), 'b<c! c');
  engine.apply([crash('hard', t0 + 3)], t0 + 3);
  engine.advance(t0 + 3);
  assert.equal(drawn(engine), 'b<c c');
});
