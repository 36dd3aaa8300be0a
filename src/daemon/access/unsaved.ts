/**
 * What is not stored as it is now, by name. Writings come one after another, each with what is so
 * at its moment, so that none overwrites a later one.
 */
import type { AccessRow, StoredSession, StoredToken } from '../../store/tables/access.ts';

export const tokenRow = (id: string, token: StoredToken | undefined): AccessRow =>
  token === undefined ? { type: 'token-gone', id } : { type: 'token', token };

export const sessionRow = (id: string, session: StoredSession | undefined): AccessRow =>
  session === undefined ? { type: 'session-gone', id } : { type: 'session', session };

export interface UnsavedParts {
  /** Null when it is durable; else why it is not. */
  readonly save: (rows: readonly AccessRow[]) => Promise<string | null>;
  readonly tokenRow: (id: string) => AccessRow;
  readonly sessionRow: (id: string) => AccessRow;
}

export class Unsaved {
  readonly #parts: UnsavedParts;
  readonly #tokens = new Set<string>();
  readonly #sessions = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: UnsavedParts) {
    this.#parts = parts;
  }

  addToken(id: string): void {
    this.#tokens.add(id);
  }

  addSession(id: string): void {
    this.#sessions.add(id);
  }

  /** Runs it when everything before is written. */
  inTurn<T>(call: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(call);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /**
   * In its turn: what a token is to become. Where that could not be written it may yet be, by a
   * disk that answers late: then what is so is written over it.
   */
  async put(token: StoredToken): Promise<string | null> {
    const why = await this.#parts.save([{ type: 'token', token }]);
    if (why !== null) this.#tokens.add(token.id);
    return why;
  }

  /** Why it could not be written; it is tried again with the next flush. */
  flush(): Promise<string | null> {
    const { save, tokenRow, sessionRow } = this.#parts;
    return this.inTurn(async () => {
      const tokens = [...this.#tokens];
      const sessions = [...this.#sessions];
      if (tokens.length + sessions.length === 0) return null;
      this.#tokens.clear();
      this.#sessions.clear();
      let isSaved = false;
      try {
        const why = await save([...tokens.map(tokenRow), ...sessions.map(sessionRow)]);
        isSaved = why === null;
        return why;
      } finally {
        if (!isSaved) {
          for (const id of tokens) this.#tokens.add(id);
          for (const id of sessions) this.#sessions.add(id);
        }
      }
    });
  }
}
