/**
 * What alerts say more since schema 3. Documents of before are completed here, so that nobody who
 * reads one has to ask how old it is. What a document says already stays as it is.
 */
const completed = `json_insert(doc,
    '$.origin', iif(json_extract(doc, '$.rule') = 'raised-by-hand', 'hand', 'rule'),
    '$.stillTrue', json('false'),
    '$.acknowledgedUntil', NULL,
    '$.acknowledgedUntilChange', json('false'),
    '$.alternatives', json('[]'))`;

export const alertFieldsSchema = `
  -- 1: resolved by hand, and its condition is true all the same.
  ALTER TABLE alerts ADD COLUMN still_true INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX alerts_still_true ON alerts (id) WHERE still_true = 1;

  UPDATE changes SET doc = ${completed};

  -- A program of before may open this file (minCompat), and writes documents of before. Looked for
  -- as text, which costs a tenth of reading JSON: a quote within a text has a backslash before it.
  CREATE TRIGGER changes_complete AFTER INSERT ON changes
    WHEN instr(NEW.doc, '"acknowledgedUntilChange":') = 0
  BEGIN
    UPDATE changes SET doc = ${completed} WHERE seq = NEW.seq;
  END;

  -- Through which door who did it came.
  ALTER TABLE changes ADD COLUMN door TEXT;

  -- Before, only an instant of the engine said that one is still true: the latest one is meant.
  CREATE TEMP TABLE held AS
    SELECT a.id, max(a.seq) AS seq, e.name FROM alerts a JOIN expiries e
      ON e.name = 'held ' || a.rule || ' ' || a.kind || ' ' || a.resource_id
    WHERE a.phase = 'resolved' GROUP BY e.name;
  UPDATE alerts SET still_true = 1 WHERE id IN (SELECT id FROM held);
  UPDATE changes SET doc = json_set(doc, '$.stillTrue', json('true'))
    WHERE seq IN (SELECT seq FROM held);
  DELETE FROM expiries WHERE name IN (SELECT name FROM held);
  DROP TABLE held;
`;
