/**
 * Points of one series on an even grid. A slot holds the least, mean and greatest number of its
 * time, and how many samples of 30 s they come from; none means that nothing is known.
 */
import type { EpochMs, Ms } from '../domain/time.ts';
import type { Tier } from './tiers.ts';

export interface Grid {
  /** Start of the first slot. */
  readonly start: EpochMs;
  readonly step: Ms;
  readonly slots: number;
  /** Samples of 30 s behind the slot, at most 120 (an hour); 0: no point. */
  readonly count: Uint8Array;
  readonly min: Float64Array;
  readonly avg: Float64Array;
  readonly max: Float64Array;
}

export const createGrid = (start: EpochMs, step: Ms, slots: number): Grid => ({
  start,
  step,
  slots,
  count: new Uint8Array(slots),
  min: new Float64Array(slots),
  avg: new Float64Array(slots),
  max: new Float64Array(slots),
});

/** The grid of one chunk. */
export const chunkGrid = ({ step, span }: Tier, start: EpochMs): Grid =>
  createGrid(start, step, span / step);

/** A point as it is answered. */
export type HistoryPoint = readonly [at: EpochMs, min: number, avg: number, max: number];

/** Joins slots into one point; a mean weighs as much as the samples it comes from. */
class Joint {
  samples = 0;
  #min = 0;
  #max = 0;
  #sum = 0;

  add(from: Grid, slot: number): void {
    const count = from.count[slot] ?? 0;
    if (count === 0) return;
    const min = from.min[slot] ?? 0;
    const avg = from.avg[slot] ?? 0;
    const max = from.max[slot] ?? 0;
    if (this.samples === 0 || min < this.#min) this.#min = min;
    if (this.samples === 0 || max > this.#max) this.#max = max;
    this.#sum += avg * count;
    this.samples += count;
  }

  get min(): number {
    return this.#min;
  }

  get max(): number {
    return this.#max;
  }

  /** Never outside of min and max, whatever rounding did. */
  get avg(): number {
    return Math.min(this.#max, Math.max(this.#min, this.#sum / this.samples));
  }
}

/**
 * Calls for each piece of length `step` of which `from` knows something, in order. `step` is a
 * multiple of the grid's own, and pieces lie on the grid that begins at the epoch.
 */
function joinSlots(from: Grid, step: Ms, take: (at: EpochMs, joint: Joint) => void): void {
  let joint = new Joint();
  let piece = Number.NaN;
  for (let slot = 0; slot < from.slots; slot++) {
    if (from.count[slot] === 0) continue;
    const at = Math.floor((from.start + slot * from.step) / step) * step;
    if (at !== piece) {
      if (joint.samples > 0) take(piece, joint);
      joint = new Joint();
      piece = at;
    }
    joint.add(from, slot);
  }
  if (joint.samples > 0) take(piece, joint);
}

/** Slots of `into` of which `from` knows something are written anew; the others stay. */
export function foldInto(into: Grid, from: Grid): void {
  joinSlots(from, into.step, (at, joint) => {
    const slot = (at - into.start) / into.step;
    if (slot < 0 || slot >= into.slots) return;
    into.count[slot] = joint.samples;
    into.min[slot] = joint.min;
    into.avg[slot] = joint.avg;
    into.max[slot] = joint.max;
  });
}

/** The points of the grid, `step` apart; what is not known is left out. */
export function pointsOf(grid: Grid, step: Ms): readonly HistoryPoint[] {
  const points: HistoryPoint[] = [];
  joinSlots(grid, step, (at, { min, avg, max }) => points.push([at, min, avg, max]));
  return points;
}
