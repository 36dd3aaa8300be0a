/**
 * Everything that can change what tocsin thinks, as values: what goes into the inventory and the
 * engine passes through here, in the daemon and in a replay alike.
 */
import type { Change } from '../domain/alert.ts';
import type { ActiveMute } from '../domain/mute.ts';
import type { Reading } from '../domain/reading.ts';
import type { Difference } from '../domain/resource.ts';
import type { EpochMs, Ms } from '../domain/time.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { CompiledRules } from '../rules/compiled.ts';
import type { Deed, Engine, FlapSettings, RaisedByHand } from '../rules/engine.ts';

export type Input<R = CompiledRules> =
  | { readonly type: 'reading'; readonly collector: string; readonly reading: Reading }
  | { readonly type: 'stale'; readonly collector: string; readonly why: string }
  | { readonly type: 'fresh'; readonly collector: string }
  | { readonly type: 'act'; readonly alertId: string; readonly deed: Deed; readonly by: string }
  | { readonly type: 'raise'; readonly alert: RaisedByHand; readonly by: string }
  | { readonly type: 'settle'; readonly kinds: readonly string[]; readonly by: 'gone' | 'absent' }
  | { readonly type: 'mutes'; readonly mutes: readonly ActiveMute[] }
  | { readonly type: 'reload'; readonly rules: R }
  | { readonly type: 'flapping'; readonly settings: FlapSettings | null }
  /** What has become due is done. */
  | { readonly type: 'advance' }
  /** The wall clock jumped. */
  | { readonly type: 'clock'; readonly delta: Ms }
  /**
   * All rules look at all resources anew. It begins a recording: from here on what waits in the
   * engine depends on nothing that a recording does not hold. `settled`: kinds that have been seen
   * whole.
   */
  | { readonly type: 'stock'; readonly settled: readonly string[] };

/** Who judges. */
export interface Judges {
  readonly inventory: Inventory;
  readonly engine: Engine;
}

export interface Outcome {
  readonly differences: readonly Difference[];
  readonly changes: readonly Change[];
}

/** Sees each input when it has been applied, with the instant that it was applied with. */
export type Tap = (input: Input, at: EpochMs, outcome: Outcome) => void;

const nothing: Outcome = { differences: [], changes: [] };

function differencesOf({ inventory }: Judges, input: Input, now: EpochMs): readonly Difference[] {
  switch (input.type) {
    case 'reading':
      return inventory.apply(input.collector, input.reading, now);
    case 'stale':
      return inventory.markStale(input.collector, input.why, now);
    case 'fresh':
      return inventory.markFresh(input.collector, now);
    case 'stock':
      return inventory.list().map((resource) => ({ type: 'appeared', resource }));
    default:
      return [];
  }
}

/** Applies one input to the inventory and the engine. */
export function applyInput(judges: Judges, input: Input, now: EpochMs): Outcome {
  const { engine, inventory } = judges;
  const only = (changes: readonly Change[]): Outcome => ({ differences: [], changes });
  switch (input.type) {
    case 'act':
      return only(engine.act(input.alertId, input.deed, input.by, now));
    case 'raise':
      return only(engine.raise(input.alert, input.by, now));
    case 'settle':
      return only(engine.settle(input.kinds, now, input.by));
    case 'mutes':
      return only(engine.setMutes(input.mutes, now));
    case 'flapping':
      return only(engine.setFlapping(input.settings, now));
    case 'reload':
      return only(engine.reload(input.rules, inventory.list(), now));
    case 'advance':
      return only(engine.advance(now));
    case 'clock':
      engine.clockStepped(input.delta);
      inventory.clockStepped(input.delta);
      return nothing;
    case 'stock':
      return only([
        ...engine.apply(differencesOf(judges, input, now), now),
        ...engine.settle(input.settled, now),
        ...engine.advance(now),
      ]);
    default: {
      const differences = differencesOf(judges, input, now);
      return { differences, changes: differences.length > 0 ? engine.apply(differences, now) : [] };
    }
  }
}
