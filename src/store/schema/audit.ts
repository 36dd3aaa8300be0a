/** Who did what. Rows are never changed; only the oldest are deleted, and meta keeps where. */
export const auditSchema = `
  CREATE TABLE audit (
    -- Without gaps: the newest one is in meta (audit_head), and so is the last one deleted.
    number    INTEGER PRIMARY KEY,
    at        REAL NOT NULL,
    by        TEXT NOT NULL,
    door      TEXT NOT NULL,
    client    TEXT,
    operation TEXT NOT NULL,
    subject   TEXT,
    input     TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    -- SHA-256 over the hash of the row before and this row, in hex.
    hash      TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END;
`;
