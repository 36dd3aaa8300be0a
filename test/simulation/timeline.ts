/**
 * Simulated time: weeks pass in seconds. The world goes on whatever happens; a life is the time of
 * one process in it, whose timers end when it is killed.
 */
import type { EpochMs, Ms } from '../../src/domain/time.ts';
import type { Clock, Timer } from '../../src/platform/clock.ts';

interface Due {
  readonly at: Ms;
  /** Of two that are due together, the one that was asked for first. */
  readonly number: number;
  readonly life: Life;
  call: (() => void) | undefined;
}

const isBefore = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.number < b.number);

/** The clock of one process. */
export class Life implements Clock {
  readonly #timeline: Timeline;
  isOver = false;
  /** Timers that wait. */
  waiting = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  now(): EpochMs {
    return this.#timeline.now();
  }

  monotonic(): Ms {
    return this.#timeline.elapsed;
  }

  after(delay: Ms, call: () => void): Timer {
    return this.#timeline.after(delay, call, this);
  }

  soon(call: () => void): void {
    this.#timeline.soon(call, this);
  }

  sleep(delay: Ms, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const wake = (): void => {
        timer.cancel();
        resolve();
      };
      const timer = this.after(delay, () => {
        signal?.removeEventListener('abort', wake);
        resolve();
      });
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}

export class Timeline {
  /** Since the beginning. */
  elapsed: Ms = 0;
  /** The time of the world itself, which nobody kills. */
  readonly world: Life;
  #wall: EpochMs;
  #count = 0;
  readonly #heap: Due[] = [];
  #soon: { readonly life: Life; readonly call: () => void }[] = [];

  constructor(start: EpochMs) {
    this.#wall = start;
    this.world = new Life(this);
  }

  now(): EpochMs {
    return this.#wall + this.elapsed;
  }

  /** The wall clock is set. */
  jump(by: Ms): void {
    this.#wall += by;
  }

  soon(call: () => void, life: Life): void {
    this.#soon.push({ life, call });
  }

  after(delay: Ms, call: () => void, life = this.world): Timer {
    const at = this.elapsed + Math.max(0, delay);
    const due: Due = { at, number: this.#count++, life, call };
    life.waiting += 1;
    this.#push(due);
    return {
      cancel: () => {
        if (due.call !== undefined) life.waiting -= 1;
        due.call = undefined;
      },
    };
  }

  /** Everything that only waits for promises has run. */
  async settle(): Promise<void> {
    do {
      for (const { life, call } of this.#soon.splice(0)) if (!life.isOver) call();
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#soon.length > 0);
  }

  async pass(duration: Ms): Promise<void> {
    const end = this.elapsed + duration;
    await this.settle();
    while (this.#heap[0] !== undefined && this.#heap[0].at <= end) await this.#step();
    this.elapsed = end;
    await this.settle();
  }

  /** Time passes until the promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const state = { isSettled: false };
    const settled = (): void => {
      state.isSettled = true;
    };
    promise.then(settled, settled);
    await this.settle();
    while (!state.isSettled) {
      if (this.#heap.length === 0) throw new Error('it waits for nothing that will ever happen');
      await this.#step();
    }
    return promise;
  }

  async #step(): Promise<void> {
    const due = this.#pop();
    const call = due?.call;
    if (due === undefined || call === undefined) return;
    due.call = undefined;
    due.life.waiting -= 1;
    if (due.life.isOver) return;
    this.elapsed = Math.max(this.elapsed, due.at);
    call();
    await this.settle();
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let place = heap.push(due) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(due, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = due;
  }

  #pop(): Due | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      const [left, right] = [heap[below], heap[below + 1]];
      if (left !== undefined && right !== undefined && isBefore(right, left)) below += 1;
      const least = heap[below];
      if (least === undefined || !isBefore(least, last)) break;
      heap[place] = least;
      place = below;
    }
    heap[place] = last;
    return first;
  }
}
