/**
 * The functions over the recent past of a number. A sample holds until the next one; the value
 * in force when the window begins belongs to it. All are exact step functions of time, except
 * the average and the prediction.
 */
import type { Sample } from '../../domain/resource.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import type { WindowFunction } from './functions.ts';

export interface Windowed {
  /** undefined: the past is too short to say. */
  readonly value: number | undefined;
  /** The first instant at which it changes by itself; `unclear`: at any time. */
  readonly again: EpochMs | 'never' | 'unclear';
}

/** A prediction needs this part of its horizon as past: 30 minutes for 24 hours. */
const predictionPastRatio = 1 / 48;

/** Index of the sample in force when the window begins, else of the oldest one. */
function firstOf(samples: readonly Sample[], since: EpochMs): number {
  let first = samples.length - 1;
  while (first > 0 && (samples[first]?.at ?? 0) > since) first--;
  return Math.max(first, 0);
}

/** When the first change of value inside the window leaves it. */
function leaving(samples: readonly Sample[], first: number, length: Ms): EpochMs | 'never' {
  for (let i = first + 1; i < samples.length; i++) {
    const sample = samples[i];
    if (sample && sample.value !== samples[i - 1]?.value) return sample.at + length;
  }
  return 'never';
}

function fold(
  samples: readonly Sample[],
  first: number,
  start: number,
  step: (sum: number, value: number, before: number) => number,
): number {
  let sum = start;
  for (let i = first + 1; i < samples.length; i++)
    sum = step(sum, samples[i]?.value ?? 0, samples[i - 1]?.value ?? 0);
  return sum;
}

function averageOf({ samples, first, length, now }: Window): number {
  const since = now - length;
  let area = 0;
  let span = 0;
  for (let i = first; i < samples.length; i++) {
    const from = Math.max(samples[i]?.at ?? 0, since);
    const until = Math.min(samples[i + 1]?.at ?? now, now);
    const held = Math.max(0, until - from);
    area += held * (samples[i]?.value ?? 0);
    span += held;
  }
  return span === 0 ? (samples.at(-1)?.value ?? 0) : area / span;
}

/** Least squares over all samples, with the current value at `now` as the last point. */
function predicted(samples: readonly Sample[], horizon: Ms, now: EpochMs): Windowed {
  const last = samples.at(-1);
  const from = samples[0]?.at ?? now;
  if (!last || now - from < horizon * predictionPastRatio)
    return { value: undefined, again: 'unclear' };
  const points = last.at < now ? [...samples, { at: now, value: last.value }] : samples;
  const n = points.length;
  const meanAt = points.reduce((sum, { at }) => sum + (at - from), 0) / n;
  const mean = points.reduce((sum, { value }) => sum + value, 0) / n;
  let covariance = 0;
  let variance = 0;
  for (const { at, value } of points) {
    const distance = at - from - meanAt;
    covariance += distance * (value - mean);
    variance += distance * distance;
  }
  const slope = variance === 0 ? 0 : covariance / variance;
  const value = mean + slope * (now - from - meanAt + horizon);
  return { value, again: slope === 0 ? 'never' : 'unclear' };
}

interface Window {
  readonly samples: readonly Sample[];
  /** Index of the sample in force when it begins. */
  readonly first: number;
  readonly length: Ms;
  readonly now: EpochMs;
  readonly counter: boolean;
}

const growth = ({ samples, first, counter }: Window): number =>
  fold(samples, first, 0, (sum, value, before) =>
    counter && value < before ? sum + value : sum + value - before,
  );

const extreme =
  (choose: (a: number, b: number) => number) =>
  ({ samples, first }: Window): number =>
    fold(samples, first, samples[first]?.value ?? 0, (sum, value) => choose(sum, value));

const calculations: Readonly<Record<Exclude<WindowFunction, 'predict'>, (w: Window) => number>> = {
  increase: growth,
  rate: (w) => (growth(w) / w.length) * 1000,
  average: averageOf,
  minimum: extreme(Math.min),
  maximum: extreme(Math.max),
  changes: ({ samples, first }) =>
    fold(samples, first, 0, (sum, value, before) => sum + (value === before ? 0 : 1)),
};

/** `counter`: a smaller value is a new start from zero, not a decrease. */
export function overWindow(
  name: WindowFunction,
  samples: readonly Sample[],
  length: Ms,
  now: EpochMs,
  { counter }: { readonly counter: boolean },
): Windowed {
  if (name === 'predict') return predicted(samples, length, now);
  const first = firstOf(samples, now - length);
  const value = calculations[name]({ samples, first, length, now, counter });
  const again = leaving(samples, first, length);
  return { value, again: name === 'average' && again !== 'never' ? 'unclear' : again };
}
