/** One SQLite connection, set up the way every connection of ours must be. */
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { type Ms, seconds } from '../../domain/time.ts';

/** Set by tools/build.ts: in the bundle the addon lies beside the code. */
declare const TOCSIN_BUNDLE: boolean | undefined;
const bundled = typeof TOCSIN_BUNDLE !== 'undefined';

export type Db = Database.Database;

/** How long a statement blocks its thread while another program holds the lock. */
const busyTimeout: Ms = seconds(0.25);
/** A reset WAL is cut to this length. */
const walBytesMax = 8 * 1024 * 1024;

export const isSqliteError = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Database.SqliteError;

function openFile(path: string, readonly: boolean): Db {
  const options = { readonly, timeout: busyTimeout };
  if (!bundled) return new Database(path, options);
  const nativeBinding = fileURLToPath(new URL('./better_sqlite3.node', import.meta.url));
  return new Database(path, { ...options, nativeBinding });
}

/** Closes the connection again when `prepare` throws. */
export function connect(
  path: string,
  options: { readonly readonly: boolean; readonly prepare?: (db: Db) => void },
): Db {
  const db = openFile(path, options.readonly);
  try {
    options.prepare?.(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

export interface WriterTuning {
  /** FULL: a commit that was answered survives a power loss. NORMAL: the last ones may not. */
  readonly synchronous: 'FULL' | 'NORMAL';
  readonly cacheKib: number;
  /** Of a new file; SQLite's own 4 KiB where nothing is said. */
  readonly pageBytes?: number;
}

/**
 * The pragmas of the one connection that writes. better-sqlite3 is compiled with
 * SQLITE_DEFAULT_WAL_SYNCHRONOUS=1, which may roll back commits after a power loss: how safe it
 * is to be is said by hand. page_size and auto_vacuum count only in a file that is still empty.
 */
export function prepareWriter(db: Db, tuning: WriterTuning): void {
  const { synchronous, cacheKib, pageBytes } = tuning;
  if (pageBytes !== undefined) db.pragma(`page_size = ${pageBytes}`);
  db.pragma('auto_vacuum = INCREMENTAL');
  const mode = db.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal')
    throw new Error(`the database refuses write-ahead logging: mode is ${String(mode)}`);
  db.pragma(`synchronous = ${synchronous}`);
  db.pragma('foreign_keys = ON');
  db.pragma('temp_store = MEMORY');
  db.pragma(`cache_size = -${cacheKib}`);
  db.pragma(`journal_size_limit = ${walBytesMax}`);
}
