/**
 * What it costs to know who is to blame when thousands of units fail in one tick: the same burst
 * goes through an engine that knows who needs whom and one that does not, and the ratio counts.
 */
import { kinds } from '../../src/collectors/registry.ts';
import type { Change } from '../../src/domain/alert.ts';
import type { Reading, ResourceReading } from '../../src/domain/reading.ts';
import { createInventory } from '../../src/inventory/create.ts';
import type { CompiledRules } from '../../src/rules/compiled.ts';
import { createEngine, emptyMemory } from '../../src/rules/engine/create.ts';
import type { Engine } from '../../src/rules/engine.ts';
import { loadShipped } from '../support/shipped-rules.ts';
import { atMost, type Row } from './report.ts';
import { quantile } from './statistics.ts';

export interface CauseCost {
  /** `1 root` or `500 roots`. */
  readonly shape: string;
  readonly units: number;
  /** Milliseconds for all changes of the burst, without and with causes. */
  readonly plainMs: number;
  readonly withCausesMs: number;
  /** The longest time for which one call of `advance` held the loop: what causes add to a tick. */
  readonly longestSettleMs: number;
  /** Victims that name their root in the end. */
  readonly blamed: number;
}

const at = Date.UTC(2026, 10, 22);

const unit = (i: number, attributes: ResourceReading['attributes']): ResourceReading => ({
  kind: 'systemd.unit',
  id: `unit-${i}.service`,
  attributes,
  at: at + i / 1000,
});

const good = (i: number, group: number, units: number): ResourceReading['attributes'] => ({
  type: 'service',
  description: 'One of many',
  watched: true,
  activeState: 'active',
  result: 'success',
  restarting: false,
  gaveUp: false,
  requiredBy:
    i % group === 0
      ? Array.from(
          { length: Math.min(group, units - i) - 1 },
          (_, k) => `unit-${i + k + 1}.service`,
        ).join(' ')
      : null,
});

const failed = { activeState: 'failed', result: 'exit-code' };

const partial = (resources: readonly ResourceReading[]): Reading => ({
  type: 'partial',
  resources,
  gone: [],
  events: [],
});

interface Burst {
  readonly ms: number;
  readonly settles: readonly number[];
  readonly engine: Engine;
}

function timed<T>(work: () => T): { readonly ms: number; readonly value: T } {
  const began = performance.now();
  const value = work();
  return { ms: performance.now() - began, value };
}

/** `backwards`: the roots are told last, the worst order. */
function burst(rules: CompiledRules, units: number, group: number, causes: boolean): Burst {
  const inventory = createInventory();
  const limits = causes ? { kinds } : {};
  const engine = createEngine(rules, emptyMemory, inventory.past, () => 'unit', limits);
  const all = Array.from({ length: units }, (_, i) => i);
  const begin = all.map((i) => unit(i, good(i, group, units)));
  engine.apply(inventory.apply('systemd', partial(begin), at), at);
  engine.advance(at);
  const fall = all.toReversed().map((i) => unit(i, failed));
  const changes: Change[] = [];
  const settles: number[] = [];
  const applied = timed(() =>
    changes.push(...engine.apply(inventory.apply('systemd', partial(fall), at + 10), at + 10)),
  );
  do {
    const settled = timed(() => changes.push(...engine.advance(at + 10)));
    settles.push(settled.ms);
  } while (engine.nextDue() === at + 10);
  return { ms: applied.ms + settles.reduce((sum, ms) => sum + ms, 0), settles, engine };
}

export function measureCauses(units: number, runs: number): readonly CauseCost[] {
  const rules = loadShipped().loaded.rules;
  if (rules === undefined) throw new Error('the shipped rules do not load');
  return [
    { shape: '1 root', group: units },
    { shape: `${units / 10} roots`, group: 10 },
  ].map(({ shape, group }) => {
    const rounds = Array.from({ length: runs }, () => ({
      plain: burst(rules, units, group, false),
      withCauses: burst(rules, units, group, true),
    })).slice(Math.min(1, runs - 1));
    const settles = rounds.map(({ withCauses }) => Math.max(...withCauses.settles));
    const last = rounds.at(-1)?.withCauses.engine.active() ?? [];
    return {
      shape,
      units,
      plainMs: quantile(
        rounds.map(({ plain }) => plain.ms),
        0.5,
      ),
      withCausesMs: quantile(
        rounds.map(({ withCauses }) => withCauses.ms),
        0.5,
      ),
      longestSettleMs: quantile(settles, 0.5),
      blamed: last.filter(({ cause }) => cause !== null).length,
    };
  });
}

export const ofCauses = (costs: readonly CauseCost[]): readonly Row[] =>
  costs.flatMap(({ shape, units, plainMs, withCausesMs, longestSettleMs, blamed }) => [
    {
      what: `${units} units fail, ${shape}, told last`,
      value: `${withCausesMs.toFixed(0)} ms with causes, ${plainMs.toFixed(0)} ms without; ${blamed} blamed`,
    },
    {
      what: 'the longest time that causes hold the loop',
      value: `${longestSettleMs.toFixed(1)} ms`,
      goal: atMost(longestSettleMs, 50, '50 ms'),
    },
  ]);
