/** What is due when: a binary heap in which entries can be moved, so that it holds no dead ones. */
import type { EpochMs } from '../../domain/time.ts';

export interface DueEntry {
  /** Undefined: it waits for nothing. Set by the queue. */
  due: EpochMs | undefined;
  /** Its place in the heap; -1 outside. Set by the queue. */
  place: number;
}

export class DueQueue<T extends DueEntry> {
  readonly #nameOf: (entry: T) => string;
  #heap: T[] = [];

  /** `nameOf` decides among those due at one moment: an order that a replay finds again. */
  constructor(nameOf: (entry: T) => string = () => '') {
    this.#nameOf = nameOf;
  }

  peek(): T | undefined {
    return this.#heap[0];
  }

  /** Puts the entry at `due`, or takes it out. */
  set(entry: T, due: EpochMs | undefined): void {
    if (entry.due === due) return;
    entry.due = due;
    if (due === undefined) this.#remove(entry);
    else {
      if (entry.place < 0) {
        entry.place = this.#heap.length;
        this.#heap.push(entry);
      }
      this.#rise(entry);
      this.#sink(entry);
    }
  }

  #remove(entry: T): void {
    const place = entry.place;
    entry.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#put(last, place);
    this.#rise(last);
    this.#sink(last);
  }

  #put(entry: T, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }

  #rise(entry: T): void {
    while (entry.place > 0) {
      const parent = this.#heap[(entry.place - 1) >> 1];
      if (parent === undefined || !this.#isBefore(entry, parent)) return;
      this.#swap(entry, parent);
    }
  }

  #sink(entry: T): void {
    for (;;) {
      const left = this.#heap[2 * entry.place + 1];
      const right = this.#heap[2 * entry.place + 2];
      const child = right && left && this.#isBefore(right, left) ? right : left;
      if (child === undefined || !this.#isBefore(child, entry)) return;
      this.#swap(child, entry);
    }
  }

  #isBefore(a: T, b: T): boolean {
    const [left, right] = [dueOf(a), dueOf(b)];
    return left === right ? this.#nameOf(a) < this.#nameOf(b) : left < right;
  }

  #swap(a: T, b: T): void {
    const place = a.place;
    this.#put(a, b.place);
    this.#put(b, place);
  }
}

const dueOf = (entry: DueEntry): EpochMs => entry.due ?? Infinity;
