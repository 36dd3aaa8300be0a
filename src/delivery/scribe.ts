/**
 * The scribe writes what delivery has to remember: the latest state of everything in one
 * transaction, one after another. While the disk is full it says so after a moment, because
 * people are told all the same, and goes on trying.
 */
import type { EpochMs, Ms } from '../domain/time.ts';
import { seconds } from '../domain/time.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { deliveryCursor } from '../store/delivery-memory.ts';
import type { Batch, CommitAnswer, Store } from '../store/store.ts';
import type { Writes } from './dispatch/writes.ts';

/** What nobody waits for is written within this time: a replay finds it again after a kill. */
const lazyAfter: Ms = seconds(5);
const retryAfter: Ms = seconds(1);
/** A disk that stays full for this long does not keep people from being told. */
const tellUnstoredAfter: Ms = seconds(2);

export interface ScribeParts {
  readonly store: Pick<Store, 'commit'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly writes: Writes;
  /** Number of the last change that is in what is written now. */
  readonly cursor: () => number;
  /** Something is stored now, or may be given out without. */
  readonly onProgress: () => void;
}

interface Waiting {
  readonly turn: number;
  readonly resolve: () => void;
}

export class Scribe {
  readonly #parts: ScribeParts;
  #writing: Promise<void> | undefined;
  #lazy: Timer | undefined;
  #turn = 0;
  #waiting: Waiting[] = [];
  #fullSince: Ms | undefined;
  #stopped = false;
  /** The disk has been full for so long that nothing waits for it any more. */
  isGivenUp = false;

  constructor(parts: ScribeParts) {
    this.#parts = parts;
  }

  /** Writes at once what somebody waits for, and the rest before long. */
  look(): void {
    const { clock, writes } = this.#parts;
    if (this.#writing !== undefined || this.#stopped) return;
    if (writes.isUrgent()) this.#start();
    else if (!writes.isEmpty()) this.#lazy ??= clock.after(lazyAfter, () => this.#start());
  }

  /** Resolves when everything so far is durable, or when nobody waits for the disk any more. */
  settled(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    if (!this.#parts.writes.isEmpty()) this.#start();
    else if (this.#writing === undefined) return Promise.resolve();
    if (this.isGivenUp) return Promise.resolve();
    const turn = this.#turn + (this.#parts.writes.isEmpty() ? 0 : 1);
    return new Promise((resolve) => this.#waiting.push({ turn, resolve }));
  }

  stop(): void {
    this.#stopped = true;
    this.#lazy?.cancel();
  }

  #start(): void {
    this.#lazy?.cancel();
    this.#lazy = undefined;
    if (this.#stopped) return;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
      this.look();
    });
  }

  async #writeAll(): Promise<void> {
    const { clock, writes } = this.#parts;
    while (!writes.isEmpty() && !this.#stopped) {
      this.#turn += 1;
      const cursors = { [deliveryCursor]: String(this.#parts.cursor()) };
      const { writes: delivery, durable } = writes.take();
      const batch = { changes: [], events: [], cursors, blind: [], delivery };
      await this.#write({ ...batch, at: clock.now() });
      durable();
      this.#fullSince = undefined;
      this.isGivenUp = false;
      this.#release(this.#turn);
      if (!writes.isUrgent()) break;
    }
  }

  /** Until it is stored. What comes meanwhile is another batch. */
  async #write(batch: Batch & { readonly at: EpochMs }): Promise<void> {
    const { clock, log } = this.#parts;
    for (;;) {
      const answer = await this.#ask(batch);
      if (answer.type === 'committed') return;
      if (this.#fullSince === undefined) log.error(`deliveries cannot be stored: ${answer.why}`);
      this.#fullSince ??= clock.monotonic();
      if (clock.monotonic() - this.#fullSince >= tellUnstoredAfter) {
        this.isGivenUp = true;
        this.#release(Number.POSITIVE_INFINITY);
      }
      await clock.sleep(retryAfter);
      if (this.#stopped) return;
    }
  }

  async #ask(batch: Batch): Promise<CommitAnswer> {
    try {
      return await this.#parts.store.commit(batch);
    } catch (error) {
      // A bug in what is written must not end the telling.
      return { type: 'broken', why: (error as Error).message };
    }
  }

  #release(turn: number): void {
    const due = this.#waiting.filter((one) => one.turn <= turn);
    this.#waiting = this.#waiting.filter((one) => one.turn > turn);
    for (const one of due) one.resolve();
    this.#parts.onProgress();
  }
}
