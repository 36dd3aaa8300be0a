/** Whatever failed and recovered, a restart changes no blame, and blame always leads to somebody. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Alert } from '../../domain/alert.ts';
import type { Resource } from '../../domain/resource.ts';
import { thingKind } from '../cause/world.fixture.ts';
import type { Engine, EngineMemory } from '../engine.ts';
import { createEngine, emptyMemory } from './create.ts';
import { above, appeared, changed, fakeRule, ruleSet, thing } from './engine.fixture.ts';

const t0 = 1_000_000;
const levels = [
  { severity: 'warning', when: above(50), for: 0 },
  { severity: 'critical', when: above(90), for: 0 },
] as const;
const rules = ruleSet(
  fakeRule({ id: 'failed', levels }),
  fakeRule({
    id: 'slow',
    levels: [{ severity: 'warning', when: above(70), for: 0 }],
    inhibitedBy: [
      { rule: 'failed' },
      {
        rule: 'failed',
        resource: ({ resource: { attributes } }) =>
          typeof attributes.needs === 'string' ? attributes.needs.split(' ')[0] : undefined,
      },
    ],
  }),
);

const start = (memory: EngineMemory = emptyMemory): Engine =>
  createEngine(
    rules,
    memory,
    () => [],
    () => 'thing',
    { kinds: [thingKind] },
  );

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const step = fc.record({
  id: name,
  x: fc.constantFrom(0, 0, 60, 80, 99),
  needs: fc.array(name, { maxLength: 2 }).map((list) => list.join(' ')),
  wait: fc.constantFrom(0, 5, 20_000, 700_000),
});

interface Played {
  readonly engine: Engine;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly now: number;
}

function play(steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]): Played {
  const engine = start();
  const resources = new Map<string, Resource>();
  let now = t0;
  for (const { id, x, needs, wait } of steps) {
    now += wait;
    const before = resources.get(id);
    const difference = before
      ? changed(before, { x, needs }, now)
      : appeared(thing(id, { x, needs }, now));
    resources.set(id, difference.resource);
    engine.apply([difference], now + 1);
    engine.advance(now + 1);
  }
  return { engine, resources, now: now + 1 };
}

const blameOf = ({ id, cause, alternatives, mutedBy, victims }: Alert) => [
  id,
  { cause, alternatives, mutedBy, victims },
];
const allBlame = (engine: Engine) => Object.fromEntries(engine.active().map(blameOf));

test('a restart changes no blame and makes no change of it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const { engine, resources, now } = play(steps);
      const again = start(engine.memory());
      const changes = [...resources.values()].flatMap((resource) => [
        ...again.apply([appeared(resource)], now + 5),
        ...again.advance(now + 5),
      ]);
      changes.push(...again.settle([thingKind.name], now + 6), ...again.advance(now + 6));
      assert.deepEqual(changes, []);
      assert.deepEqual(allBlame(again), allBlame(engine));
    }),
    { numRuns: 300 },
  );
});

test('while some sources are blind after a restart, blame stays as it was', () => {
  const seen = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), seen, (steps, sees) => {
      const { engine, resources, now } = play(steps);
      const again = start(engine.memory());
      const changes = [...resources.values()].flatMap((resource, i) => [
        ...(sees[i] ? again.apply([appeared(resource)], now + 5) : []),
        ...again.advance(now + 5),
      ]);
      assert.deepEqual(changes, []);
      assert.deepEqual(allBlame(again), allBlame(engine));
    }),
    { numRuns: 200 },
  );
});

test('who is muted is a victim of one that is not, and is listed by it', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const { engine } = play(steps);
      const alerts = new Map(engine.active().map((alert) => [alert.id, alert]));
      for (const { id, cause, mutedBy } of alerts.values()) {
        for (const muter of mutedBy) assert.ok(alerts.get(muter)?.victims.includes(id));
        if (cause === null) assert.deepEqual(mutedBy, []);
        else {
          assert.ok(alerts.get(cause)?.victims.includes(id));
          assert.deepEqual(alerts.get(cause)?.mutedBy, [], 'the first of all is told');
        }
      }
    }),
    { numRuns: 300 },
  );
});
