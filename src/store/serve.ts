/**
 * The serving loop of the worker thread. Commits that wait go first, all in one transaction; reads
 * follow, so they see every commit that was sent before them.
 */
import type { MessagePort } from 'node:worker_threads';
import { type EpochMs, type Ms, seconds } from '../domain/time.ts';
import type { Db } from '../platform/sqlite/connection.ts';
import { type Request, type Told, thrown } from '../platform/sqlite/protocol.ts';
import type { Ballast } from './ballast.ts';
import type { OpenedDatabase } from './open.ts';
import { createReads, type Reads } from './reads.ts';
import { type Limits, pruneSteps } from './retention.ts';
import type { Batch } from './store.ts';
import { prepareTables, type Tables } from './tables/tables.ts';
import { Writer } from './writer.ts';

const lockRetryAfter: Ms = seconds(0.05);

interface WaitingCommit {
  readonly id: number;
  readonly batch: Batch;
}

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Server {
  readonly #port: MessagePort;
  readonly #db: Db;
  readonly #tables: Tables;
  readonly #writer: Writer;
  readonly #reads: Reads;
  #commits: WaitingCommit[] = [];
  #others: Request[] = [];
  #scheduled = false;

  constructor(port: MessagePort, path: string, opened: OpenedDatabase, ballast: Ballast) {
    this.#port = port;
    this.#db = opened.db;
    this.#tables = prepareTables(opened.db);
    this.#reads = createReads(this.#db, this.#tables, path);
    this.#writer = new Writer({
      path,
      opened,
      tables: this.#tables,
      ballast,
      now: () => Date.now(),
      monotonic: () => performance.now(),
      onCondition: (text) => this.#tell({ type: 'condition', text }),
    });
  }

  take(request: Request): void {
    if (request.call === 'commit') {
      const [batch] = JSON.parse(request.input) as [Batch];
      this.#commits.push({ id: request.id, batch });
    } else this.#others.push(request);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Everything that the port holds now is taken before this runs.
    setImmediate(() => this.#work());
  }

  #work(): void {
    this.#scheduled = false;
    this.#writeWaiting();
    const requests = this.#others;
    this.#others = [];
    for (const request of requests) {
      // Closing waits until what was sent before it is written.
      if (request.call === 'close' && this.#commits.length > 0) this.#others.push(request);
      else this.#run(request);
    }
  }

  #writeWaiting(): void {
    const group = this.#commits;
    if (group.length === 0) return;
    const verdicts = this.#writer.write(group.map(({ batch }) => batch));
    if (verdicts === 'locked') {
      this.#scheduled = true;
      setTimeout(() => this.#work(), lockRetryAfter);
      return;
    }
    this.#commits = [];
    for (const [i, { id }] of group.entries()) {
      const verdict = verdicts[i];
      if (verdict === undefined || verdict.type === 'refused') this.#threw(id, verdict?.error);
      else this.#answer(id, JSON.stringify(verdict));
    }
  }

  #run({ id, call, input }: Request): void {
    try {
      const args = JSON.parse(input) as readonly unknown[];
      if (call === 'prune') void this.#prune(id, args as [Limits, EpochMs]);
      else if (call === 'inspect') this.#answer(id, JSON.stringify(this.#writer.inspect()));
      else if (call === 'close') this.#close(id);
      else {
        const read = this.#reads[call as keyof Reads] as (...args: readonly unknown[]) => string;
        this.#answer(id, read(...args));
      }
    } catch (error) {
      this.#threw(id, error);
    }
  }

  async #prune(id: number, [limits, now]: [Limits, EpochMs]): Promise<void> {
    let deleted = 0;
    try {
      for (const step of pruneSteps(this.#db, this.#tables, limits, now)) {
        deleted += step;
        await immediate();
      }
      this.#answer(id, JSON.stringify({ deleted }));
    } catch (error) {
      this.#threw(id, error);
    }
  }

  #close(id: number): void {
    try {
      if (this.#db.open && this.#writer.broken === null) {
        this.#db.pragma('optimize');
        this.#db.pragma('wal_checkpoint(TRUNCATE)');
      }
    } finally {
      if (this.#db.open) this.#db.close();
      this.#answer(id, '');
      this.#port.close();
    }
  }

  #answer(id: number, json: string): void {
    this.#tell({ type: 'answer', id, json });
  }

  #threw(id: number, error: unknown): void {
    this.#tell({ type: 'threw', id, error: thrown(error) });
  }

  #tell(told: Told): void {
    this.#port.postMessage(told, []);
  }
}

export function serve(
  port: MessagePort,
  path: string,
  opened: OpenedDatabase,
  ballast: Ballast,
): void {
  const server = new Server(port, path, opened, ballast);
  port.on('message', (request: Request) => server.take(request));
  port.postMessage({ type: 'ready', json: JSON.stringify(opened.report) } satisfies Told);
}
