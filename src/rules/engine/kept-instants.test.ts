/** What is kept for a restart is the same, however often it was asked for meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { minutes } from '../../domain/time.ts';
import type { CompiledRule } from '../compiled.ts';
import type { Engine } from '../engine.ts';
import {
  above,
  appeared,
  changed,
  fakeEngine,
  fakeRule,
  ruleSet,
  thing,
} from './engine.fixture.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const start = 1_800_000_000_000;

const single = fakeRule({ id: 'single', keepFiringFor: minutes(3) });
const named = fakeRule({
  id: 'named',
  levels: [{ severity: 'warning', when: above(20), for: 0 }],
  inhibitedBy: [
    {
      rule: 'single',
      resource: ({ resource: { attributes } }) =>
        typeof attributes.by === 'string' ? attributes.by : undefined,
    },
  ],
});
const waits = fakeRule({
  id: 'waits',
  levels: [
    { severity: 'warning', when: above(30), for: minutes(1) },
    { severity: 'critical', when: above(60), for: minutes(1) },
  ],
});
/** A new digest: the alert goes on, and what it was made from is another rule. */
const anew = (rule: CompiledRule, by: readonly CompiledRule['inhibitedBy'][number][]) => ({
  ...rule,
  inhibitedBy: by,
  summary: { ...rule.summary, digest: `${rule.summary.digest} ${by.length}` },
});

type Step = { readonly x: number; readonly by: string; readonly rules: number };
const ruleSets = [
  ruleSet(single, named, waits),
  ruleSet(single, anew(named, []), anew(waits, [{ rule: 'single' }])),
];

/** Plays it all; `ask` is called after each step. */
function play(steps: readonly Step[], ask: (engine: Engine) => void): Engine {
  const engine = fakeEngine(ruleSets[0] ?? ruleSet());
  let known = thing('a', { x: 0, by: 'a' }, start);
  engine.apply([appeared(known)], start);
  let inForce = 0;
  steps.forEach(({ x, by, rules }, i) => {
    const now = start + (i + 1) * 30_000;
    const difference = changed(known, { x, by }, now);
    known = difference.resource;
    engine.apply([difference], now);
    const next = ruleSets[rules];
    if (next !== undefined && rules !== inForce) engine.reload(next, x > 50 ? [] : [known], now);
    inForce = rules;
    ask(engine);
  });
  return engine;
}

const step = fc.record({
  x: fc.constantFrom(0, 25, 40, 55, 70),
  by: fc.constantFrom('a', 'b', ''),
  rules: fc.constantFrom(0, 0, 0, 1),
});

test('what is kept does not depend on how often it was asked for', () => {
  const property = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
    const often = play(steps, (engine) => void engine.expiries());
    const once = play(steps, () => {});
    assert.deepEqual(often.expiries(), once.expiries());
  });
  try {
    fc.assert(property, { seed, numRuns: 150 });
  } catch (error) {
    console.error(`SEED=${seed}`);
    throw error;
  }
});

test('a rule that was written anew is kept as such, also for an alert that was plain before', () => {
  const engine = fakeEngine(ruleSet(single));
  const [raised] = engine.apply([appeared(thing('a', { x: 70 }, start))], start);
  assert.deepEqual(engine.expiries(), {});
  engine.reload(ruleSet(anew(single, [])), [], start + 1);
  assert.deepEqual(Object.keys(engine.expiries()), [`anew ${raised?.alert.id}`]);
});
