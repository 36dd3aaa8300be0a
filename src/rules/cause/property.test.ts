/** What is kept step by step is what a search from nothing would find, whatever happened before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Alert } from '../../domain/alert.ts';
import type { Resource } from '../../domain/resource.ts';
import { failure, thing, World } from './world.fixture.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const name = fc.constantFrom(...names);
const some = fc.array(name, { maxLength: 2 }).map((list) => list.join(' '));

const step = fc.oneof(
  fc.record({
    type: fc.constant('see' as const),
    id: name,
    facts: fc.record(
      { needs: some, neededBy: some, after: some, blockedBy: some },
      { requiredKeys: [] },
    ),
  }),
  fc.record({ type: fc.constant('lose' as const), id: name }),
  fc.record({
    type: fc.constant('fail' as const),
    id: name,
    at: fc.integer({ min: 0, max: 900_000 }),
    severity: fc.constantFrom('info', 'warning', 'critical'),
    looked: fc.boolean(),
  }),
  fc.record({ type: fc.constant('recover' as const), id: name }),
  fc.record({ type: fc.constant('mute' as const), id: name, by: fc.option(name) }),
  fc.record({ type: fc.constant('settle' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Does the steps, and remembers what is there in the end. */
class Story {
  readonly world = new World();
  readonly resources = new Map<string, Resource>();
  readonly alerts = new Map<string, Alert>();
  readonly muters = new Map<string, string>();

  take(one: Step): void {
    if (one.type === 'settle') this.world.settle();
    else if (one.type === 'see') {
      const resource = thing(one.id, one.facts);
      this.resources.set(one.id, resource);
      this.world.causes.see(resource);
    } else if (one.type === 'lose') {
      this.resources.delete(one.id);
      this.world.causes.lose('test.thing', one.id);
    } else if (one.type === 'recover') this.#recover(one.id);
    else if (one.type === 'mute') this.#mute(one.id, one.by ?? undefined);
    else if (!this.alerts.has(one.id)) {
      const alert = failure(one.id, one);
      this.alerts.set(one.id, alert);
      this.world.fail(alert);
    }
  }

  #recover(id: string): void {
    this.alerts.delete(id);
    this.world.recover(id);
    for (const [muted, by] of this.muters) {
      if (muted === id || by === id) this.muters.delete(muted);
    }
  }

  /** As Blame does it: never in a circle, and only among what fires. */
  #mute(id: string, by: string | undefined): void {
    if (!this.alerts.has(id)) return;
    for (let at = by; at !== undefined; at = this.muters.get(at)) if (at === id) return;
    if (by === undefined || !this.alerts.has(by)) this.muters.delete(id);
    else this.muters.set(id, by);
    this.world.causes.muteBy(id, this.muters.get(id));
  }

  /** The same end without the past. */
  anew(): World {
    const world = new World([...this.resources.values()]).fail(...this.alerts.values());
    for (const [id, by] of this.muters) world.causes.muteBy(id, by);
    return world;
  }
}

test('what is kept step by step is what a search from nothing finds', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const story = new Story();
      for (const one of steps) story.take(one);
      assert.equal(story.world.drawn(), story.anew().drawn());
    }),
    { numRuns: 400 },
  );
});

test('nobody is blamed who blames another, is gone, or is the victim itself', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const story = new Story();
      for (const one of steps) story.take(one);
      const { verdicts } = story.world.settle();
      for (const [id, { cause, alternatives }] of verdicts) {
        if (cause === undefined) continue;
        assert.ok(story.alerts.has(cause.id) && cause.id !== id);
        assert.equal(verdicts.get(cause.id)?.cause, undefined);
        assert.ok(!alternatives.includes(cause) && alternatives.every((one) => one.id !== id));
      }
    }),
    { numRuns: 400 },
  );
});

test('nothing is kept of what is gone', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const story = new Story();
      for (const one of steps) story.take(one);
      for (const id of names) {
        story.take({ type: 'recover', id });
        story.take({ type: 'lose', id });
      }
      story.world.settle();
      assert.equal(story.world.causes.size, 0);
    }),
    { numRuns: 200 },
  );
});

const many = Array.from({ length: 24 }, (_, i) => `n${i}`);
const failing = fc.record({
  at: fc.integer({ min: 0, max: 90_000 }),
  severity: fc.constantFrom('info' as const, 'warning' as const, 'critical' as const),
});
const wide = fc.tuple(
  fc.array(fc.subarray(many), { minLength: 24, maxLength: 24 }),
  fc.array(fc.option(failing, { freq: 9 }), { minLength: 24, maxLength: 24 }),
  fc.array(fc.integer(), { minLength: 24, maxLength: 24 }),
  fc.boolean(),
);

test('in which order things and their needs were seen changes no verdict', () => {
  fc.assert(
    fc.property(wide, ([needs, failures, ranks, hasCircles]) => {
      const order = (a: number, b: number): number => (ranks[a] ?? 0) - (ranks[b] ?? 0) || a - b;
      const draw = (numbers: readonly number[]): string => {
        const world = new World();
        for (const i of numbers) {
          const needed = numbers.filter((j) => hasCircles || j > i).map((j) => `n${j}`);
          const all = needed.filter((one) => needs[i]?.includes(one));
          world.causes.see(thing(`n${i}`, { needs: all.join(' ') }));
        }
        for (const i of numbers) {
          const facts = failures[i];
          if (facts) world.fail(failure(`n${i}`, facts));
        }
        return world.drawn();
      };
      const numbers = [...many.keys()];
      assert.equal(draw(numbers.toSorted(order)), draw(numbers));
    }),
    { numRuns: 100 },
  );
});
