/** Tokens, and sessions of browsers. Secrets are kept as SHA-256 only, in hex. */
export const accessSchema = `
  CREATE TABLE tokens (
    id  TEXT PRIMARY KEY,
    doc TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sessions (
    id  TEXT PRIMARY KEY,
    doc TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
