/**
 * Sight: since when a source cannot be seen, through which of its eyes, and for how long that may
 * last before its alerts are marked stale. Every blind time is recorded.
 */
import { type EpochMs, seconds } from '../domain/time.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Pipeline } from './pipeline.ts';

/** A daemon-reload or a bus restart takes about a second: no reason to mark anything. */
const staleAfter = seconds(5);

export class Sight {
  readonly #source: string;
  readonly #pipeline: Pipeline;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #eyes = new Map<string, string>();
  #since: EpochMs | undefined;
  #stale: Timer | undefined;
  #marked = false;

  constructor(source: string, pipeline: Pipeline, clock: Clock, onChange: () => void) {
    this.#source = source;
    this.#pipeline = pipeline;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** From here on `eye` (`watch`, `look`) sees nothing. */
  blind(eye: string, why: string): void {
    const first = this.#eyes.size === 0;
    this.#eyes.set(eye, why);
    if (first) this.#begin(why);
    this.#onChange();
  }

  seeing(eye: string): void {
    const why = this.#eyes.get(eye);
    if (why === undefined) return;
    this.#eyes.delete(eye);
    if (this.#eyes.size === 0) this.#end(why);
    this.#onChange();
  }

  since(): EpochMs | undefined {
    return this.#since;
  }

  /** Of the eye that has been blind longest; undefined while all see. */
  why(): string | undefined {
    return this.#eyes.values().next().value;
  }

  /** What was known of its things is marked stale. */
  isStale(): boolean {
    return this.#marked;
  }

  stop(): void {
    this.#stale?.cancel();
  }

  #begin(why: string): void {
    this.#since = this.#clock.now();
    this.#pipeline.blindTime({ source: this.#source, since: this.#since, until: null, why });
    this.#stale = this.#clock.after(staleAfter, () => {
      this.#marked = true;
      this.#pipeline.markStale(this.#source, this.why() ?? why);
    });
  }

  #end(why: string): void {
    this.#stale?.cancel();
    const since = this.#since ?? this.#clock.now();
    this.#pipeline.blindTime({ source: this.#source, since, until: this.#clock.now(), why });
    this.#since = undefined;
    if (this.#marked) this.#pipeline.markFresh(this.#source);
    this.#marked = false;
  }
}
