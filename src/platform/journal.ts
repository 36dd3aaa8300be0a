/** The door to the journal, through journalctl: records by message id, and the lines of one run. */
import type { EpochMs } from '../domain/time.ts';

export interface JournalRecord {
  readonly cursor: string;
  readonly at: EpochMs;
  readonly bootId: string;
  /** All fields that came as text; binary ones are left out. */
  readonly fields: Readonly<Record<string, string>>;
}

export type JournalAnswer =
  | { readonly type: 'records'; readonly records: readonly JournalRecord[] }
  /** journald cannot be read: not installed, no permission, gone. */
  | { readonly type: 'unreadable'; readonly why: string };

export interface JournalFollower {
  readonly records: AsyncIterable<JournalRecord>;
  /** Why following ended. */
  readonly ended: Promise<string>;
  stop(): void;
}

export interface Journal {
  /**
   * Records with one of the message ids after the cursor (or since the instant, or from the end
   * when both are undefined), oldest first, of this and earlier boots, at most `limit`.
   */
  read(query: {
    readonly messageIds: readonly string[];
    readonly afterCursor?: string;
    readonly since?: EpochMs;
    readonly limit: number;
  }): Promise<JournalAnswer>;
  /** Follows new records with one of the message ids from the cursor on (or from now). */
  follow(query: {
    readonly messageIds: readonly string[];
    readonly afterCursor?: string;
  }): JournalFollower;
  /** The last `limit` messages that one run of a unit wrote, oldest first. */
  lastLines(query: {
    readonly unit: string;
    readonly invocationId: string | null;
    readonly limit: number;
  }): Promise<JournalAnswer>;
}
