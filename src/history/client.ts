/** The history as the daemon sees it: starts the thread with the first tick, and asks it. */
import { Worker } from 'node:worker_threads';
import { errorOf } from '../platform/sqlite/errors.ts';
import { holdThread, type Thread } from '../platform/sqlite/thread.ts';
import type {
  History,
  HistoryAnswer,
  HistoryLimits,
  HistoryState,
  HistoryStatistics,
} from './history.ts';
import type { HistoryJob } from './worker.ts';

/** Set by tools/build.ts: in the bundle the worker is one file beside the code. */
declare const TOCSIN_BUNDLE: boolean | undefined;
const workerUrl = new URL(
  typeof TOCSIN_BUNDLE === 'undefined' ? './worker.ts' : './history-worker.mjs',
  import.meta.url,
);

/** Where the thread may grow to: a tick of 20,000 numbers takes some 10 MB for a moment. */
const heapMbMax = 96;
/** Young objects live as long as one slice: a small space keeps the resident size low. */
const youngHeapMb = 2;
/** The last bytes of a disk are for alerts: tocsin.db and its reserve. */
const roomMin = 64 * 1024 * 1024;

export interface HistoryOptions {
  /** As they are now; asked before each tick. */
  readonly limits: () => HistoryLimits;
  /** How it is from now on. */
  readonly onState?: (state: HistoryState) => void;
  /** The wall clock. */
  readonly now: () => number;
  readonly roomMin?: number;
  readonly pagesMax?: number;
}

/** Starts the thread with the first call, and another when that one died. */
class Door {
  readonly #path: string;
  readonly #options: HistoryOptions;
  #limits: HistoryLimits;
  #thread: Thread | undefined;
  #closed = false;

  constructor(path: string, options: HistoryOptions) {
    this.#path = path;
    this.#options = options;
    this.#limits = options.limits();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  async ask(name: string, ...args: readonly unknown[]): Promise<string> {
    if (this.#closed) throw new Error('the history is closed');
    this.#thread ??= this.#start();
    return this.#thread.call(name, ...args);
  }

  async followLimits(): Promise<void> {
    const limits = this.#options.limits();
    if (JSON.stringify(limits) === JSON.stringify(this.#limits)) return;
    this.#limits = limits;
    if (this.#thread !== undefined) await this.ask('limit', limits);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const thread = this.#thread;
    await thread?.call('close').catch(() => undefined);
    await thread?.ended;
  }

  #start(): Thread {
    const { onState, pagesMax, roomMin: room } = this.#options;
    const job: HistoryJob = {
      path: this.#path,
      limits: this.#limits,
      roomMin: room ?? roomMin,
      pagesMax: pagesMax ?? 0,
    };
    const worker = new Worker(workerUrl, {
      workerData: job,
      name: 'history',
      resourceLimits: { maxOldGenerationSizeMb: heapMbMax, maxYoungGenerationSizeMb: youngHeapMb },
    });
    const onCondition = (text: string | null): void => {
      if (text !== null) onState?.(JSON.parse(text) as HistoryState);
    };
    const started = holdThread(worker, 'the history', { errorOf, onCondition });
    void started.ended.then(() => {
      if (this.#thread === started) this.#thread = undefined;
    });
    return started;
  }
}

export function createHistory(path: string, options: HistoryOptions): History {
  const door = new Door(path, options);
  return {
    async record(tick) {
      try {
        await door.followLimits();
        await door.ask('record', tick);
      } catch (error) {
        const { message: reason } = error as Error;
        if (!door.isClosed) options.onState?.({ status: 'unhealthy', reason });
      }
    },
    async query(query) {
      try {
        return JSON.parse(await door.ask('query', query, options.now())) as HistoryAnswer;
      } catch (error) {
        return { type: 'unavailable', why: (error as Error).message };
      }
    },
    async statistics() {
      const json = await door.ask('statistics').catch(() => undefined);
      return json === undefined ? undefined : (JSON.parse(json) as HistoryStatistics);
    },
    close: () => door.close(),
  };
}
