/** How fast the shipped rules are evaluated, in this process and without anything around them. */
import { globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { kinds } from '../../src/collectors/registry.ts';
import type { AttributeReading, Reading } from '../../src/domain/reading.ts';
import type { Difference } from '../../src/domain/resource.ts';
import { createInventory } from '../../src/inventory/create.ts';
import { systemFiles } from '../../src/platform/files.ts';
import type { CompiledRules } from '../../src/rules/compiled.ts';
import { createEngine, emptyMemory } from '../../src/rules/engine/create.ts';
import type { Engine } from '../../src/rules/engine.ts';
import { loadRules } from '../../src/rules/files/load.ts';

const top = join(import.meta.dirname, '../..');

export interface RuleSpeed {
  readonly units: number;
  readonly rules: number;
  /** Rules asked per second, of units whose state changes and stays good. */
  readonly evaluationsPerSecond: number;
  /** Readings of one unit each: inventory and engine. */
  readonly readingsPerSecond: number;
  /** Alerts raised per second when all units fail. */
  readonly alertsPerSecond: number;
}

function shippedRules(): CompiledRules {
  const files = globSync('src/collectors/*/rules.yaml', { cwd: top }).map((path) => ({
    folder: 0,
    path,
    name: `${basename(dirname(path))}.yaml`,
    text: systemFiles.readText(join(top, path)) ?? '',
  }));
  const { rules, complaints } = loadRules(files, kinds);
  if (rules === undefined) throw new Error(`the shipped rules: ${complaints[0]?.message}`);
  return rules;
}

/** The same rules; each counts how often it is asked. */
function counting(rules: CompiledRules): { readonly rules: CompiledRules; count(): number } {
  let asked = 0;
  const counted = rules.rules.map((rule) => ({
    ...rule,
    levels: rule.levels.map((level) => ({
      ...level,
      when: (scope: Parameters<typeof level.when>[0]) => {
        asked += 1;
        return level.when(scope);
      },
    })),
  }));
  return { rules: { ...rules, rules: counted }, count: () => asked };
}

const good: Readonly<Record<string, AttributeReading>> = {
  type: 'service',
  description: 'One of many',
  watched: true,
  wanted: true,
  present: true,
  loadState: 'loaded',
  activeState: 'active',
  subState: 'running',
  result: 'success',
  nRestarts: 0,
  restarting: false,
  gaveUp: false,
  jobResult: null,
  needDaemonReload: false,
};

const failed = { activeState: 'failed', subState: 'failed', result: 'exit-code' };

class House {
  readonly #inventory = createInventory();
  readonly #engine: Engine;
  readonly #units: number;
  #now = Date.UTC(2026, 10, 22);

  constructor(rules: CompiledRules, units: number) {
    this.#engine = createEngine(rules, emptyMemory, this.#inventory.past, () => 'unit');
    this.#units = units;
    this.round(good);
  }

  /** Each unit gets these attributes by a reading of its own; returns how many changes came. */
  round(attributes: Readonly<Record<string, AttributeReading>>): number {
    let changes = 0;
    this.#now += 1000;
    for (let i = 0; i < this.#units; i++) {
      const resources = [{ kind: 'systemd.unit', id: `unit-${i}.service`, attributes }];
      const reading: Reading = { type: 'partial', resources, gone: [], events: [] };
      const differences: readonly Difference[] = this.#inventory.apply(
        'systemd',
        reading,
        this.#now,
      );
      changes += this.#engine.apply(differences, this.#now).length;
    }
    return changes;
  }
}

const states = ['reloading', 'active'] as const;

export function measureRules(units: number, rounds: number): RuleSpeed {
  const rules = shippedRules();
  const watched = counting(rules);
  const counted = new House(watched.rules, units);
  const before = watched.count();
  counted.round({ activeState: 'reloading' });
  const perRound = watched.count() - before;

  const house = new House(rules, units);
  for (const activeState of states) house.round({ activeState });
  const began = performance.now();
  for (let i = 0; i < rounds; i++) house.round({ activeState: states[i % 2] ?? 'active' });
  const seconds = (performance.now() - began) / 1000;
  const fell = performance.now();
  const changes = house.round(failed);
  const failingSeconds = (performance.now() - fell) / 1000;
  return {
    units,
    rules: rules.rules.length,
    evaluationsPerSecond: (perRound * rounds) / seconds,
    readingsPerSecond: (units * rounds) / seconds,
    alertsPerSecond: changes / failingSeconds,
  };
}
