/**
 * Which kinds have been seen as a whole: each collector that reads a kind has looked once. Alerts
 * of what nobody has named end then, and not when the first of two collectors has looked.
 */
import type { Collector } from '../collectors/collector.ts';

export class Settling {
  /** By kind: collectors that have not looked yet. */
  readonly #waiting = new Map<string, Set<string>>();

  constructor(collectors: readonly Pick<Collector, 'name' | 'kinds'>[]) {
    for (const { name, kinds } of collectors)
      for (const kind of kinds)
        this.#waiting.set(kind.name, (this.#waiting.get(kind.name) ?? new Set()).add(name));
  }

  /** The collector has looked: the kinds that are seen as a whole by that. */
  settled(collector: string): readonly string[] {
    return [...this.#waiting].flatMap(([kind, waiting]) =>
      waiting.delete(collector) && waiting.size === 0 ? [kind] : [],
    );
  }
}
