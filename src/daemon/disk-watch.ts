/**
 * While a copy of the state in memory is used, because the disk takes no writing: looks whether it
 * takes writing again, and ends the daemon in good order then. The next start flushes the copy.
 */
import { type Ms, minutes, seconds } from '../domain/time.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Store } from '../store/store.ts';

const lookEvery = seconds(10);
/** A disk that takes a small file and not the copy would have us start anew all the time. */
const lookAgainAfterFailure = minutes(10);

export interface DiskWatchParts {
  readonly clock: Clock;
  readonly log: Pick<Log, 'notice' | 'warning'>;
  readonly store: Pick<Store, 'canFlush' | 'opened'>;
  readonly onWritable: () => void;
}

export class DiskWatch {
  readonly #parts: DiskWatchParts;
  readonly #pace: Ms;
  #timer: Timer | undefined;

  constructor(parts: DiskWatchParts) {
    this.#parts = parts;
    const { volatile } = parts.store.opened;
    this.#pace = volatile?.type === 'failed' ? lookAgainAfterFailure : lookEvery;
  }

  start(): void {
    this.#timer = this.#parts.clock.after(this.#pace, () => void this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** A disk that does not answer is asked no second time before it has. */
  async #look(): Promise<void> {
    const { log, onWritable, store } = this.#parts;
    try {
      const canFlush = await store.canFlush();
      if (this.#timer === undefined) return;
      if (canFlush) {
        log.notice(
          'database: the disk takes writing again; starting anew, to write it what is kept',
        );
        onWritable();
        return;
      }
    } catch (error) {
      log.warning(`database: ${(error as Error).message}, trying again`);
    }
    if (this.#timer !== undefined) this.start();
  }
}
