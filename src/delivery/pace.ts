/**
 * How soon the pump may look again. A look compares every alert with what every channel was told:
 * with 5,000 alerts and 3 channels 20 ms, and in a storm each change would ask for one.
 */
import type { Ms } from '../domain/time.ts';
import type { Clock } from '../platform/clock.ts';

/** In a storm of changes it looks this often. */
const restMin: Ms = 50;
/** It rests so many times as long as it looked: a tenth of the time is the most that it takes. */
const restShare = 9;

export class Pace {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #restsUntil: Ms = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** How much of the rest is left; 0 or less for none. */
  left(): Ms {
    return this.#restsUntil - this.#clock.monotonic();
  }

  /** The rest after a look, also after one that failed. */
  rest(): Ms {
    return Math.max(restMin, this.left());
  }

  measure<T>(look: () => T): T {
    const began = this.#clock.monotonic();
    const seen = look();
    const ended = this.#clock.monotonic();
    this.#restsUntil = ended + Math.max(restMin, restShare * (ended - began));
    return seen;
  }
}
