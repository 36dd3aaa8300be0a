/**
 * The recent past of numbers. Fine samples hold every change, but of a number that changes all
 * the time one in `fineSpacing`; coarse ones, one in `coarseSpacing`, reach back to `pastMax`.
 * A number that never changed has no series and costs nothing.
 *
 * Series of the same attribute of the same kind share their rings, so that a talkative attribute
 * of thousands of units shortens its own past and no other's.
 */
import type { ResourceRef } from '../domain/reading.ts';
import type { Sample } from '../domain/resource.ts';
import type { EpochMs, Ms } from '../domain/time.ts';
import { hours, minutes, seconds } from '../domain/time.ts';
import type { SampleRow, SamplesSnapshot, SampleWish } from './inventory.ts';
import { createRing, type Ring, type SampleNumber } from './ring.ts';

export interface SamplesLimits {
  /** Fine samples in one answer; older ones come from the coarse past. */
  readonly samplesPerSeriesMax: number;
  /** Samples of one attribute over all resources of a kind; the oldest go first. */
  readonly samplesPerAttributeMax: number;
  /** Nothing older is shown: a day, for predictions, and an hour to spare. */
  readonly pastMax: Ms;
}

export const defaultSamplesLimits: SamplesLimits = {
  samplesPerSeriesMax: 360,
  samplesPerAttributeMax: 32_768, // 640 KiB for an attribute that uses it all
  pastMax: hours(25),
};

const fineSpacing = seconds(5);
const coarseSpacing = minutes(5);
// So many changes are kept however fast they come: `changes()` counts them.
const unthinnedChanges = 120;

interface Series {
  fine: SampleNumber;
  coarse: SampleNumber;
  changes: number;
}

interface Shelf {
  readonly fine: Ring;
  readonly coarse: Ring;
  readonly series: Map<string, Series>;
}

function addFine({ fine }: Shelf, series: Series, sample: Sample): void {
  const last = series.fine;
  const before = fine.has(last) ? fine.previous(last) : -1;
  const crowded =
    series.changes > unthinnedChanges &&
    fine.has(before) &&
    sample.at - fine.get(before).at < fineSpacing;
  if (crowded) fine.replace(last, sample.at, sample.value);
  else series.fine = fine.add(last, sample.at, sample.value);
}

function addBoth(shelf: Shelf, series: Series, sample: Sample): void {
  const { coarse } = shelf;
  series.changes++;
  addFine(shelf, series, sample);
  const due =
    !coarse.has(series.coarse) || sample.at - coarse.get(series.coarse).at >= coarseSpacing;
  if (due) series.coarse = coarse.add(series.coarse, sample.at, sample.value);
}

/** The samples of all series in the order of the ring, so that the same ones go first. */
function dumpRing(ring: Ring, lasts: readonly SampleNumber[]): readonly SampleRow[] {
  const found: (readonly [SampleNumber, SampleRow])[] = [];
  lasts.forEach((last, place) => {
    for (let number = last; ring.has(number); number = ring.previous(number)) {
      const { at, value } = ring.get(number);
      found.push([number, [place, at, value]]);
    }
  });
  return found.sort(([a], [b]) => a - b).map(([, row]) => row);
}

function dumpShelf({ fine, coarse, series }: Shelf): Omit<SamplesSnapshot, 'kind' | 'attribute'> {
  const all = [...series.values()];
  return {
    ids: [...series.keys()],
    changes: all.map(({ changes }) => changes),
    fine: dumpRing(
      fine,
      all.map((one) => one.fine),
    ),
    coarse: dumpRing(
      coarse,
      all.map((one) => one.coarse),
    ),
  };
}

export class Samples {
  readonly #limits: SamplesLimits;
  /** By kind, then by attribute. */
  readonly #shelves = new Map<string, Map<string, Shelf>>();

  constructor(limits: SamplesLimits) {
    this.#limits = limits;
  }

  /** `before`: the number it was since `since`; undefined when that is not known. */
  add(
    { kind, id }: ResourceRef,
    attribute: string,
    before: { readonly value: number; readonly since: EpochMs } | undefined,
    now: Sample,
  ): void {
    const shelf = this.#getShelf(kind, attribute);
    let series = shelf.series.get(id);
    if (series === undefined) {
      series = { fine: -1, coarse: -1, changes: 0 };
      shelf.series.set(id, series);
      if (before) addBoth(shelf, series, { at: before.since, value: before.value });
    }
    addBoth(shelf, series, now);
  }

  /** Oldest first, none before `from`; empty for a number that never changed. */
  list({ kind, id }: ResourceRef, attribute: string, from: EpochMs): Sample[] {
    const shelf = this.#shelves.get(kind)?.get(attribute);
    const series = shelf?.series.get(id);
    if (shelf === undefined || series === undefined) return [];
    const fine = this.#walk(shelf.fine, series.fine, from, Infinity);
    const oldest = fine.at(-1)?.at ?? Infinity;
    return [...fine, ...this.#walk(shelf.coarse, series.coarse, from, oldest)].reverse();
  }

  /** Fine ones, newest first: those after `from`, and the one that held then. */
  recent({ kind, id }: ResourceRef, attribute: string, from: EpochMs): readonly Sample[] {
    const shelf = this.#shelves.get(kind)?.get(attribute);
    const series = shelf?.series.get(id);
    if (shelf === undefined || series === undefined) return [];
    const found: Sample[] = [];
    const { fine } = shelf;
    for (let number = series.fine; fine.has(number); number = fine.previous(number)) {
      const sample = fine.get(number);
      found.push(sample);
      if (sample.at <= from || found.length === this.#limits.samplesPerSeriesMax) break;
    }
    return found;
  }

  forget({ kind, id }: ResourceRef): void {
    for (const shelf of this.#shelves.get(kind)?.values() ?? []) shelf.series.delete(id);
  }

  dump(wants: SampleWish): SamplesSnapshot[] {
    const dumped: SamplesSnapshot[] = [];
    for (const [kind, ofKind] of this.#shelves) {
      for (const [attribute, shelf] of ofKind) {
        if (shelf.series.size > 0 && wants(kind, attribute))
          dumped.push({ kind, attribute, ...dumpShelf(shelf) });
      }
    }
    return dumped;
  }

  restore({ kind, attribute, ids, changes, fine, coarse }: SamplesSnapshot): void {
    const shelf = this.#getShelf(kind, attribute);
    const all = ids.map((id, i): Series => {
      const series = { fine: -1, coarse: -1, changes: changes[i] ?? 0 };
      shelf.series.set(id, series);
      return series;
    });
    for (const [ring, rows] of [['fine', fine] as const, ['coarse', coarse] as const]) {
      for (const [place, at, value] of rows) {
        const series = all[place];
        if (series) series[ring] = shelf[ring].add(series[ring], at, value);
      }
    }
  }

  shift(delta: Ms): void {
    for (const ofKind of this.#shelves.values()) {
      for (const shelf of ofKind.values()) {
        shelf.fine.shift(delta);
        shelf.coarse.shift(delta);
      }
    }
  }

  #getShelf(kind: string, attribute: string): Shelf {
    let ofKind = this.#shelves.get(kind);
    if (ofKind === undefined) {
      ofKind = new Map();
      this.#shelves.set(kind, ofKind);
    }
    let shelf = ofKind.get(attribute);
    if (shelf === undefined) {
      const slots = this.#limits.samplesPerAttributeMax;
      shelf = { fine: createRing(slots), coarse: createRing(slots), series: new Map() };
      ofKind.set(attribute, shelf);
    }
    return shelf;
  }

  /** Newest first. */
  #walk(ring: Ring, last: SampleNumber, from: EpochMs, below: EpochMs): Sample[] {
    const found: Sample[] = [];
    for (let number = last; ring.has(number); number = ring.previous(number)) {
      const sample = ring.get(number);
      if (sample.at < from || found.length === this.#limits.samplesPerSeriesMax) break;
      if (sample.at < below) found.push(sample);
    }
    return found;
  }
}
