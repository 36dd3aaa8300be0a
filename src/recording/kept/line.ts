/** Lines of kept readings: short, because there are millions of them. */
import type { AttributeReading, Event } from '../../domain/reading.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';

/** Place among all lines of one moment of writing: what is applied before what. */
interface Placed {
  readonly n: number;
  readonly at: EpochMs;
}

/** A resource that came, or facts of it that changed. */
export type KeptResource = readonly [
  id: string,
  attributes: Readonly<Record<string, AttributeReading>>,
  /** When it became so at the source, where that is another instant. */
  since?: EpochMs,
];

/** In an `F` frame of a kind. */
export interface FactsLine extends Placed {
  /** The collector. */
  readonly c: string;
  readonly r?: readonly KeptResource[];
  /** Gone. */
  readonly g?: readonly string[];
  readonly e?: readonly Event[];
}

/** In an `F` frame of no kind. */
export interface HouseLine extends Placed {
  readonly stale?: string;
  readonly fresh?: string;
  readonly absent?: string;
  readonly why?: string;
  readonly clock?: Ms;
}

/**
 * In an `N` frame: what numbers were at the end of a minute, those that have changed. `i`: places
 * of the ids, as distances; `v`: distance from the value before where both are whole numbers, else
 * the number itself in brackets.
 */
export interface NumbersLine extends Placed {
  readonly c: string;
  /** Ids that get the next places, within this segment and kind. */
  readonly ids?: readonly string[];
  readonly a: Readonly<Record<string, NumberColumn>>;
}
export interface NumberColumn {
  readonly i: readonly number[];
  readonly v: readonly (number | readonly [number])[];
}

/** First in an `S` frame. */
export interface SnapshotHead {
  readonly at: EpochMs;
  /** It follows the segment before without a gap. */
  readonly continues: boolean;
}
/** Then one for each collector and kind. */
export interface SnapshotLine {
  readonly c: string;
  readonly k: string;
  readonly r: readonly KeptResource[];
  readonly stale: boolean;
}

/** A column as it grows. */
interface Column {
  readonly i: number[];
  readonly v: (number | [number])[];
  last: number;
  readonly values: number[];
}

/** Codes the numbers of one kind in one segment: what differs from the minute before is short. */
export class NumberCode {
  readonly #places = new Map<string, number>();
  readonly #ids: string[] = [];
  /** Of each attribute, by place of the id. */
  readonly #values = new Map<string, number[]>();

  encode(rows: readonly (readonly [id: string, attribute: string, value: number])[]) {
    const added: string[] = [];
    const columns = new Map<string, Column>();
    for (const [id, attribute, value] of rows) {
      let place = this.#places.get(id);
      if (place === undefined) {
        place = this.#add(id);
        added.push(id);
      }
      let column = columns.get(attribute);
      if (column === undefined) {
        column = { i: [], v: [], last: 0, values: this.#valuesOf(attribute) };
        columns.set(attribute, column);
      }
      column.i.push(place - column.last);
      column.last = place;
      const before = column.values[place] ?? 0;
      column.v.push(isWhole(value) && isWhole(before) ? value - before : [value]);
      column.values[place] = value;
    }
    const a = Object.fromEntries(Array.from(columns, ([name, { i, v }]) => [name, { i, v }]));
    return added.length > 0 ? { ids: added, a } : { a };
  }

  /** By id of the resource: the numbers that changed, those of `wanted` alone where it is given. */
  decode(
    line: Pick<NumbersLine, 'ids' | 'a'>,
    wanted: ReadonlySet<string> | undefined,
  ): ReadonlyMap<string, Record<string, number>> {
    for (const id of line.ids ?? []) this.#add(id);
    const found = new Map<string, Record<string, number>>();
    for (const [name, { i, v }] of Object.entries(line.a)) {
      if (wanted !== undefined && !wanted.has(name)) continue;
      const values = this.#valuesOf(name);
      let place = 0;
      for (let row = 0; row < i.length; row++) {
        place += i[row] ?? 0;
        const given = v[row] ?? 0;
        const value = typeof given === 'number' ? (values[place] ?? 0) + given : given[0];
        values[place] = value;
        const id = this.#ids[place] ?? '';
        const known = found.get(id);
        if (known) known[name] = value;
        else found.set(id, { [name]: value });
      }
    }
    return found;
  }

  #valuesOf(attribute: string): number[] {
    let values = this.#values.get(attribute);
    if (values === undefined) {
      values = [];
      this.#values.set(attribute, values);
    }
    return values;
  }

  #add(id: string): number {
    const place = this.#ids.length;
    this.#ids.push(id);
    this.#places.set(id, place);
    return place;
  }
}

const isWhole = (value: number): boolean => Number.isSafeInteger(value);
