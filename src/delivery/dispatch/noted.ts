/** Keys of notes that were told: each is told once, over restarts too. */
import type { EpochMs } from '../../domain/time.ts';
import { newLaneMemory } from './memory.ts';
import type { Writes } from './writes.ts';

/** Not a name that a channel can have. */
const row = '.noted';
/** Beyond this the oldest are forgotten: a reminder is a week apart, and windows end once. */
const keysMax = 1000;

export class Noted {
  readonly #writes: Writes;
  #keys: Readonly<Record<string, EpochMs>> = {};

  constructor(writes: Writes) {
    this.#writes = writes;
  }

  /** Whether the row of the channels is this memory. */
  restore(name: string, doc: string): boolean {
    if (name !== row) return false;
    this.#keys = (JSON.parse(doc) as typeof newLaneMemory).groups;
    return true;
  }

  /** Whether it is new. */
  take(key: string, now: EpochMs): boolean {
    if (Object.hasOwn(this.#keys, key)) return false;
    const kept = Object.entries(this.#keys).slice(1 - keysMax);
    this.#keys = Object.fromEntries([...kept, [key, now]]);
    this.#writes.lane(row, { ...newLaneMemory, groups: this.#keys });
    return true;
  }
}
