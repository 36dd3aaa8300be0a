/** What is in a database that a daemon left behind: read from a copy, so that nothing of it is touched. */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

export interface StoredChange {
  readonly seq: number;
  readonly alertId: string;
  readonly reason: string;
}

export interface Inspected {
  /** What `PRAGMA integrity_check` says; `ok` is well. */
  readonly integrity: string;
  /** Rows that point to nothing. */
  readonly danglingRows: number;
  readonly changes: readonly StoredChange[];
}

const changesSql = 'SELECT seq, alert_id AS alertId, reason FROM changes ORDER BY seq';

/** Reads `tocsin.db` and its write-ahead log in this folder, which no daemon may have open. */
export function inspectDatabase(stateDir: string): Inspected {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-inspect-'));
  try {
    for (const name of ['tocsin.db', 'tocsin.db-wal']) {
      const source = join(stateDir, name);
      if (existsSync(source)) cpSync(source, join(folder, name));
    }
    const db = new Database(join(folder, 'tocsin.db'));
    try {
      return {
        integrity: String(db.pragma('integrity_check', { simple: true })),
        danglingRows: (db.pragma('foreign_key_check') as readonly unknown[]).length,
        changes: db.prepare<[], StoredChange>(changesSql).all(),
      };
    } finally {
      db.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
