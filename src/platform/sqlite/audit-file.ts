/**
 * The audit in a database file, checked without the store: by a thread of its own while tocsind
 * runs, and by the CLI on a copy of the file.
 */
import {
  type AuditVerdict,
  type ChainEnds,
  chainStart,
  checkChain,
  type Link,
  readLink,
  type StoredRow,
} from '../../domain/audit.ts';
import { connect, type Db, isSqliteError } from './connection.ts';

/** Names in meta of the last deleted row and of the newest row. */
export const chainKeys = { anchor: 'audit_anchor', head: 'audit_head' } as const;

/**
 * As bytes: decoding would take what is no UTF-8 for the sign U+FFFD, and that for equal. Only of
 * texts: the same bytes as a BLOB are not what was written, and no search for the text finds them.
 */
const bytesOf = (column: string): string =>
  `iif(typeof(${column}) = 'text', CAST(${column} AS BLOB), NULL) AS ${column}`;
const texts = ['by', 'door', 'client', 'operation', 'subject', 'input', 'outcome', 'hash'] as const;
const rowsSql = `SELECT number, at, ${texts.map(bytesOf).join(', ')}
  FROM audit NOT INDEXED ORDER BY number`;

/** Undefined where what stands there is no link; the start of the chain where nothing does. */
export function readChainEnds(db: Db): ChainEnds {
  const find = db
    .prepare<[string], string | number>('SELECT value FROM meta WHERE key = ?')
    .pluck();
  const read = (key: string): Link | undefined => {
    const value = find.get(key);
    return value === undefined ? chainStart : readLink(String(value));
  };
  return { anchor: read(chainKeys.anchor), head: read(chainKeys.head) };
}

/** One state of the file, whatever is written meanwhile. */
export function verifyAudit(db: Db): AuditVerdict {
  let seen = 0;
  function* rows(): Generator<StoredRow> {
    for (const row of db.prepare<[], StoredRow>(rowsSql).iterate()) {
      seen = row.number;
      yield row;
    }
  }
  try {
    return db.transaction(() => checkChain(rows(), readChainEnds(db)))();
  } catch (error) {
    if (!isSqliteError(error) || !error.code.startsWith('SQLITE_CORRUPT')) throw error;
    return { type: 'broken', number: seen + 1, why: `the file is damaged: ${error.message}` };
  }
}

/** Reads the file and writes nothing to it. Throws the error of SQLite when it cannot be read. */
export function verifyAuditFile(path: string): AuditVerdict {
  const db = connect(path, { readonly: true });
  try {
    return verifyAudit(db);
  } finally {
    db.close();
  }
}
