/** The two sides of a backtest: one engine with the candidates, one with the rules in force. */
import type { Change } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import { createInventory } from '../../inventory/create.ts';
import type { CompiledRules } from '../../rules/compiled.ts';
import { createEngine, emptyMemory } from '../../rules/engine/create.ts';
import type { Judges } from '../input.ts';
import type { BacktestQuestion } from './question.ts';
import type { RuleSets } from './rule-sets.ts';
import { Tally } from './tally.ts';

/** A rule may ask to be looked at again at once; so often in one moment, time goes on. */
const wakesAtOnceMax = 100_000;

/** What else listens to an engine: the routes to people. */
export interface Listener {
  take(changes: readonly Change[], at: EpochMs): void;
  /** Messages by channel, from `since` to `until`; undefined: no routes are asked for. */
  counts(until: EpochMs): ReadonlyMap<string, number>;
}

export interface Listeners {
  readonly candidate: Listener;
  readonly inForce: Listener;
}

/** An engine with its tally. */
export class Side {
  readonly judges: Judges;
  readonly tally: Tally;
  readonly #listener: Listener | undefined;

  constructor(judges: Judges, since: () => EpochMs, listener?: Listener) {
    this.judges = judges;
    this.tally = new Tally(since);
    this.#listener = listener;
  }

  take(changes: readonly Change[], at: EpochMs): void {
    if (changes.length === 0) return;
    this.tally.take(changes);
    this.#listener?.take(changes, at);
  }

  /** What falls due before `at` is done when it does. */
  wake(at: EpochMs): void {
    const { engine } = this.judges;
    for (let count = 0; count < wakesAtOnceMax; count++) {
      const due = engine.nextDue();
      if (due === undefined || due >= at) return;
      this.take(engine.advance(due), due);
    }
  }
}

/** Both share one inventory: what they see is the same. */
export function createSides(
  { candidate, inForce }: RuleSets,
  { flapping, kinds, text }: BacktestQuestion,
  since: () => EpochMs,
  listeners: Listeners | undefined,
) {
  const inventory = createInventory();
  const variables = new Map(kinds.map(({ name, variable }) => [name, variable]));
  const sideOf = (rules: CompiledRules, heard?: Listener): Side => {
    const variableOf = (kind: string): string => variables.get(kind) ?? 'resource';
    const engine = createEngine(rules, emptyMemory, inventory.past, variableOf, {
      flapping,
      kinds,
    });
    return new Side({ inventory, engine }, since, heard);
  };
  const first = sideOf(candidate, listeners?.candidate);
  // Without candidates and routes one engine says all.
  const isOne = text === undefined && listeners === undefined;
  return { inventory, sides: isOne ? [first] : [first, sideOf(inForce, listeners?.inForce)] };
}
