/** The main thread's end of a worker: calls with answers, and what happens when it dies. */
import type { Worker } from 'node:worker_threads';
import type { Request, Thrown, Told } from './protocol.ts';

/** The thread ended before it answered. */
export class ThreadLost extends Error {
  override readonly name = 'ThreadLost';
}

interface Waiting {
  resolve(json: string): void;
  reject(error: Error): void;
}

export interface Thread {
  /** The first word of the thread; rejects with what made the job fail. */
  readonly ready: Promise<string>;
  /** Answers as JSON. Rejects with the thread's error or, when it is gone, with ThreadLost. */
  call(name: string, ...args: readonly unknown[]): Promise<string>;
  /** Resolves when the thread has ended, well or not. */
  readonly ended: Promise<void>;
}

export interface Listener {
  /** The worker's errors as this side knows them. */
  readonly errorOf: (thrown: Thrown) => Error;
  readonly onCondition?: ((text: string | null) => void) | undefined;
}

/** `name`: whose thread it is, for people. */
export function holdThread(worker: Worker, name: string, listener: Listener): Thread {
  const { errorOf, onCondition } = listener;
  const waiting = new Map<number, Waiting>();
  const ready = Promise.withResolvers<string>();
  const ended = Promise.withResolvers<void>();
  let lastId = 0;
  let lost: ThreadLost | undefined;

  function settle(id: number, finish: (call: Waiting) => void): void {
    const call = waiting.get(id);
    waiting.delete(id);
    if (call !== undefined) finish(call);
  }

  function hear(told: Told): void {
    switch (told.type) {
      case 'ready':
        ready.resolve(told.json);
        break;
      case 'failed':
        ready.reject(errorOf(told.error));
        break;
      case 'answer':
        settle(told.id, (call) => call.resolve(told.json));
        break;
      case 'threw':
        settle(told.id, (call) => call.reject(errorOf(told.error)));
        break;
      case 'condition':
        onCondition?.(told.text);
        break;
    }
  }

  function lose(why: string): void {
    lost ??= new ThreadLost(why);
    ready.reject(lost);
    for (const call of waiting.values()) call.reject(lost);
    waiting.clear();
  }

  worker.on('message', hear);
  worker.on('error', (error) => lose(`the thread of ${name} failed: ${String(error)}`));
  worker.on('exit', (code) => {
    lose(`the thread of ${name} ended (exit status ${code})`);
    ended.resolve();
  });
  // Whoever does not wait for it must not be killed by an unhandled rejection.
  ready.promise.catch(() => undefined);
  return {
    ready: ready.promise,
    ended: ended.promise,
    call(name, ...args) {
      if (lost !== undefined) return Promise.reject(lost);
      const request: Request = { id: ++lastId, call: name, input: JSON.stringify(args) };
      return new Promise((resolve, reject) => {
        waiting.set(request.id, { resolve, reject });
        worker.postMessage(request, []);
      });
    },
  };
}
