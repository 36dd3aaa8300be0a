/** Long synchronous work in slices, so that the loop of the daemon is never held. */
import type { Ms } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';

/** The loop may be held 10 ms; half of it is for what else happens in the same turn. */
const slice: Ms = 5;

export class Pace {
  readonly #clock: Clock;
  #began: Ms;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.monotonic();
  }

  /** The slice is used up: rest before the next piece. */
  due(): boolean {
    return this.#clock.monotonic() - this.#began >= slice;
  }

  /** Lets everything that waits happen first. */
  async rest(): Promise<void> {
    await new Promise<void>((resolve) => this.#clock.soon(resolve));
    this.#began = this.#clock.monotonic();
  }
}
