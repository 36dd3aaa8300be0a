/**
 * Samples of many series in one ring of typed arrays: each slot knows the slot before it of the
 * same series, and the oldest are overwritten. 20 bytes a sample, where an object costs 50 and
 * a typed array for each series costs 400 before its first number.
 */
import type { Sample } from '../domain/resource.ts';
import type { EpochMs, Ms } from '../domain/time.ts';

/** Number of a sample since the ring began; -1 for none. */
export type SampleNumber = number;

export interface Ring {
  /** Adds a sample behind `previous` and returns its number. */
  add(previous: SampleNumber, at: EpochMs, value: number): SampleNumber;
  /** Writes over a sample that is still there. */
  replace(number: SampleNumber, at: EpochMs, value: number): void;
  has(number: SampleNumber): boolean;
  /** Only for a number that `has` confirms. */
  get(number: SampleNumber): Sample;
  previous(number: SampleNumber): SampleNumber;
  shift(delta: Ms): void;
}

const startingSlots = 64;

/** At most `slotsMax` samples; beyond, each new one replaces the oldest of all. */
export function createRing(slotsMax: number): Ring {
  let slots = Math.min(startingSlots, slotsMax);
  let times = new Float64Array(slots);
  let values = new Float64Array(slots);
  // Distance to the sample before of the same series; 0 when it was the first.
  let steps = new Uint32Array(slots);
  let next = 0;

  const grow = (): void => {
    slots = Math.min(slots * 2, slotsMax);
    const [oldTimes, oldValues, oldSteps] = [times, values, steps];
    times = new Float64Array(slots);
    values = new Float64Array(slots);
    steps = new Uint32Array(slots);
    times.set(oldTimes);
    values.set(oldValues);
    steps.set(oldSteps);
  };
  const has = (number: SampleNumber): boolean =>
    number >= 0 && number < next && number >= next - slots;

  return {
    add(previous, at, value) {
      // The ring grows before it wraps for the first time, so slot numbers stay right.
      if (next === slots && slots < slotsMax) grow();
      const slot = next % slots;
      times[slot] = at;
      values[slot] = value;
      steps[slot] = previous < 0 ? 0 : next - previous;
      return next++;
    },
    replace(number, at, value) {
      times[number % slots] = at;
      values[number % slots] = value;
    },
    has,
    get: (number) => ({ at: times[number % slots] ?? 0, value: values[number % slots] ?? 0 }),
    previous(number) {
      const step = steps[number % slots] ?? 0;
      return step === 0 ? -1 : number - step;
    },
    shift(delta) {
      for (let i = 0; i < slots; i++) times[i] = (times[i] ?? 0) + delta;
    },
  };
}
