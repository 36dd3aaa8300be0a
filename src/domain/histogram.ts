/** Histograms with fixed bounds: how often something took how long. */

export interface Histogram {
  /** Upper bounds, rising; what is above the last one is counted behind it. */
  readonly bounds: readonly number[];
  /** How many fell below each bound and above the one before; one more than bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface GrowingHistogram extends Histogram {
  add(value: number): void;
}

export function createHistogram(bounds: readonly number[]): GrowingHistogram {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  let sum = 0;
  return {
    bounds,
    counts,
    get sum() {
      return sum;
    },
    add(value) {
      const found = bounds.findIndex((bound) => value <= bound);
      const place = found < 0 ? bounds.length : found;
      counts[place] = (counts[place] ?? 0) + 1;
      sum += value;
    },
  };
}
