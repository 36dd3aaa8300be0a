/** How much room a database takes, and giving back what it does not need. */
import type { Db } from './connection.ts';

const pagesPerStep = 500;

const number = (db: Db, pragma: string): number => Number(db.pragma(pragma, { simple: true }));

/** Bytes of the file that hold something. */
export const usedBytes = (db: Db): number =>
  (number(db, 'page_count') - number(db, 'freelist_count')) * number(db, 'page_size');

/** Gives free pages back to the disk; yields after each short transaction. */
export function* releasePages(db: Db): Generator<void> {
  for (let free = number(db, 'freelist_count'); free > 0; ) {
    db.pragma(`incremental_vacuum(${pagesPerStep})`);
    yield;
    const left = number(db, 'freelist_count');
    if (left >= free) break;
    free = left;
  }
}
