/**
 * How often a caller may ask. A bucket holds as many requests as may come at once, and fills up
 * again steadily; each caller has one by name, and those whom nobody knows share one at each door.
 * What was shown and is wrong counts in another one: a flood of guesses is slowed down, and whoever
 * has a valid token does not notice.
 */
import { type Ms, seconds } from '../domain/time.ts';
import type { Caller } from '../operations/house.ts';
import { type Refusal, refuse } from '../operations/refusals.ts';
import { anonymous } from '../operations/run.ts';
import type { Door } from './doors.ts';

export interface Rate {
  readonly perSecond: number;
  /** So many at once, after a pause. */
  readonly burst: number;
}

/** Ten at once, for who mistypes a token; then one in two seconds. */
const wrongRate: Rate = { perSecond: 0.5, burst: 10 };
/** A page loads some things at once, a dashboard several dozen. */
const burstSeconds = 4;
/** Beyond these the one is forgotten that was asked for longest ago: it is full again soonest. */
const bucketsMax = 4096;

interface Bucket {
  readonly left: number;
  readonly at: Ms;
}

export class Buckets {
  readonly #monotonic: () => Ms;
  readonly #buckets = new Map<string, Bucket>();

  constructor(monotonic: () => Ms) {
    this.#monotonic = monotonic;
  }

  /** Takes one; else how long it is until there is one. */
  take(name: string, { perSecond, burst }: Rate): Ms | undefined {
    const at = this.#monotonic();
    const before = this.#buckets.get(name) ?? { left: burst, at };
    const left = Math.min(burst, before.left + ((at - before.at) * perSecond) / seconds(1));
    // Put at the end, so that the first is the one that was asked for longest ago.
    this.#buckets.delete(name);
    this.#buckets.set(name, { left: left < 1 ? left : left - 1, at });
    this.#forget();
    return left < 1 ? Math.ceil(((1 - left) / perSecond) * seconds(1)) : undefined;
  }

  get count(): number {
    return this.#buckets.size;
  }

  #forget(): void {
    if (this.#buckets.size <= bucketsMax) return;
    const oldest = this.#buckets.keys().next().value;
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

export interface Limiter {
  /** The refusal of a known caller, or of nobody, who asks too often. */
  refuseCaller(door: Door, caller: Caller): Refusal | undefined;
  /** What becomes of who has shown something wrong: the refusal itself, or that of too many. */
  refuseWrong(door: Door, refusal: Refusal): Refusal;
}

const inSeconds = (wait: Ms): number => Math.ceil(wait / seconds(1));

/** `perSecond`: of one caller. */
export function createLimiter(monotonic: () => Ms, perSecond: () => number): Limiter {
  const buckets = new Buckets(monotonic);
  return {
    refuseCaller(door, { name, role }) {
      // They could stop tocsin altogether.
      if (door === 'local' && role === 'admin') return undefined;
      const rate = { perSecond: perSecond(), burst: perSecond() * burstSeconds };
      const isKnown = name !== anonymous.name;
      const wait = buckets.take(isKnown ? name : `${door} ${name}`, rate);
      if (wait === undefined) return undefined;
      const detail = `${name} asks more than ${rate.perSecond} times a second`;
      return refuse('too-many-requests', `${detail}; try again in ${inSeconds(wait)} s`, {
        retryAfter: wait,
      });
    },
    refuseWrong(door, refusal) {
      const wait = buckets.take(`${door} wrong`, wrongRate);
      if (wait === undefined) return refusal;
      const detail = `there are too many wrong tokens; try again in ${inSeconds(wait)} s`;
      return refuse('too-many-requests', detail, { retryAfter: wait });
    },
  };
}
