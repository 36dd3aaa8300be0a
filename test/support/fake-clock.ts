/** A clock that stands still until it is told to go on; timers run in the order of their time. */
import type { EpochMs, Ms } from '../../src/domain/time.ts';
import type { Clock, Timer } from '../../src/platform/clock.ts';

interface Due {
  readonly at: Ms;
  readonly call: () => void;
}

export class FakeClock implements Clock {
  #wall: EpochMs;
  #elapsed: Ms = 0;
  #timers: Due[] = [];

  constructor(start: EpochMs = Date.UTC(2026, 10, 22, 6, 0, 0)) {
    this.#wall = start;
  }

  now(): EpochMs {
    return this.#wall + this.#elapsed;
  }

  monotonic(): Ms {
    return this.#elapsed;
  }

  after(delay: Ms, call: () => void): Timer {
    const due = { at: this.#elapsed + delay, call };
    this.#timers.push(due);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((one) => one !== due);
      },
    };
  }

  soon(call: () => void): void {
    setImmediate(call);
  }

  sleep(delay: Ms, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const timer = this.after(delay, resolve);
      signal?.addEventListener('abort', () => {
        timer.cancel();
        resolve();
      });
    });
  }

  /** The wall clock alone jumps, as when somebody sets it. */
  jump(by: Ms): void {
    this.#wall += by;
  }

  /** Goes on by `duration`, running what becomes due; between two timers, promises settle. */
  async advance(duration: Ms): Promise<void> {
    const end = this.#elapsed + duration;
    await settled();
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.call();
      await settled();
    }
    this.#elapsed = end;
    await settled();
  }
}

/** Everything that only waits for promises and setImmediate has run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
