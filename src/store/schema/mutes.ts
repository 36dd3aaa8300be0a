/** Silences and maintenance windows, a document each: few, and searched for in memory alone. */
export const mutesSchema = `
  CREATE TABLE mutes (
    id   TEXT PRIMARY KEY,
    type TEXT NOT NULL CHECK (type IN ('silence', 'window')),
    doc  TEXT NOT NULL
  ) STRICT;
`;
