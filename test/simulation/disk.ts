/**
 * The real store on a real file, without its thread: what is asked for is done in order, after as
 * long as the disk takes. A process that is killed gets no answer any more; what it had asked for
 * and was not done is not done.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ms } from '../../src/domain/time.ts';
import { storeOn } from '../../src/store/client.ts';
import { openDatabase } from '../../src/store/open.ts';
import { createReads, type Reads } from '../../src/store/reads.ts';
import type { Batch, CommitAnswer, Remembered, Store } from '../../src/store/store.ts';
import { prepareTables } from '../../src/store/tables/tables.ts';
import { Writer } from '../../src/store/writer.ts';
import type { Life, Timeline } from './timeline.ts';

const never = <T>(): Promise<T> => new Promise(() => {});

/** What the simulation does to the disk, and sees of it. */
export interface DiskParts {
  readonly timeline: Timeline;
  /** How long one answer takes. */
  readonly delay: () => Ms;
  /** Before a commit is done (the batch may be lost) and after it (the answer may be). */
  readonly onCommit: (when: 'before' | 'after', batch: Batch) => void;
}

export class Disk {
  isFull = false;
  readonly #folder = mkdtempSync(join(tmpdir(), 'tocsin-simulation-'));
  readonly #parts: DiskParts;
  readonly #reads: Reads;
  readonly #writer: Writer;
  readonly #opened;

  constructor(parts: DiskParts) {
    const path = join(this.#folder, 'tocsin.db');
    const now = (): number => parts.timeline.now();
    this.#parts = parts;
    this.#opened = openDatabase(path, { now: now() });
    // A power cut is none of the faults here: killing a process loses nothing that was written.
    this.#opened.db.pragma('synchronous = OFF');
    const tables = prepareTables(this.#opened.db);
    this.#reads = createReads(this.#opened.db, tables, path);
    this.#writer = new Writer({
      path,
      opened: this.#opened,
      tables,
      ballast: { release: () => false, restore: () => true },
      now,
      monotonic: () => parts.timeline.elapsed,
      onCondition: () => {},
    });
  }

  /** As one process sees it. */
  storeFor(life: Life): Store {
    let last: Promise<unknown> = Promise.resolve();
    const call = (name: string, ...args: readonly unknown[]): Promise<string> => {
      const input = JSON.stringify(args);
      const delay = this.#parts.delay();
      const answer = last
        .then(() => (delay > 0 ? life.sleep(delay) : undefined))
        .then(() => (life.isOver ? never<string>() : this.#do(life, name, input)));
      last = answer.catch(() => undefined);
      return answer;
    };
    const thread = { ready: Promise.resolve(''), ended: Promise.resolve(), call };
    return storeOn(thread, this.#folder, this.#opened.report);
  }

  rows(sql: string): readonly unknown[] {
    return this.#opened.db.prepare(sql).all();
  }

  remembered(): Remembered {
    return JSON.parse(this.#reads.remember()) as Remembered;
  }

  remove(): void {
    this.#opened.db.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #do(life: Life, name: string, input: string): string | Promise<string> {
    const args = JSON.parse(input) as readonly unknown[];
    if (name === 'close') return '';
    if (name === 'commit') return this.#commit(life, args[0] as Batch);
    const read = this.#reads[name as keyof Reads] as (...args: readonly unknown[]) => string;
    return read(...args);
  }

  #commit(life: Life, batch: Batch): string | Promise<string> {
    this.#parts.onCommit('before', batch);
    if (life.isOver) return never();
    const full: CommitAnswer = { type: 'full', why: 'no space left on device' };
    if (this.isFull) return JSON.stringify(full);
    const verdicts = this.#writer.write([batch]);
    const [verdict] = verdicts === 'locked' ? [] : verdicts;
    if (verdict?.type === 'refused') throw verdict.error;
    if (verdict?.type !== 'committed') throw new Error(JSON.stringify(verdict));
    this.#parts.onCommit('after', batch);
    return life.isOver ? never() : JSON.stringify(verdict);
  }
}
