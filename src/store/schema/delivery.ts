/** The part of schema 3 that delivery keeps: the outbox, its attempts, and what was told. */
export const deliverySchema = `
  -- doc is the message, which never changes. undo: what was told before, for one that is folded.
  CREATE TABLE outbox (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    key      TEXT NOT NULL UNIQUE,
    channel  TEXT NOT NULL,
    at       REAL NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'refused', 'folded')),
    next_at  REAL,
    ended_at REAL,
    undo     TEXT,
    doc      TEXT NOT NULL
  ) STRICT;
  CREATE INDEX outbox_waiting ON outbox (number) WHERE state = 'waiting';
  CREATE INDEX outbox_ended ON outbox (ended_at) WHERE state <> 'waiting';
  CREATE INDEX outbox_channel ON outbox (channel, number);

  CREATE TABLE outbox_alerts (
    alert_id TEXT NOT NULL,
    number   INTEGER NOT NULL REFERENCES outbox (number) ON DELETE CASCADE,
    PRIMARY KEY (alert_id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX outbox_alerts_number ON outbox_alerts (number);

  CREATE TABLE attempts (
    number  INTEGER NOT NULL REFERENCES outbox (number) ON DELETE CASCADE,
    at      REAL NOT NULL,
    took    REAL NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (number, at)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE channels (
    name TEXT PRIMARY KEY,
    doc  TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Not tied to the alerts: while the disk is full, what was told may be stored before they are.
  CREATE TABLE told (
    channel  TEXT NOT NULL,
    alert_id TEXT NOT NULL,
    doc      TEXT NOT NULL,
    PRIMARY KEY (channel, alert_id)
  ) STRICT, WITHOUT ROWID;
`;
