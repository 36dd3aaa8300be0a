import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Change, Severity } from '../../domain/alert.ts';
import { unreadable } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import { minutes } from '../../domain/time.ts';
import type { CompiledRule } from '../compiled.ts';
import type { Engine } from '../engine.ts';
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
import { type Minute, type ModelAnswer, type ModelRule, modelAnswer } from './model.fixture.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const severityNames: readonly Severity[] = ['warning', 'critical'];
const start = 1_800_000_000_000;

const levelArbitrary = fc.record({
  over: fc.constantFrom(30, 50, 70),
  clear: fc.constantFrom(null, 10, 30),
  for: fc.integer({ min: 0, max: 3 }),
});
const ruleArbitrary: fc.Arbitrary<ModelRule> = fc.record({
  levels: fc.array(levelArbitrary, { minLength: 1, maxLength: 2 }),
  keep: fc.constantFrom(0, 0, 1, 3),
  latch: fc.constantFrom('none', 'none', 'none', 'operator', 'success'),
});
const minuteArbitrary: fc.Arbitrary<Minute> = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(0, 20, 40, 60, 80) },
  { weight: 4, arbitrary: fc.constantFrom('unreadable', 'stale', 'gone', 'resolve') },
);
const minutesArbitrary = fc.array(minuteArbitrary, { minLength: 1, maxLength: 30 });

const compile = (model: ModelRule): CompiledRule =>
  fakeRule({
    id: 'rule',
    latch: model.latch,
    keepFiringFor: minutes(model.keep),
    levels: model.levels.map((level, i) => ({
      severity: severityNames[i] ?? 'critical',
      when: above(level.over),
      ...(level.clear === null ? {} : { clear: atMost(level.clear) }),
      for: minutes(level.for),
    })),
  });

/** Plays the minutes; at each of `restarts` the engine is made anew from what it remembers. */
function play(rule: CompiledRule, story: readonly Minute[], restarts: readonly number[] = []) {
  const rules = ruleSet(rule);
  let engine: Engine = fakeEngine(rules);
  // What the inventory would know: nothing after a restart.
  let resource: Resource | undefined;
  let isSettled = true;
  const changes: Change[] = [];
  const shown = story.map((minute, i) => {
    const now = start + minutes(i);
    if (restarts.includes(i)) {
      engine = fakeEngine(rules, JSON.parse(JSON.stringify(engine.memory())));
      resource = undefined;
      isSettled = false;
    }
    const stale = resource?.staleSince != null;
    if (minute === 'resolve') {
      const [alert] = engine.active();
      const deed = { type: 'resolve', comment: null } as const;
      changes.push(...engine.act(alert?.id ?? '', deed, 'uid:0', now));
    } else if (minute === 'gone') {
      if (resource)
        changes.push(...engine.apply([{ type: 'gone', resource, why: '', at: now }], now));
      resource = undefined;
      if (!isSettled) changes.push(...engine.settle(['test.thing'], now));
      isSettled = true;
    } else if (minute === 'stale') {
      if (resource && !stale) {
        resource = { ...resource, staleSince: now };
        changes.push(...engine.apply([{ type: 'stale', resource, why: '' }], now));
      } else changes.push(...engine.advance(now));
    } else {
      isSettled = true;
      const x = minute === 'unreadable' ? unreadable('EIO') : minute;
      const before = resource;
      const after = before ? changed(before, { x }, now) : appeared(thing('a', { x }, now));
      resource = { ...after.resource, staleSince: null };
      const differences = [
        { ...after, resource },
        ...(stale ? [{ type: 'fresh' as const, resource }] : []),
      ];
      changes.push(...engine.apply(differences, now));
    }
    const [alert] = engine.active();
    if (alert === undefined) return '.';
    const level = Math.max(severityNames.indexOf(alert.severity), 0);
    return `${alert.phase} ${level}${alert.stale ? '?' : ''}`;
  });
  return { shown, ends: endsOf(changes), changes };
}

const endsOf = (changes: readonly Change[]): string[] =>
  changes.flatMap(({ reason, at, alert }) => {
    if (alert.phase !== 'resolved' || reason === 'cleared') return [];
    const minute = Math.round((at - start) / minutes(1));
    const how = alert.resolvedBy?.startsWith('operator:') ? 'by hand' : alert.resolvedBy;
    return [`${reason === 'dropped' ? 'dropped' : how} ${minute}`];
  });

function holds<T extends [unknown, ...unknown[]]>(
  property: fc.IProperty<T>,
  numRuns: number,
): void {
  try {
    fc.assert(property, { seed, numRuns });
  } catch (error) {
    console.error(`SEED=${seed}`);
    throw error;
  }
}

const withoutStale = (answer: ModelAnswer): readonly string[] =>
  answer.shown.map((word) => word.replace('?', ''));

test('any sequence of readings gives the alerts of the reference model', () => {
  holds(
    fc.property(ruleArbitrary, minutesArbitrary, (model, story) => {
      const { shown, ends } = play(compile(model), story);
      assert.deepEqual({ shown, ends }, modelAnswer(model, story));
    }),
    1000,
  );
});

test('a restart at any points changes neither what is shown nor how it ends', () => {
  const points = fc.array(fc.integer({ min: 1, max: 29 }), { maxLength: 4 });
  holds(
    fc.property(ruleArbitrary, minutesArbitrary, points, (model, story, restarts) => {
      const answer = modelAnswer(model, story);
      // Who resolves by hand before anything was read again ends a doubt, not a fact.
      const isRead = (i: number) => story.slice(i).find((m) => m !== 'stale') !== 'resolve';
      const played = play(compile(model), story, restarts.filter(isRead));
      assert.deepEqual(withoutStale(played), withoutStale(answer));
      assert.deepEqual(played.ends, answer.ends);
      assert.deepEqual(
        played.changes.map(({ seq }) => seq),
        played.changes.map((_, i) => i + 1),
      );
    }),
    700,
  );
});

test('a replay gives the same bytes', () => {
  holds(
    fc.property(ruleArbitrary, minutesArbitrary, (model, story) => {
      const [once, again] = [play(compile(model), story), play(compile(model), story)];
      assert.equal(JSON.stringify(once.changes), JSON.stringify(again.changes));
    }),
    300,
  );
});

test('numbers have no gap, and each alert ends at most once and is silent then', () => {
  holds(
    fc.property(ruleArbitrary, minutesArbitrary, (model, story) => {
      const ended = new Set<string>();
      const stillTrue = new Set<string>();
      play(compile(model), story).changes.forEach(({ seq, reason, alert }, i) => {
        assert.equal(seq, i + 1);
        assert.equal(alert.seq, seq);
        assert.equal(reason === 'cleared', stillTrue.delete(alert.id));
        if (alert.stillTrue) stillTrue.add(alert.id);
        if (reason === 'cleared') return;
        assert.ok(!ended.has(alert.id), `${alert.id} changed after its end`);
        if (alert.phase === 'resolved') ended.add(alert.id);
      });
    }),
    1000,
  );
});
