/**
 * One program for one database. A lock of the kernel on a file beside it: it ends with the process,
 * however that ends, and needs neither a pid nor a clock. SQLite's own locks let two programs write
 * in turn, and each would number its changes as if it were alone.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { connect, type Db } from './connection.ts';
import { StateInUse } from './errors.ts';
import { classifyFailure } from './failure.ts';

/** Let go by closing it. */
export type Claim = Pick<Db, 'close'>;

/**
 * Throws StateInUse when another process, or another thread of this one, has the database. On a
 * disk that takes no file, or has no locks, there is no claim: a start must not need one.
 */
export function claimDatabase(path: string): Claim | null {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    return connect(`${path}.lock`, {
      readonly: false,
      // Nothing is ever written: it needs no journal, and none shall lie about.
      prepare: (db) => void db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE'),
    });
  } catch (error) {
    if (classifyFailure(error, dirname(path)).type !== 'busy') return null;
    throw new StateInUse(`${path}: another tocsind works with this database`);
  }
}
