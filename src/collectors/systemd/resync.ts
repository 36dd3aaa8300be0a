/**
 * When to look at everything again after systemd has read its files anew, or was executed anew:
 * the first time at once, then now and then, however often it does so.
 */
import { type Ms, seconds } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';

/** A listing costs systemd time, and who reloads it in a loop needs that time. */
const resyncEvery = seconds(2);

export class Resync {
  readonly #clock: Clock;
  readonly #see: (begun: () => void) => Promise<void>;
  /** Somebody has asked since the last look began. */
  #isWanted = false;
  #isRunning = false;
  #begunAt: Ms = -Infinity;

  /** `see` calls `begun` when its look begins: what is asked for before is answered by it. */
  constructor(clock: Clock, see: (begun: () => void) => Promise<void>) {
    this.#clock = clock;
    this.#see = see;
  }

  /** Looks soon; resolves when nobody waits for a look any more. */
  async ask(): Promise<void> {
    this.#isWanted = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#isWanted) await this.#look();
    } finally {
      this.#isRunning = false;
    }
  }

  async #look(): Promise<void> {
    const early = this.#begunAt + resyncEvery - this.#clock.monotonic();
    if (early > 0) await this.#clock.sleep(early);
    // Also where there is nothing to look at: whoever connects anew looks by himself.
    this.#isWanted = false;
    await this.#see(() => this.#begin());
  }

  #begin(): void {
    this.#isWanted = false;
    this.#begunAt = this.#clock.monotonic();
  }
}
