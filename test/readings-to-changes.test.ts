/** Inventory and engine together: whatever collectors tell, what must hold of the changes holds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Alert, Change } from '../src/domain/alert.ts';
import type { Event, Reading, ResourceReading } from '../src/domain/reading.ts';
import { absent, complete, failed, partial, unreadable } from '../src/domain/reading.ts';
import type { Resource } from '../src/domain/resource.ts';
import { minutes, seconds } from '../src/domain/time.ts';
import { createInventory } from '../src/inventory/create.ts';
import { createEngine, emptyMemory } from '../src/rules/engine/create.ts';
import { above, always, atMost, fakeRule, ruleSet } from '../src/rules/engine/engine.fixture.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const start = 1_800_000_000_000;
const kind = 'test.thing';
const warning = 'warning' as const;

const blamed = ({ attributes: { by } }: Resource): string | undefined =>
  typeof by === 'string' ? by : undefined;

const rules = ruleSet(
  fakeRule({ id: 'high', reads: new Set(['x', 'by']) }),
  fakeRule({
    id: 'slow',
    levels: [
      { severity: warning, when: above(50), clear: atMost(40), for: minutes(1) },
      { severity: 'critical', when: above(80), for: minutes(2) },
    ],
    keepFiringFor: seconds(90),
  }),
  fakeRule({
    id: 'victim',
    levels: [{ severity: warning, when: above(50, 'y'), for: 0 }],
    inhibitedBy: [{ rule: 'high', resource: ({ resource }) => blamed(resource) }, { rule: 'slow' }],
  }),
  fakeRule({
    id: 'event',
    on: 'crashed',
    keepFiringFor: minutes(3),
    levels: [{ severity: 'critical', when: always, for: 0 }],
  }),
);

const id = fc.constantFrom('a', 'b', 'c', 'd');
const number = fc.oneof(fc.constantFrom(0, 45, 60, 90), fc.constant(unreadable('EIO')));
const resource: fc.Arbitrary<ResourceReading> = fc.record({
  kind: fc.constant(kind),
  id,
  attributes: fc.record({ x: number, y: number, by: id }, { requiredKeys: [] }),
});
const event: fc.Arbitrary<Event> = fc.record({
  event: fc.constantFrom('crashed', 'other'),
  kind: fc.constant(kind),
  id,
  at: fc.constant(start),
  foundBy: fc.constantFrom('signal', 'journal'),
  attributes: fc.constant({}),
  key: fc.string({ maxLength: 2 }),
});
const distinct = fc.uniqueArray(resource, { selector: (r) => r.id, maxLength: 4 });
const events = fc.array(event, { maxLength: 2 });
const readingArbitrary: fc.Arbitrary<Reading> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(distinct, events).map(([r, e]) => complete(r, e)) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.array(resource, { maxLength: 4 }), fc.array(id, { maxLength: 2 }), events)
      .map(([r, gone, e]) => partial(r, { gone: gone.map((i) => ({ kind, id: i })), events: e })),
  },
  { weight: 1, arbitrary: fc.constantFrom(failed('timeout'), absent('none here')) },
);
type Tick = { readonly told: Reading | 'stale' | 'fresh' | 'reload'; readonly wait: number };
const story: fc.Arbitrary<readonly Tick[]> = fc.array(
  fc.record({
    told: fc.oneof(
      { weight: 9, arbitrary: readingArbitrary },
      {
        weight: 2,
        arbitrary: fc.constantFrom('stale' as const, 'fresh' as const, 'reload' as const),
      },
    ),
    wait: fc.constantFrom(0, 1, seconds(20), minutes(1)),
  }),
  { maxLength: 25 },
);

function play(ticks: readonly Tick[], look: (active: readonly Alert[]) => void): Change[] {
  const inventory = createInventory();
  const engine = createEngine(rules, emptyMemory, inventory.past, () => 'thing');
  const changes: Change[] = [];
  let now = start;
  for (const { told, wait } of ticks) {
    now += wait;
    for (let due = engine.nextDue(); due !== undefined && due < now; due = engine.nextDue()) {
      const more = engine.advance(due);
      assert.ok((engine.nextDue() ?? Infinity) > due, 'time goes on');
      changes.push(...more);
    }
    if (told === 'reload') changes.push(...engine.reload(rules, inventory.list(), now));
    else if (told === 'stale')
      changes.push(...engine.apply(inventory.markStale('c', '', now), now));
    else if (told === 'fresh') changes.push(...engine.apply(inventory.markFresh('c', now), now));
    else changes.push(...engine.apply(inventory.apply('c', told, now), now));
    look(engine.active());
  }
  return changes;
}

/** Blame, worked out anew from the active alerts alone. */
function checkBlame(active: readonly Alert[]): void {
  const firing = new Map(active.filter((a) => a.phase === 'firing').map((a) => [a.id, a]));
  for (const alert of active) {
    assert.equal(alert.cause, alert.mutedBy[0] ?? null);
    for (const muter of alert.mutedBy) {
      assert.ok(firing.get(muter)?.victims.includes(alert.id), 'the cause lists its victim');
    }
    for (const victim of alert.victims) {
      assert.ok(firing.get(victim)?.mutedBy.includes(alert.id), 'the victim names its cause');
    }
    if (alert.rule !== 'victim') continue;
    const slow = active.find(
      (a) => a.rule === 'slow' && a.phase === 'firing' && a.resource.id === alert.resource.id,
    );
    if (slow) assert.ok(alert.mutedBy.includes(slow.id), 'what fires mutes');
  }
}

function holds(check: (ticks: readonly Tick[]) => void, numRuns: number): void {
  try {
    fc.assert(fc.property(story, check), { seed, numRuns });
  } catch (error) {
    console.error(`SEED=${seed}`);
    throw error;
  }
}

test('cause and victims name each other at every moment', () => {
  holds((ticks) => void play(ticks, checkBlame), 200);
});

test('a replay gives the same bytes', () => {
  holds((ticks) => {
    const [once, again] = [play(ticks, () => {}), play(ticks, () => {})];
    assert.equal(JSON.stringify(once), JSON.stringify(again));
  }, 100);
});

test('changes are numbered without gap, and nothing follows an end', () => {
  holds((ticks) => {
    const ended = new Set<string>();
    play(ticks, () => {}).forEach(({ seq, alert, reason }, i) => {
      assert.equal(seq, i + 1);
      assert.equal(alert.seq, seq);
      assert.ok(!ended.has(alert.id), `${reason} after the end`);
      if (alert.phase === 'resolved') ended.add(alert.id);
      assert.equal(alert.resolvedAt !== null, alert.phase === 'resolved');
      assert.ok(alert.startsAt <= alert.detectedAt);
    });
  }, 200);
});

test('there is never more than one active alert of one rule and resource', () => {
  holds((ticks) => {
    play(ticks, (active) => {
      const keys = active.map(({ rule, resource: { id } }) => `${rule} ${id}`);
      assert.equal(new Set(keys).size, keys.length);
    });
  }, 100);
});
