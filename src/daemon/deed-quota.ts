/**
 * How much one caller may do. Each deed leaves a row in the audit, which keeps every row of the
 * last week: without a limit one operator could fill the disk with them. Nobody who works meets
 * it: a request for many alerts is one deed.
 */
import { hours, type Ms } from '../domain/time.ts';

/** After a long pause, as when every alert of a storm is acknowledged for itself. */
export const deedsAtOnce = 5000;
export const deedsPerHour = 1000;
const gap: Ms = hours(1) / deedsPerHour;
const span: Ms = gap * deedsAtOnce;
/** Callers looked at; beyond these the one is forgotten who has done nothing for longest. */
const callersMax = 4096;

export class DeedQuota {
  readonly #monotonic: () => Ms;
  /** When what each caller has done is made good: the theoretical arrival time of GCRA. */
  readonly #goodAt = new Map<string, Ms>();

  constructor(monotonic: () => Ms) {
    this.#monotonic = monotonic;
  }

  /** How long until this caller may do something again; undefined: at once. */
  waitOf(caller: string): Ms | undefined {
    const wait = this.#goodAtOf(caller) + gap - span - this.#monotonic();
    return wait > 0 ? wait : undefined;
  }

  count(caller: string): void {
    const goodAt = this.#goodAtOf(caller) + gap;
    // Put at the end, so that the first is the one who has done nothing for longest.
    this.#goodAt.delete(caller);
    this.#goodAt.set(caller, goodAt);
    const [first] = this.#goodAt.keys();
    if (this.#goodAt.size > callersMax && first !== undefined) this.#goodAt.delete(first);
  }

  #goodAtOf(caller: string): Ms {
    const now = this.#monotonic();
    return Math.max(this.#goodAt.get(caller) ?? now, now);
  }
}
