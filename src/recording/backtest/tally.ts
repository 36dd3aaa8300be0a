/** Counts what the rules of one engine do: how often, for how long, and what was to be told. */
import type { Change } from '../../domain/alert.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import type { RuleReport } from './question.ts';

interface Occurrence {
  readonly firedAt: EpochMs;
  readonly atBegin: boolean;
  told: boolean;
}

interface Counts {
  fired: number;
  announced: number;
  atBegin: number;
  first: EpochMs | null;
  last: EpochMs | null;
  readonly lengths: Ms[];
  /** By id of the alert. */
  readonly firing: Map<string, Occurrence>;
}

const none = (): Counts => ({
  fired: 0,
  announced: 0,
  atBegin: 0,
  first: null,
  last: null,
  lengths: [],
  firing: new Map(),
});

function medianOf(lengths: readonly Ms[]): Ms | null {
  const sorted = lengths.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}

export class Tally {
  readonly #counts = new Map<string, Counts>();
  readonly #silenced = new Map<string, Set<string>>();
  /** Until then what fires did so before. */
  readonly #since: () => EpochMs;

  constructor(since: () => EpochMs) {
    this.#since = since;
  }

  /** All changes of one step: who is told is decided by how it stands after them. */
  take(changes: readonly Change[]): void {
    for (const change of changes) {
      const { alert, reason } = change;
      if (reason === 'raised') this.#fire(change);
      else if (alert.phase === 'resolved') this.#end(change);
    }
    for (const { alert, at } of changes) this.#announce(alert.rule, alert.id, alert.mutedBy, at);
  }

  reportOf(rule: string): RuleReport {
    const counts = this.#counts.get(rule) ?? none();
    const { lengths } = counts;
    return {
      fired: counts.fired,
      announced: counts.announced,
      median: medianOf(lengths),
      longest: lengths.length === 0 ? null : lengths.reduce((a, b) => Math.max(a, b)),
      firstAt: counts.first,
      lastAt: counts.last,
      firingAtBegin: counts.atBegin,
      firingAtEnd: counts.firing.size,
    };
  }

  /** Occurrences that this mute kept quiet for a moment at least. */
  silencedBy(mute: string): number {
    return this.#silenced.get(mute)?.size ?? 0;
  }

  #of(rule: string): Counts {
    let counts = this.#counts.get(rule);
    if (counts === undefined) {
      counts = none();
      this.#counts.set(rule, counts);
    }
    return counts;
  }

  #fire({ alert, at }: Change): void {
    const counts = this.#of(alert.rule);
    const atBegin = at <= this.#since();
    counts.firing.set(alert.id, { firedAt: at, atBegin, told: false });
    if (atBegin) counts.atBegin++;
    else {
      counts.fired++;
      counts.first ??= at;
      counts.last = at;
    }
  }

  #end({ alert, at }: Change): void {
    const counts = this.#of(alert.rule);
    const occurrence = counts.firing.get(alert.id);
    if (occurrence === undefined) return;
    counts.firing.delete(alert.id);
    // One that ended before what is asked for began is none of it.
    if (occurrence.atBegin && at <= this.#since()) counts.atBegin--;
    else if (!occurrence.atBegin) counts.lengths.push(at - occurrence.firedAt);
  }

  #announce(rule: string, id: string, mutedBy: readonly string[], at: EpochMs): void {
    const counts = this.#of(rule);
    const occurrence = counts.firing.get(id);
    if (occurrence === undefined || occurrence.atBegin || at <= this.#since()) return;
    for (const mute of mutedBy) {
      const silenced = this.#silenced.get(mute);
      if (silenced) silenced.add(id);
      else this.#silenced.set(mute, new Set([id]));
    }
    if (occurrence.told || mutedBy.length > 0) return;
    occurrence.told = true;
    counts.announced++;
  }
}
