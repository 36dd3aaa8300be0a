/**
 * The recorder: every 30 s, what all numbers were since the last time, for the charts. What is
 * not known (unreadable, does not apply, stale) is no point, and never 0.
 */
import { type Kind, numbersOf } from '../domain/kind.ts';
import type { Resource, Sample } from '../domain/resource.ts';
import { type EpochMs, type Ms, seconds } from '../domain/time.ts';
import type { History, TickGroup, TickValue } from '../history/history.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';

const every = seconds(30);
/** After the end of the 30 s: a timer may fire a moment before the wall clock gets there. */
const lag: Ms = 100;
/** Resources looked at without letting anything else run: below 5 ms (docs/BENCHMARKS.md). */
const resourcesAtOnce = 500;

interface Plan {
  readonly kind: string;
  readonly attributes: readonly string[];
}

export interface RecorderParts {
  readonly kinds: readonly Kind[];
  readonly inventory: Pick<Inventory, 'list' | 'recent'>;
  readonly history: Pick<History, 'record'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * What a number was from `from` to `to`: each value weighs as long as it held. `changes` are
 * newest first and end with what held at `from`, as far as that is known.
 */
export function summarize(
  changes: readonly Sample[],
  from: EpochMs,
  to: EpochMs,
): TickValue | undefined {
  let until = to;
  let [min, max, sum] = [Infinity, -Infinity, 0];
  for (const { at, value } of changes) {
    if (at >= to) continue;
    const since = Math.max(at, from);
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value * (until - since);
    until = since;
    if (at <= from) break;
  }
  if (min > max) return undefined;
  if (min === max) return max;
  return [min, Math.min(max, Math.max(min, sum / (to - until))), max];
}

export class Recorder {
  readonly #parts: RecorderParts;
  readonly #plans: readonly Plan[];
  #timer: Timer | undefined;
  #stopped = false;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#plans = parts.kinds
      .map((kind) => ({ kind: kind.name, attributes: numbersOf(kind) }))
      .filter(({ attributes }) => attributes.length > 0);
  }

  start(): void {
    const { clock } = this.#parts;
    if (this.#stopped) return;
    const now = clock.now();
    const delay = every - (now % every) + lag;
    this.#timer = clock.after(delay, () => void this.#tick());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** The next tick waits for this one: a disk that is slow makes gaps and no queue. */
  async #tick(): Promise<void> {
    const { clock, history, log } = this.#parts;
    try {
      const to = Math.floor(clock.now() / every) * every;
      const groups = await this.#groups(to - every, to);
      if (!this.#stopped) await history.record({ at: to - every, groups });
    } catch (error) {
      log.error(`the recorder failed, trying again: ${(error as Error).stack}`);
    }
    this.start();
  }

  async #groups(from: EpochMs, to: EpochMs): Promise<readonly TickGroup[]> {
    const { inventory } = this.#parts;
    const groups: TickGroup[] = [];
    for (const { kind, attributes } of this.#plans) {
      const resources = inventory.list(kind);
      const rows: TickGroup['rows'][number][] = [];
      for (let first = 0; first < resources.length; first += resourcesAtOnce) {
        if (first > 0) await this.#breathe();
        for (const resource of resources.slice(first, first + resourcesAtOnce)) {
          const values = attributes.map((name) => this.#valueOf(resource, name, from, to));
          if (values.some((value) => value !== null)) rows.push([resource.id, values]);
        }
      }
      if (rows.length > 0) groups.push({ kind, attributes, rows });
    }
    return groups;
  }

  #valueOf(resource: Resource, attribute: string, from: EpochMs, to: EpochMs): TickValue {
    const value = resource.attributes[attribute];
    if (resource.staleSince !== null || typeof value !== 'number') return null;
    if (!Number.isFinite(value)) return null;
    const changes = this.#parts.inventory.recent(resource, attribute, from);
    // It never changed, or it came only now: then it is what it is.
    return summarize(changes, from, to) ?? value;
  }

  #breathe(): Promise<void> {
    return new Promise((resolve) => this.#parts.clock.soon(resolve));
  }
}
