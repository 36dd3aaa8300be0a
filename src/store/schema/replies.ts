/** Answers to requests that had an Idempotency-Key. */
export const repliesSchema = `
  CREATE TABLE replies (
    caller TEXT NOT NULL,
    key    TEXT NOT NULL,
    at     REAL NOT NULL,
    doc    TEXT NOT NULL,
    PRIMARY KEY (caller, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX replies_at ON replies (at);
`;
