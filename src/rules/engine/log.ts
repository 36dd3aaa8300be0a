/** The changes of one call, numbered without gaps. */
import type { Alert, Change, ChangeReason } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';

/** Who did it, and what they said. Nobody: a rule did. */
export interface Author {
  readonly by: string | null;
  readonly door?: string | null | undefined;
  readonly comment: string | null;
}

const nobody: Author = { by: null, comment: null };

export class ChangeLog {
  #lastSeq: number;
  #changes: Change[] = [];
  #follow: (change: Change) => void = () => {};

  constructor(lastSeq: number) {
    this.#lastSeq = lastSeq;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Shows each change to whoever must know of every one, however it came about. */
  follow(take: (change: Change) => void): void {
    this.#follow = take;
  }

  /** Records the alert as it is after the step, and returns it with its number. */
  add(alert: Alert, reason: ChangeReason, now: EpochMs, author = nobody): Alert {
    const seq = ++this.#lastSeq;
    const numbered: Alert = { ...alert, updatedAt: now, seq };
    const { by, comment, door = null } = author;
    const change = { seq, at: now, reason, by, door, comment, alert: numbered };
    this.#changes.push(change);
    this.#follow(change);
    return numbered;
  }

  /** The changes since the last call. */
  take(): readonly Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }
}
