/**
 * The log of changes. A change holds the whole alert, but its evidence (the largest part, which
 * rarely changes) only where it is new: `evidence_seq` names the change that holds it. All changes
 * of an alert are deleted together, so that never points nowhere.
 */
import type { Change } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';

interface ChangeRow {
  readonly seq: number;
  readonly at: number;
  readonly reason: string;
  readonly by: string | null;
  readonly door: string | null;
  readonly comment: string | null;
  readonly doc: string;
  readonly evidence: string | null;
}

type Inserted = [
  seq: number,
  alertId: string,
  at: number,
  reason: string,
  by: string | null,
  door: string | null,
  comment: string | null,
  doc: string,
  evidence: string | null,
  evidenceSeq: number | null,
];

const selected = `SELECT c.seq, c.at, c.reason, c.by, c.door, c.comment, c.doc, e.evidence
  FROM changes c LEFT JOIN changes e ON e.seq = c.evidence_seq`;

/** The newest changes among which those of state are looked for. */
const turnsAmong = 10_000;
/**
 * When alerts of rules began, ended or changed their severity, as flap detection counts it
 * (rules/engine/flaps.ts): not by hand or with their rule, and not while something else mutes them.
 */
const selectedTurns = `SELECT c.at, a.rule || ' ' || a.kind || ' ' || a.resource_id
  FROM (SELECT seq, at, reason, alert_id, doc FROM changes ORDER BY seq DESC LIMIT ${turnsAmong}) c
  JOIN alerts a ON a.id = c.alert_id JOIN changes l ON l.seq = a.seq
  WHERE c.at > ? AND c.reason IN ('raised', 'severity', 'resolved') AND a.rule <> 'flapping'
    AND c.doc ->> '$.origin' = 'rule'
    AND (c.reason <> 'resolved' OR c.doc ->> '$.resolvedBy' NOT GLOB 'operator:*'
      AND c.doc ->> '$.resolvedBy' <> 'rule-removed')
    AND NOT EXISTS (SELECT 1 FROM json_each(l.doc, '$.mutedBy') m
      WHERE NOT EXISTS (SELECT 1 FROM alerts f WHERE f.id = m.value AND f.rule = 'flapping'))
  ORDER BY c.seq`;

/** The alert as JSON, put together as text: nothing is parsed and rendered again. */
export const alertJson = (doc: string, evidence: string | null): string =>
  `${doc.slice(0, -1)},"evidence":${evidence ?? '[]'}}`;

function changeJson({ doc, evidence, ...row }: ChangeRow): string {
  return `${JSON.stringify(row).slice(0, -1)},"alert":${alertJson(doc, evidence)}}`;
}

const listJson = (rows: readonly ChangeRow[]): string => `[${rows.map(changeJson).join(',')}]`;

export function changesTable(db: Db) {
  const insert = db.prepare<Inserted>(
    `INSERT INTO changes (seq, alert_id, at, reason, by, door, comment, doc, evidence, evidence_seq)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const evidence = db
    .prepare<[number], string | null>('SELECT evidence FROM changes WHERE seq = ?')
    .pluck();
  const same = db
    .prepare<[number, string, number, string], number>(
      'SELECT 1 FROM changes WHERE seq = ? AND alert_id = ? AND at = ? AND reason = ?',
    )
    .pluck();
  const ofAlert = db.prepare<[string], ChangeRow>(
    `${selected} WHERE c.alert_id = ? ORDER BY c.seq`,
  );
  const turns = db.prepare<[EpochMs], [EpochMs, string]>(selectedTurns).raw();
  const above = db.prepare<[number, number], ChangeRow>(
    `${selected} WHERE c.seq > ? ORDER BY c.seq LIMIT ?`,
  );
  return {
    /** Returns the number of the change that holds its evidence; null when there is none. */
    insert(change: Change, evidenceSeqBefore: number | null): number | null {
      const { evidence: facts, ...rest } = change.alert;
      const text = facts.length === 0 ? null : JSON.stringify(facts);
      const known =
        text !== null && evidenceSeqBefore !== null && evidence.get(evidenceSeqBefore) === text;
      const own = known ? null : text;
      const evidenceSeq = known ? evidenceSeqBefore : text === null ? null : change.seq;
      const { seq, at, reason, by, door, comment } = change;
      insert.run(
        seq,
        rest.id,
        at,
        reason,
        by,
        door,
        comment,
        JSON.stringify(rest),
        own,
        evidenceSeq,
      );
      return evidenceSeq;
    },
    isStored: ({ seq, alert, at, reason }: Change): boolean =>
      same.get(seq, alert.id, at, reason) === 1,
    /** Changes as JSON, oldest first. */
    listOfAlert: (alertId: string): string => listJson(ofAlert.all(alertId)),
    /** `RULE KIND ID` -> when its alerts have changed their state after `since`, oldest first. */
    listTurns(since: EpochMs): Record<string, EpochMs[]> {
      const found = Map.groupBy(turns.all(since), ([, key]) => key);
      return Object.fromEntries([...found].map(([key, rows]) => [key, rows.map(([at]) => at)]));
    },
    listAbove: (seq: number, limit: number): string => listJson(above.all(seq, limit)),
  };
}
