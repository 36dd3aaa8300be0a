/**
 * The schema of tocsin.db, step by step. Instants are REAL: EpochMs may have a fraction. Documents
 * are JSON.
 */
import type { Migration } from '../../platform/sqlite/migrate.ts';
import { accessSchema } from './access.ts';
import { alertFieldsSchema } from './alert-fields.ts';
import { auditSchema } from './audit.ts';
import { deliverySchema } from './delivery.ts';
import { mutesSchema } from './mutes.ts';
import { repliesSchema } from './replies.ts';

const first = `
  CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- The latest state of each alert, as far as it is searched for. The alert itself is the
  -- document of its latest change (seq); its evidence is stored with the change that brought it.
  CREATE TABLE alerts (
    id           TEXT PRIMARY KEY,
    rule         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    resource_id  TEXT NOT NULL,
    severity     TEXT NOT NULL,
    source       TEXT NOT NULL,
    phase        TEXT NOT NULL CHECK (phase IN ('pending', 'firing', 'resolved')),
    acknowledged INTEGER NOT NULL,
    starts_at    REAL NOT NULL,
    firing_at    REAL,
    ended_at     REAL,
    seq          INTEGER NOT NULL,
    evidence_seq INTEGER,
    words        TEXT NOT NULL
  ) STRICT;
  CREATE INDEX alerts_open ON alerts (phase) WHERE phase <> 'resolved';
  CREATE INDEX alerts_ended ON alerts (ended_at) WHERE phase = 'resolved';
  CREATE INDEX alerts_resolved ON alerts (starts_at, id)
    WHERE phase = 'resolved' AND firing_at IS NOT NULL;
  CREATE INDEX alerts_resource ON alerts (kind, resource_id, starts_at, id)
    WHERE phase = 'resolved' AND firing_at IS NOT NULL;

  CREATE TABLE changes (
    seq          INTEGER PRIMARY KEY,
    alert_id     TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE
                 DEFERRABLE INITIALLY DEFERRED,
    at           REAL NOT NULL,
    reason       TEXT NOT NULL,
    by           TEXT,
    comment      TEXT,
    doc          TEXT NOT NULL,
    evidence     TEXT,
    evidence_seq INTEGER
  ) STRICT;
  CREATE INDEX changes_alert ON changes (alert_id);

  -- AUTOINCREMENT: a number is never given twice, even when all events were deleted.
  CREATE TABLE events (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    id          TEXT NOT NULL,
    event       TEXT NOT NULL,
    key         TEXT NOT NULL,
    at          REAL NOT NULL,
    detected_at REAL NOT NULL,
    found_by    TEXT NOT NULL,
    attributes  TEXT NOT NULL,
    UNIQUE (kind, id, event, key)
  ) STRICT;
  CREATE INDEX events_resource ON events (kind, id);

  CREATE TABLE cursors (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE blind (
    source TEXT NOT NULL,
    since  REAL NOT NULL,
    until  REAL,
    why    TEXT NOT NULL,
    PRIMARY KEY (source, since)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE digests (
    rule   TEXT PRIMARY KEY,
    digest TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE expiries (
    name TEXT PRIMARY KEY,
    at   REAL NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Not derived from alerts: the count outlives the retention of the alerts it counts.
  CREATE TABLE occurrences (
    key   TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    at    REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

// A program that knows schema 1 alone passes the table over.
const withTasks = `
  -- Runs that programs reported. doc is the run; the rest is what is searched for.
  CREATE TABLE tasks (
    id          TEXT PRIMARY KEY,
    job         TEXT NOT NULL,
    key         TEXT,
    state       TEXT NOT NULL,
    started_at  REAL,
    ended_at    REAL,
    -- The beginning of the run, or its first report: what its place among the runs goes by.
    order_at    REAL NOT NULL,
    reported_at REAL NOT NULL,
    doc         TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX tasks_key ON tasks (job, key) WHERE key IS NOT NULL;
  CREATE INDEX tasks_job ON tasks (job, order_at, id);
`;

/** Schema 3, one text for each part of the house that keeps something more. */
const third: readonly string[] = [alertFieldsSchema, repliesSchema, mutesSchema, deliverySchema];

/** Schema 4: who may ask, and what they did. */
const fourth: readonly string[] = [accessSchema, auditSchema];

export const migrations: readonly Migration[] = [
  { version: 1, minCompat: 1, sql: first },
  { version: 2, minCompat: 1, sql: withTasks },
  { version: 3, minCompat: 1, sql: third.join('\n') },
  { version: 4, minCompat: 1, sql: fourth.join('\n') },
];
