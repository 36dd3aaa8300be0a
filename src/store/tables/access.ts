/** Who may ask: tokens of programs, sessions of browsers. Of a secret only its SHA-256 is here. */
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';

/** A role that can be given away. */
export type GivenRole = 'viewer' | 'operator' | 'admin';

/** One of the at most two secrets of a token: while one is replaced, both are valid. */
export interface StoredSecret {
  /** In hex: 256 random bits need no slow hash. */
  readonly sha256: string;
  readonly createdAt: EpochMs;
  /** Null: it ends with the token. */
  readonly expiresAt: EpochMs | null;
}

export interface StoredToken {
  /** The middle part of `toc_ID_SECRET`. */
  readonly id: string;
  readonly name: string;
  readonly role: GivenRole;
  readonly createdAt: EpochMs;
  readonly createdBy: string;
  readonly expiresAt: EpochMs | null;
  /** To the minute, so that reading costs no write. */
  readonly lastUsedAt: EpochMs | null;
  /** Newest first. */
  readonly secrets: readonly StoredSecret[];
}

export interface StoredSession {
  readonly id: string;
  /** Of the cookie's secret, in hex. */
  readonly sha256: string;
  /** The token that it was opened with, and which of its secrets: it ends with both. */
  readonly token: string;
  readonly tokenSha256: string;
  readonly createdAt: EpochMs;
  /** To the minute. */
  readonly usedAt: EpochMs;
  readonly expiresAt: EpochMs;
}

export type AccessRow =
  | { readonly type: 'token'; readonly token: StoredToken }
  | { readonly type: 'session'; readonly session: StoredSession }
  | { readonly type: 'token-gone' | 'session-gone'; readonly id: string };

export interface StoredAccess {
  readonly tokens: readonly StoredToken[];
  readonly sessions: readonly StoredSession[];
}

export function accessTable(db: Db) {
  const upsertInto = (table: 'tokens' | 'sessions') =>
    db.prepare<[string, string]>(
      `INSERT INTO ${table} (id, doc) VALUES (?, ?)
       ON CONFLICT (id) DO UPDATE SET doc = excluded.doc`,
    );
  const removeFrom = (table: 'tokens' | 'sessions') =>
    db.prepare<[string]>(`DELETE FROM ${table} WHERE id = ?`);
  const allOf = (table: 'tokens' | 'sessions') =>
    db.prepare<[], string>(`SELECT doc FROM ${table} ORDER BY id`).pluck();
  const upsert = { token: upsertInto('tokens'), session: upsertInto('sessions') };
  const remove = { 'token-gone': removeFrom('tokens'), 'session-gone': removeFrom('sessions') };
  const all = { tokens: allOf('tokens'), sessions: allOf('sessions') };
  return {
    write(row: AccessRow): void {
      if (row.type === 'token') upsert.token.run(row.token.id, JSON.stringify(row.token));
      else if (row.type === 'session')
        upsert.session.run(row.session.id, JSON.stringify(row.session));
      else remove[row.type].run(row.id);
    },
    list: (): StoredAccess => ({
      tokens: all.tokens.all().map((doc) => JSON.parse(doc) as StoredToken),
      sessions: all.sessions.all().map((doc) => JSON.parse(doc) as StoredSession),
    }),
  };
}
