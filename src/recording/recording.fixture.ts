/** A small world for tests of recordings: a kind, rules of every form, and any sequence of inputs. */
import fc from 'fast-check';
import { counter, defineKind, gauge, word } from '../domain/kind.ts';
import {
  complete,
  type Event,
  partial,
  type ResourceReading,
  unreadable,
} from '../domain/reading.ts';
import { minutes, seconds } from '../domain/time.ts';
import { createInventory } from '../inventory/create.ts';
import type { CompiledRules } from '../rules/compiled.ts';
import { createEngine, emptyMemory } from '../rules/engine/create.ts';
import { loadRules } from '../rules/files/load.ts';
import { renderLine } from './format.ts';
import { applyInput, type Input, type Judges } from './input.ts';
import { beginRecording, type RecorderParts, recordInput } from './recorder.ts';

export const start = 1_800_000_000_000;

const names = (facts: { readonly strength?: 'certain' | 'order'; readonly inverse?: true }) =>
  word({
    help: 'Names of things.',
    source: 'tests',
    refersTo: { kind: 'test.thing', relation: 'serves', list: true, ...facts },
  });

export const thing = defineKind('test.thing', {
  title: 'A thing',
  identity: 'NAME',
  attributes: {
    x: gauge({ help: 'A number.', source: 'tests', unit: 'things' }),
    y: counter({ help: 'A counter.', source: 'tests', unit: 'things' }),
    state: word({ help: 'A word.', source: 'tests' }),
    needs: names({}),
    neededBy: names({ inverse: true }),
    after: names({ strength: 'order' }),
    blockedBy: names({ strength: 'certain' }),
  },
  events: { crashed: { help: 'It crashed.', attributes: {} } },
});

export const rulesText = (threshold: number): string => `rules:
  - id: high
    kind: test.thing
    when: thing.x > ${threshold}
    severity: critical
    source: system
    title: "{{ thing.id }} is at {{ thing.x }}"
    message: "{{ thing.id }} in state {{ thing.state }}"
  - id: slow
    kind: test.thing
    levels:
      warning: { when: thing.x > 40, clear: thing.x < 20, for: 1m }
      critical: { when: thing.x > 80, for: 2m }
    keepFiringFor: 90s
    source: system
    title: "{{ thing.id }} is slow at {{ thing.x }}"
  - id: growing
    kind: test.thing
    when: increase(thing.y, "5m") > 30 || average(thing.x, "3m") > 60
    for: 30s
    severity: warning
    source: system
    title: "{{ thing.id }} grows by {{ increase(thing.y, '5m') }}"
  - id: victim
    kind: test.thing
    when: thing.state == "down"
    severity: warning
    source: system
    inhibitedBy: [high, { rule: slow, resource: thing.blockedBy }]
    title: "{{ thing.id }} is down"
  - id: crashed
    kind: test.thing
    on: crashed
    levels:
      warning: { when: "true" }
      critical: { when: thing.x > 40 }
    keepFiringFor: 3m
    source: system
    title: "{{ thing.id }} crashed"
`;

export function rulesOf(threshold: number): CompiledRules {
  const text = rulesText(threshold);
  const file = { folder: 0, name: 'test.yaml', path: '/rules/test.yaml', text };
  const { rules, complaints } = loadRules([file], [thing]);
  if (rules === undefined) throw new Error(JSON.stringify(complaints));
  return rules;
}

export function judgesOf(rules: CompiledRules): Judges {
  const inventory = createInventory();
  return {
    inventory,
    engine: createEngine(rules, emptyMemory, inventory.past, () => 'thing', { kinds: [thing] }),
  };
}

const id = fc.constantFrom('a', 'b', 'c', 'd');
const number = fc.oneof(
  fc.constantFrom(0, 10, 30, 45, 60, 90),
  fc.constant(Number.NaN),
  fc.constant(unreadable('EIO')),
);
const others = fc.array(id, { maxLength: 2 }).map((list) => list.join(' '));
const resource: fc.Arbitrary<ResourceReading> = fc.record({
  kind: fc.constant('test.thing'),
  id,
  attributes: fc.record(
    {
      x: number,
      y: fc.nat(200),
      state: fc.constantFrom('up', 'down'),
      needs: others,
      neededBy: others,
      after: others,
      blockedBy: others,
    },
    { requiredKeys: [] },
  ),
});
const event: fc.Arbitrary<Event> = fc.record({
  event: fc.constant('crashed'),
  kind: fc.constant('test.thing'),
  id,
  at: fc.constant(start),
  foundBy: fc.constantFrom('signal', 'journal'),
  attributes: fc.constant({}),
  key: fc.string({ maxLength: 2 }),
});
const events = fc.array(event, { maxLength: 2 });
const distinct = fc.uniqueArray(resource, { selector: (one) => one.id, maxLength: 4 });
const reading = (given: Parameters<typeof complete>): Input => ({
  type: 'reading',
  collector: 'tests',
  reading: complete(...given),
});

const matchers = [{ name: 'thing', operator: '=', value: 'a' }] as const;

const input: fc.Arbitrary<Input> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(distinct, events).map(reading) },
  {
    weight: 8,
    arbitrary: fc.tuple(fc.array(resource, { maxLength: 3 }), id, events).map(
      ([some, gone, happened]): Input => ({
        type: 'reading' as const,
        collector: 'tests',
        reading: partial(some, {
          gone: some.length === 0 ? [{ kind: 'test.thing', id: gone }] : [],
          events: happened,
        }),
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Input>(
      { type: 'stale', collector: 'tests', why: 'blind' },
      { type: 'fresh', collector: 'tests' },
      { type: 'advance' },
      { type: 'clock', delta: minutes(7) },
      { type: 'mutes', mutes: [{ id: 'silence', type: 'silence', matchers }] },
      { type: 'mutes', mutes: [] },
      { type: 'settle', kinds: ['test.thing'], by: 'gone' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(50, 70).map((x): Input => ({ type: 'reload', rules: rulesOf(x) })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('acknowledge' as const, 'unacknowledge' as const, 'resolve' as const)
      .map(
        (type): Input => ({
          type: 'act',
          alertId: 'first',
          deed: { type, comment: null },
          by: 'uid:0',
        }),
      ),
  },
);

const wait = fc.constantFrom(0, 1, seconds(7), seconds(30), minutes(1));
/** Things that need each other, often in circles, of which some are down. */
const world = fc.tuple(
  ...['a', 'b', 'c', 'd'].map((name) =>
    fc.record({
      kind: fc.constant('test.thing'),
      id: fc.constant(name),
      attributes: fc.record({
        x: fc.constantFrom(0, 0, 60, 90),
        y: fc.constant(0),
        state: fc.constantFrom('up', 'down'),
        needs: others,
        blockedBy: others,
      }),
    }),
  ),
);

/** Inputs with the time that passes before each. */
export const storyArbitrary = fc
  .tuple(
    fc.tuple(
      world.map((all) => reading([all])),
      wait,
    ),
    fc.array(fc.tuple(input, wait), { maxLength: 30 }),
  )
  .map(([first, others]) => [first, ...others]);
type Story = readonly (readonly [Input, number])[];

/** Plays a story; from the input with number `from` on it is recorded. */
export function record(story: Story, from: number): readonly string[] {
  const rules = rulesOf(50);
  const judges = judgesOf(rules);
  const parts: RecorderParts = {
    judges,
    kinds: [thing],
    version: '0',
    watchingSince: 0,
    rules: () => inForce,
    mutes: () => mutes,
  };
  let inForce = rules;
  let mutes: Extract<Input, { type: 'mutes' }>['mutes'] = [];
  const lines: string[] = [];
  let inputs = 0;
  let now = start;
  let isOn = false;
  const take = (given: Input): void => {
    const outcome = applyInput(judges, given, now);
    if (given.type === 'mutes') mutes = given.mutes;
    if (given.type === 'reload') inForce = given.rules;
    if (!isOn) return;
    inputs++;
    for (const line of recordInput(given, now, outcome)) lines.push(renderLine(line));
  };
  take({ type: 'settle', kinds: [thing.name], by: 'gone' });
  story.forEach(([given, wait], i) => {
    now += wait;
    const due = judges.engine.nextDue();
    if (due !== undefined && due <= now) take({ type: 'advance' });
    if (i === from) {
      for (const line of beginRecording(parts, now)) lines.push(renderLine(line));
      isOn = true;
      take({ type: 'stock', settled: [thing.name] });
    }
    const [first] = judges.engine.active();
    take(given.type === 'act' ? { ...given, alertId: first?.id ?? '' } : given);
  });
  if (isOn) lines.push(renderLine({ name: 'end', value: { inputs, changes: 0, why: '' } }));
  return lines;
}
