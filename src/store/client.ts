/** The store as the daemon sees it: starts the thread, and asks it. Touches no file itself. */
import { Worker } from 'node:worker_threads';
import type { AuditVerdict } from '../domain/audit.ts';
import { holdThread, type Thread, ThreadLost } from '../platform/sqlite/thread.ts';
import { errorOf } from './errors.ts';
import type { Job } from './protocol.ts';
import type { Place } from './serve.ts';
import type { CommitAnswer, OpenReport, Store } from './store.ts';

/** Set by tools/build.ts: in the bundle the worker is one file beside the code. */
declare const TOCSIN_BUNDLE: boolean | undefined;
const workerUrl = new URL(
  typeof TOCSIN_BUNDLE === 'undefined' ? './worker.ts' : './store-worker.mjs',
  import.meta.url,
);

/** Where the thread may grow to. A batch of 5,000 changes takes about 60 MB for a moment. */
const heapMbMax = 256;
/** Young objects are texts of one batch: a small space keeps the resident size low. */
const youngHeapMb = 4;
const ballastBytes = 8 * 1024 * 1024;

export interface StoreOptions {
  /** What people must know of the disk from now on; null when it is over. */
  readonly onCondition?: (text: string | null) => void;
  /** Size of the reserve file that is given up on a full disk; 0 for none. */
  readonly ballastBytes?: number;
  /** Hard limit of the file in pages of 4 KiB: it is full then, whatever the disk says. */
  readonly pagesMax?: number;
  /** A folder of memory, for a copy to work on while the disk takes no writing (volatile.ts). */
  readonly volatileFolder?: string;
}

function startThread(job: Job, onCondition?: (text: string | null) => void): Thread {
  const worker = new Worker(workerUrl, {
    workerData: job,
    name: `store-${job.type}`,
    resourceLimits: { maxOldGenerationSizeMb: heapMbMax, maxYoungGenerationSizeMb: youngHeapMb },
  });
  return holdThread(worker, 'the store', { errorOf, onCondition });
}

/** The answer of a thread that does one thing and ends. */
async function runJob(job: Job): Promise<string> {
  const thread = startThread(job);
  const json = await thread.ready;
  await thread.ended;
  return json;
}

/** The store that speaks to this thread; `path` is where the database is on the disk. */
export function storeOn(thread: Thread, path: string, opened: OpenReport): Store {
  const ask = async <T>(name: string, ...args: readonly unknown[]): Promise<T> =>
    JSON.parse(await thread.call(name, ...args)) as T;
  const find = async <T>(name: string, ...args: readonly unknown[]): Promise<T | undefined> => {
    const json = await thread.call(name, ...args);
    return json === '' ? undefined : (JSON.parse(json) as T);
  };
  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    // A thread that is gone is closed.
    await thread.call('close').catch(() => undefined);
    await thread.ended;
  }
  /** Of the database that is open: what has a thread of its own must look at the same one. */
  const place = (): Promise<Pick<Place, 'path' | 'seenWritable'>> => ask('place');
  const runHere = async <T>(type: 'check' | 'verify-audit'): Promise<T> =>
    JSON.parse(await runJob({ type, path: (await place()).path })) as T;
  return {
    opened,
    remember: () => ask('remember'),
    async commit(batch) {
      try {
        return await ask<CommitAnswer>('commit', batch);
      } catch (error) {
        if (error instanceof ThreadLost) return { type: 'broken', why: error.message };
        throw error;
      }
    },
    prune: (limits, now) => ask('prune', limits, now),
    async backup(target) {
      await runJob({ type: 'backup', path: (await place()).path, target });
    },
    async canFlush() {
      const { path: used, seenWritable } = await place();
      if (used === path) return false;
      return JSON.parse(await runJob({ type: 'probe', path, seenWritable })) as boolean;
    },
    inspect: () => ask('inspect'),
    async check() {
      const gone = await ask<string | null>('inspect');
      if (gone !== null) return gone;
      return runHere('check');
    },
    verifyAudit: () => runHere<AuditVerdict>('verify-audit'),
    close: () => (closed ??= close()),
    listResolved: (query) => ask('listResolved', query),
    findAlert: (id) => find('findAlert', id),
    findReply: (caller, key, now) => find('findReply', caller, key, now),
    changesOf: (alertId) => ask('changesOf', alertId),
    changesAfter: (seq, limit) => ask('changesAfter', seq, limit),
    oldestSeq: () => ask('oldestSeq'),
    listEvents: (query) => ask('listEvents', query),
    listTasks: (query) => ask('listTasks', query),
    listDeliveries: (query) => ask('listDeliveries', query),
    deliveryMemory: () => ask('deliveryMemory'),
    listAudit: (query) => ask('listAudit', query),
    listBlind: (since) => ask('listBlind', since),
    sizeBytes: () => ask('sizeBytes'),
  };
}

/**
 * Opens, makes or repairs the database. Rejects with SchemaTooNew when a newer tocsin wrote it
 * (restarting does not help), and with the system's error when the file cannot be opened at all.
 */
export async function openStore(path: string, options: StoreOptions = {}): Promise<Store> {
  const job: Job = {
    type: 'serve',
    path,
    ballastBytes: options.ballastBytes ?? ballastBytes,
    pagesMax: options.pagesMax ?? 0,
    volatileFolder: options.volatileFolder ?? null,
  };
  const thread = startThread(job, options.onCondition);
  return storeOn(thread, path, JSON.parse(await thread.ready) as OpenReport);
}
