/**
 * The writing side of the worker: takes what waits into one transaction, and decides what to do
 * when the world is against it (lock, full disk, broken disk, file gone).
 */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type EpochMs, type Ms, seconds } from '../domain/time.ts';
import { classifyFailure } from '../platform/sqlite/failure.ts';
import { bringBack, isMoved } from '../platform/sqlite/moved.ts';
import type { Ballast } from './ballast.ts';
import { writeGroup } from './commit.ts';
import type { OpenedDatabase } from './open.ts';
import { giveUpEvents } from './retention.ts';
import type { Batch, CommitAnswer } from './store.ts';
import type { Tables } from './tables/tables.ts';

/** What became of one batch; `refused` is an error of the program. */
export type Verdict = CommitAnswer | { readonly type: 'refused'; readonly error: unknown };
/** Of a group, in its order. `locked`: nothing happened, to be tried again soon. */
type Verdicts = readonly Verdict[] | 'locked';

/** A lock of another program that lasts longer is told as `full`: trying again later helps. */
const lockPatience: Ms = seconds(5);

/** Checkpoints keep it below 8 MiB, unless somebody else reads an old state for long. */
const logBytesMax = 64 * 1024 * 1024;

const same = (batches: readonly Batch[], verdict: Verdict): Verdicts => batches.map(() => verdict);

interface Needs {
  readonly path: string;
  readonly opened: OpenedDatabase;
  readonly tables: Tables;
  readonly ballast: Ballast;
  /** What people must know while all is well; null where there is nothing. */
  readonly standing?: string | null;
  readonly now: () => EpochMs;
  readonly monotonic: () => Ms;
  readonly onCondition: (text: string | null) => void;
}

export class Writer {
  readonly #needs: Needs;
  readonly #folder: string;
  #broken: string | null = null;
  #lockedSince: Ms | undefined;
  #condition: string | null = null;

  constructor(needs: Needs) {
    this.#needs = needs;
    this.#folder = dirname(needs.path);
    this.#replenish();
  }

  /** Why nothing can be written any more; null while all is well. */
  get broken(): string | null {
    return this.#broken;
  }

  write(batches: readonly Batch[]): Verdicts {
    const { path, opened } = this.#needs;
    if (this.#broken !== null) return same(batches, { type: 'broken', why: this.#broken });
    // A file that is gone is written first, so that bringing it back brings these back, too.
    const moved = isMoved(path, opened.inodes);
    const verdicts = this.#attempt(batches, 'first');
    if (!moved || verdicts === 'locked') return verdicts;
    const why = this.inspect() ?? 'gone';
    return verdicts.map((verdict) =>
      verdict.type === 'refused' ? verdict : { type: 'broken', why },
    );
  }

  /** Looks whether the path still names our file; brings the data back when it does not. */
  inspect(): string | null {
    const { path, opened, now } = this.#needs;
    if (this.#broken !== null || !isMoved(path, opened.inodes)) return this.#broken;
    try {
      this.#broken = bringBack(opened.db, path, opened.inodes, now());
    } catch (error) {
      this.#broken = `${path} is gone and its data could not be saved: ${String(error)}`;
    }
    return this.#broken;
  }

  #attempt(batches: readonly Batch[], attempt: 'first' | 'second'): Verdicts {
    const { opened, tables } = this.#needs;
    const isWorldly = (error: unknown): boolean =>
      classifyFailure(error, this.#folder).type !== 'bug';
    try {
      const written = writeGroup(opened.db, tables, batches, isWorldly);
      this.#lockedSince = undefined;
      this.#replenish();
      return written;
    } catch (error) {
      return this.#whenFailed(batches, error, attempt);
    }
  }

  #whenFailed(batches: readonly Batch[], error: unknown, attempt: 'first' | 'second'): Verdicts {
    const failure = classifyFailure(error, this.#folder);
    switch (failure.type) {
      case 'bug':
        return same(batches, { type: 'refused', error: failure.error });
      case 'broken':
        this.#broken = failure.why;
        return same(batches, failure);
      case 'busy':
        return this.#whenLocked(batches, failure.why);
      case 'full':
        break;
    }
    this.#tell(`no room to write ${this.#needs.path}: ${failure.why}`);
    if (attempt === 'second') return same(batches, failure);
    this.#makeRoom();
    return this.#attempt(batches, 'second');
  }

  #whenLocked(batches: readonly Batch[], why: string): Verdicts {
    const now = this.#needs.monotonic();
    this.#lockedSince ??= now;
    if (now - this.#lockedSince < lockPatience) return 'locked';
    this.#tell(`another program holds the lock of ${this.#needs.path}`);
    return same(batches, { type: 'full', why: `locked by another program: ${why}` });
  }

  #makeRoom(): void {
    const { opened, tables, ballast } = this.#needs;
    ballast.release();
    try {
      giveUpEvents(opened.db, tables);
    } catch {
      // Not even that: the second attempt says what is the matter.
    }
  }

  /** The reserve is there again and the log is short, or people are told that it is not so. */
  #replenish(): void {
    const log = statSync(`${this.#needs.path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    const mib = Math.round(log / 1024 / 1024);
    if (log > logBytesMax)
      this.#tell(
        `another program reads ${this.#needs.path}: its log cannot be cut, and has ${mib} MiB`,
      );
    else if (this.#needs.ballast.restore()) this.#tell(this.#needs.standing ?? null);
    else this.#tell(`little room in ${this.#folder}: none for the reserve file`);
  }

  #tell(condition: string | null): void {
    if (condition !== this.#condition) this.#needs.onCondition(condition);
    this.#condition = condition;
  }
}
