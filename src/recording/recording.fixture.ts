/** A small world for tests of recordings: a kind, rules of every form, and a recorder of stories. */
import { counter, defineKind, gauge, word } from '../domain/kind.ts';
import type { Ms } from '../domain/time.ts';
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

/** Inputs with the time that passes before each. */
export type Story = readonly (readonly [Input, Ms])[];

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
