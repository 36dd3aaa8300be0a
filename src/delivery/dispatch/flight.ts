/** A message on its way: stored, given out, tried and tried again, until its fate is known. */
import type { Attempt, Message } from '../../domain/message.ts';
import type { EpochMs } from '../../domain/time.ts';
import { backoff } from '../backoff.ts';
import type { Told } from './standing.ts';

export interface FlightStart {
  readonly failures: number;
  readonly notBefore: EpochMs;
  readonly lastAttemptAt: EpochMs | null;
}

export class Flight {
  readonly message: Message;
  /** What was told before of each alert in it. */
  readonly undo: Readonly<Record<string, Told | null>>;
  /** It is stored, so it may be given out. */
  isDurable: boolean;
  notBefore: EpochMs;
  #failures: number;
  #lastAttemptAt: EpochMs | null;
  #isGiven = false;
  /** It may have arrived without our knowing: it must be sent again as it is. */
  #isUnsure: boolean;

  /**
   * `start`: as it was stored before a restart; who knows what was tried since. `failures`: of the
   * message in whose place it is, so that an outage is not asked more often for all the news in it.
   */
  constructor(message: Message, undo: Flight['undo'], start?: FlightStart, failures = 0) {
    this.message = message;
    this.undo = undo;
    this.isDurable = start !== undefined;
    this.#isUnsure = start !== undefined;
    this.notBefore = start?.notBefore ?? message.at;
    this.#failures = start?.failures ?? failures;
    this.#lastAttemptAt = start?.lastAttemptAt ?? null;
  }

  get failures(): number {
    return this.#failures;
  }

  /** The message, for whoever sends it, when it is due. */
  give(now: EpochMs, mayBeUnstored: boolean): Message | undefined {
    if (this.notBefore > now || (!this.isDurable && !mayBeUnstored)) return undefined;
    // Given twice: the first may have sent it, and never said so.
    if (this.#isGiven) this.#isUnsure = true;
    this.#isGiven = true;
    return this.message;
  }

  /** False when this attempt is known already. */
  note({ at, outcome }: Attempt, random: number, now: EpochMs): boolean {
    if (this.#lastAttemptAt === at) return false;
    this.#lastAttemptAt = at;
    this.#isGiven = false;
    if (outcome.type !== 'retry') return true;
    this.#failures += 1;
    this.#isUnsure ||= outcome.maybe;
    this.notBefore = now + backoff(this.#failures, random, outcome.after);
    return true;
  }

  /** A test of the channel was tried; one that has arrived shows that the way is free again. */
  tested({ at, outcome }: Attempt): void {
    if (outcome.type === 'delivered') this.notBefore = Math.min(this.notBefore, at);
  }

  /** Whether it is due again and surely has not arrived, so that its news may go otherwise. */
  mayFold(now: EpochMs): boolean {
    const isNews = this.message.type === 'alerts' || this.message.type === 'digest';
    return isNews && this.notBefore <= now && !this.#isGiven && !this.#isUnsure;
  }
}
