/** The changes of one call, numbered without gaps. */
import type { Alert, Change, ChangeReason } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';

/** Who did it, and what they said. Nobody: a rule did. */
export interface Author {
  readonly by: string | null;
  readonly comment: string | null;
}

const nobody: Author = { by: null, comment: null };

export class ChangeLog {
  #lastSeq: number;
  #changes: Change[] = [];

  constructor(lastSeq: number) {
    this.#lastSeq = lastSeq;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Records the alert as it is after the step, and returns it with its number. */
  add(alert: Alert, reason: ChangeReason, now: EpochMs, { by, comment } = nobody): Alert {
    const seq = ++this.#lastSeq;
    const numbered: Alert = { ...alert, updatedAt: now, seq };
    this.#changes.push({ seq, at: now, reason, by, comment, alert: numbered });
    return numbered;
  }

  /** The changes since the last call. */
  take(): readonly Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }
}
