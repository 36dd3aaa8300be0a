/** The schema of history.db, step by step. Instants are whole milliseconds since the epoch. */
import type { Migration } from '../platform/sqlite/migrate.ts';

const first = `
  CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- A number of a resource. An id is never given twice: pieces of a forgotten series may remain.
  CREATE TABLE series (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT NOT NULL,
    attribute TEXT NOT NULL,
    resource  TEXT NOT NULL,
    last_at   INTEGER NOT NULL,
    UNIQUE (kind, attribute, resource)
  ) STRICT;

  -- Which series a tick holds, in rising order: 32 bits each. Most ticks share one.
  CREATE TABLE layouts (
    id  INTEGER PRIMARY KEY,
    ids BLOB NOT NULL
  ) STRICT;

  -- What was recorded and is not in chunks yet. avg: a double for each series of the layout.
  -- spread: of those whose min and max differ, place in the layout (32 bits), min, max.
  CREATE TABLE ticks (
    at     INTEGER PRIMARY KEY,
    layout INTEGER NOT NULL REFERENCES layouts (id),
    avg    BLOB NOT NULL,
    spread BLOB
  ) STRICT;

  -- key: tier, start and series in one number (tables/chunks.ts). All series of one time lie
  -- together: written together, read one at a time, deleted together. A table with a rowid,
  -- because others put all but a quarter of a page of a row elsewhere.
  CREATE TABLE chunks (
    key  INTEGER PRIMARY KEY,
    data BLOB NOT NULL
  ) STRICT;

  -- Days whose fine chunks changed since the coarser ones were made of them.
  CREATE TABLE due (
    day INTEGER PRIMARY KEY
  ) STRICT;
`;

export const migrations: readonly Migration[] = [{ version: 1, minCompat: 1, sql: first }];
