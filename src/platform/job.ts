/**
 * A job in a thread of its own: plain data in, progress and one answer out, and an end in any case.
 * A thread that does not come to an end is stopped, whatever it is at.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Ms } from '../domain/time.ts';

export type JobOutcome<A> =
  | { readonly type: 'done'; readonly answer: A }
  | { readonly type: 'late' }
  /** A bug, no memory left, or no thread to be had. */
  | { readonly type: 'failed'; readonly why: string };

type Told<A> = { readonly progress: number } | { readonly answer: A } | { readonly failed: string };

export interface JobLimits {
  readonly timeout: Ms;
  readonly heapMb: number;
}

/** Why not, where the kernel refuses one more thread. */
function startThread(url: URL, workerData: unknown, heapMb: number): Worker | string {
  try {
    const resourceLimits = { maxOldGenerationSizeMb: heapMb };
    return new Worker(url, { workerData, name: 'job', resourceLimits });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_INIT_FAILED') throw error;
    return `no thread can be started: ${(error as Error).message}`;
  }
}

/** `data` must be plain: it is copied into the thread. */
export function runJob<A>(
  url: URL,
  data: unknown,
  { timeout, heapMb }: JobLimits,
  onProgress: (part: number) => void = () => {},
): Promise<JobOutcome<A>> {
  const { promise, resolve } = Promise.withResolvers<JobOutcome<A>>();
  const worker = startThread(url, data, heapMb);
  if (typeof worker === 'string') return Promise.resolve({ type: 'failed', why: worker });
  const end = (outcome: JobOutcome<A>): void => {
    clearTimeout(timer);
    resolve(outcome);
    void worker.terminate();
  };
  const timer = setTimeout(() => end({ type: 'late' }), timeout);
  worker.on('message', (told: Told<A>) => {
    if ('progress' in told) onProgress(told.progress);
    else if ('answer' in told) end({ type: 'done', answer: told.answer });
    else end({ type: 'failed', why: told.failed });
  });
  worker.on('error', (error) => end({ type: 'failed', why: (error as Error).message }));
  worker.on('exit', () => end({ type: 'failed', why: 'its thread ended' }));
  worker.unref();
  return promise;
}

/** The thread's own side: works once, and ends. */
export function serveJob(
  work: (data: unknown, onProgress: (part: number) => void) => unknown,
): void {
  if (isMainThread || parentPort === null) throw new Error('a thread, started by runJob');
  const port = parentPort;
  const tell = (told: Told<unknown>): void => port.postMessage(told, []);
  try {
    tell({ answer: work(workerData, (progress) => tell({ progress })) });
  } catch (error) {
    tell({ failed: (error as Error).stack ?? String(error) });
  }
}
