/**
 * Thins what comes in to what is worth keeping for weeks: words, flags, presence and events as they
 * changed; numbers once a minute. A number that changed together with a fact is kept with it.
 */
import { type Kind, numbersOf } from '../../domain/kind.ts';
import type { Difference, Resource } from '../../domain/resource.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Input } from '../input.ts';
import type { FactsLine, HouseLine, KeptResource, SnapshotLine } from './line.ts';

/** Lines by kind; '' for those that concern none. */
export type LinesByKind = ReadonlyMap<string, readonly (FactsLine | HouseLine)[]>;

interface Known {
  attributes: Resource['attributes'];
  /** The numbers of the kind as they were kept last, in the order of their names. */
  readonly values: Float64Array;
}

interface Numbers {
  readonly names: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  readonly known: Map<string, Known>;
}

export type NumberRow = readonly [id: string, attribute: string, value: number];

const isHeld = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);

export class Thinner {
  readonly #numbers: ReadonlyMap<string, Numbers>;
  #next = 0;
  #lines = new Map<string, (FactsLine | HouseLine)[]>();
  #count = 0;

  constructor(kinds: readonly Kind[]) {
    this.#numbers = new Map(
      kinds.map((kind) => {
        const names = numbersOf(kind);
        const places = new Map(names.map((one, place) => [one, place]));
        return [kind.name, { names, places, known: new Map() }];
      }),
    );
  }

  /** Lines that wait. */
  get count(): number {
    return this.#count;
  }

  take(input: Input, at: EpochMs, differences: readonly Difference[]): void {
    if (input.type === 'stale') this.#say({ stale: input.collector, why: input.why }, at);
    else if (input.type === 'fresh') this.#say({ fresh: input.collector }, at);
    else if (input.type === 'clock') this.#say({ clock: input.delta }, at);
    else if (input.type === 'reading') {
      if (input.reading.type === 'absent' && differences.length > 0)
        this.#say({ absent: input.collector, why: input.reading.why }, at);
      this.#readings(input.collector, at, differences);
    }
  }

  /** What waits, and begins anew. */
  drain(): LinesByKind {
    const lines = this.#lines;
    this.#lines = new Map();
    this.#count = 0;
    return lines;
  }

  /** The place of a line that is made elsewhere. */
  place(): number {
    return this.#next++;
  }

  /** Which numbers of these resources have changed since they were kept last. */
  numbersOf(kind: string, resources: readonly Resource[]): readonly NumberRow[] {
    const numbers = this.#numbers.get(kind);
    const rows: NumberRow[] = [];
    if (numbers === undefined || numbers.names.length === 0) return rows;
    for (const { id, attributes } of resources) {
      const known = this.#know(numbers, id);
      if (known.attributes === attributes) continue;
      known.attributes = attributes;
      numbers.names.forEach((name, place) => {
        const value = attributes[name];
        if (!isHeld(value) || value === known.values[place]) return;
        known.values[place] = value;
        rows.push([id, name, value]);
      });
    }
    return rows;
  }

  /** All resources as they are: what a segment begins with. */
  snapshot(resources: readonly Resource[]): readonly SnapshotLine[] {
    const groups = Map.groupBy(resources, ({ collector, kind }) => `${collector} ${kind}`);
    return Array.from(groups.values(), (group): SnapshotLine => {
      const [first] = group;
      for (const one of group) this.#hold(one, Object.keys(one.attributes));
      return {
        c: first?.collector ?? '',
        k: first?.kind ?? '',
        r: group.map(({ id, attributes, changedAt }) => [id, attributes, changedAt]),
        stale: first?.staleSince !== null,
      };
    });
  }

  #readings(collector: string, at: EpochMs, differences: readonly Difference[]): void {
    for (const one of differences) {
      switch (one.type) {
        case 'appeared': {
          this.#hold(one.resource, Object.keys(one.resource.attributes));
          this.#keep(collector, one.resource, one.resource.attributes, at);
          break;
        }
        case 'changed':
          this.#changed(collector, one, at);
          break;
        case 'fresh':
          this.#keep(collector, one.resource, {}, at);
          break;
        case 'gone': {
          const { kind, id } = one.resource;
          this.#numbers.get(kind)?.known.delete(id);
          if (one.absent !== true) this.#add(kind, { ...this.#placed(at), c: collector, g: [id] });
          break;
        }
        case 'happened':
          this.#add(one.event.kind, { ...this.#placed(at), c: collector, e: [one.event] });
          break;
        case 'stale':
          break;
      }
    }
  }

  #changed(
    collector: string,
    { resource, before, changed }: Extract<Difference, { type: 'changed' }>,
    at: EpochMs,
  ): void {
    const places = this.#numbers.get(resource.kind)?.places;
    const isNumber = (name: string): boolean =>
      places?.has(name) === true &&
      isHeld(resource.attributes[name]) &&
      isHeld(before.attributes[name]);
    if (changed.every(isNumber)) return;
    this.#hold(resource, changed);
    const facts = changed.map((name) => [name, resource.attributes[name] ?? null] as const);
    this.#keep(collector, resource, Object.fromEntries(facts), at);
  }

  #keep(
    c: string,
    { kind, id, changedAt }: Resource,
    attributes: Resource['attributes'],
    at: EpochMs,
  ): void {
    const kept: KeptResource = changedAt === at ? [id, attributes] : [id, attributes, changedAt];
    this.#add(kind, { ...this.#placed(at), c, r: [kept] });
  }

  /** These numbers are kept now: the next minute need not tell them. */
  #hold({ kind, id, attributes }: Resource, names: readonly string[]): void {
    const numbers = this.#numbers.get(kind);
    if (numbers === undefined || numbers.names.length === 0) return;
    const { values } = this.#know(numbers, id);
    for (const name of names) {
      const place = numbers.places.get(name);
      const value = attributes[name];
      if (place !== undefined) values[place] = isHeld(value) ? value : Number.NaN;
    }
  }

  #know({ known, names }: Numbers, id: string): Known {
    let found = known.get(id);
    if (found === undefined) {
      found = { attributes: {}, values: new Float64Array(names.length).fill(Number.NaN) };
      known.set(id, found);
    }
    return found;
  }

  #say(line: Omit<HouseLine, 'n' | 'at'>, at: EpochMs): void {
    this.#add('', { ...this.#placed(at), ...line });
  }

  #placed(at: EpochMs): { readonly n: number; readonly at: EpochMs } {
    return { n: this.place(), at };
  }

  #add(kind: string, line: FactsLine | HouseLine): void {
    const lines = this.#lines.get(kind);
    if (lines) lines.push(line);
    else this.#lines.set(kind, [line]);
    this.#count++;
  }
}
