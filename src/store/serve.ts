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

/** The database that is open, and how it is written. */
export interface Place {
  readonly path: string;
  readonly opened: OpenedDatabase;
  readonly ballast: Ballast;
  /** What people must know as long as this one is used; null where there is nothing. */
  readonly standing: string | null;
  /** Retention keeps it below, whatever the settings say. */
  readonly bytesMax: number;
  /** Of a copy in memory: whether the machine had mounted the disk for writing all the same. */
  readonly seenWritable: boolean;
}

export interface Around {
  /** Where to go on when the one at `path` takes nothing more; null: nowhere. */
  readonly findOther: (path: string) => Place | null;
  /** Called when the database is closed, before the one who asked for it hears so. */
  readonly closed: () => void;
}

interface WaitingCommit {
  readonly id: number;
  readonly batch: Batch;
}

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Serving {
  readonly place: Place;
  readonly db: Db;
  readonly tables: Tables;
  readonly reads: Reads;
  readonly writer: Writer;
}

class Server {
  readonly #port: MessagePort;
  readonly #around: Around;
  #now: Serving;
  #commits: WaitingCommit[] = [];
  #others: Request[] = [];
  #scheduled = false;

  constructor(port: MessagePort, place: Place, around: Around) {
    this.#port = port;
    this.#around = around;
    this.#now = this.#settle(place);
  }

  #settle(place: Place): Serving {
    const { db } = place.opened;
    const tables = prepareTables(db);
    const reads = createReads(db, tables, place.path);
    const writer = new Writer({
      ...place,
      tables,
      now: () => Date.now(),
      monotonic: () => performance.now(),
      onCondition: (text) => this.#tell({ type: 'condition', text }),
    });
    return { place, db, tables, reads, writer };
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
    const verdicts = this.#write(group.map(({ batch }) => batch));
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

  #write(batches: readonly Batch[]): ReturnType<Writer['write']> {
    const verdicts = this.#now.writer.write(batches);
    const isRefused = verdicts !== 'locked' && verdicts.some(({ type }) => type === 'full');
    return isRefused && this.#move() ? this.#now.writer.write(batches) : verdicts;
  }

  /** To the copy in memory, when the disk takes no writing any more. */
  #move(): boolean {
    const { db, place } = this.#now;
    const other = this.#around.findOther(place.path);
    if (other === null) return false;
    this.#now = this.#settle(other);
    try {
      db.close();
    } catch {
      // Its disk does not even take that; nobody uses it any more.
    }
    return true;
  }

  #run({ id, call, input }: Request): void {
    try {
      const args = JSON.parse(input) as readonly unknown[];
      if (call === 'prune') void this.#prune(id, args as [Limits, EpochMs]);
      else if (call === 'inspect') this.#answer(id, JSON.stringify(this.#now.writer.inspect()));
      else if (call === 'place') this.#answer(id, this.#describePlace());
      else if (call === 'close') this.#close(id);
      else {
        const read = this.#now.reads[call as keyof Reads] as (
          ...args: readonly unknown[]
        ) => string;
        this.#answer(id, read(...args));
      }
    } catch (error) {
      this.#threw(id, error);
    }
  }

  #describePlace(): string {
    const { path, seenWritable } = this.#now.place;
    return JSON.stringify({ path, seenWritable });
  }

  async #prune(id: number, [limits, now]: [Limits, EpochMs]): Promise<void> {
    const { db, tables, place } = this.#now;
    const bytes = Math.min(limits.bytes, place.bytesMax);
    let deleted = 0;
    try {
      for (const step of pruneSteps(db, tables, { ...limits, bytes }, now)) {
        deleted += step;
        await immediate();
      }
      this.#answer(id, JSON.stringify({ deleted }));
    } catch (error) {
      this.#threw(id, error);
    }
  }

  #close(id: number): void {
    const { db, writer } = this.#now;
    try {
      if (db.open && writer.broken === null) {
        db.pragma('optimize');
        db.pragma('wal_checkpoint(TRUNCATE)');
      }
    } finally {
      if (db.open) db.close();
      this.#around.closed();
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

export function serve(port: MessagePort, place: Place, around: Around): void {
  const server = new Server(port, place, around);
  port.on('message', (request: Request) => server.take(request));
  port.postMessage({ type: 'ready', json: JSON.stringify(place.opened.report) } satisfies Told);
}
