/**
 * The history's thread. It owns history.db, and does what is due each hour in slices, so that
 * ticks and queries find their way in between.
 */
import { statSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { returnUnusedMemory } from '../platform/memory.ts';
import { nextTurn } from '../platform/next-turn.ts';
import { type Request, type Told, thrown } from '../platform/sqlite/protocol.ts';
import type { HistoryLimits, HistoryQuery, Tick } from './history.ts';
import { Keeper, type KeeperParts } from './keeper.ts';

/** What the client says at the start. */
export type HistoryJob = Omit<KeeperParts, 'tell'>;

const bytesOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

function serve(port: MessagePort, job: HistoryJob): void {
  const tell = (told: Told): void => port.postMessage(told, []);
  const keeper = new Keeper({
    ...job,
    tell: (state) => tell({ type: 'condition', text: JSON.stringify(state) }),
  });
  let busy = false;
  let closed = false;

  async function keepUp(now: number): Promise<void> {
    if (busy) return;
    busy = true;
    for (const _ of keeper.upkeep(now)) {
      await nextTurn();
      if (closed) return;
    }
    busy = false;
  }

  const calls: Readonly<Record<string, (...args: readonly never[]) => unknown>> = {
    record(tick: Tick) {
      keeper.record(tick);
      void keepUp(tick.at);
    },
    query: (query: HistoryQuery, now: number) => keeper.query(query, now),
    limit: (limits: HistoryLimits) => keeper.limit(limits),
    statistics: () => keeper.statistics(bytesOf(job.path) + bytesOf(`${job.path}-wal`)),
    close() {
      closed = true;
      keeper.close();
      port.close();
    },
  };

  port.on('message', ({ id, call, input }: Request) => {
    try {
      const answer = calls[call]?.(...(JSON.parse(input) as readonly never[]));
      tell({ type: 'answer', id, json: JSON.stringify(answer) ?? '' });
    } catch (error) {
      tell({ type: 'threw', id, error: thrown(error) });
    }
  });
  returnUnusedMemory();
  tell({ type: 'ready', json: '' });
}

if (parentPort === null) throw new Error('a worker thread, started by createHistory');
serve(parentPort, workerData as HistoryJob);
