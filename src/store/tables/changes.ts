/**
 * The log of changes. A change holds the whole alert, but its evidence (the largest part, which
 * rarely changes) only where it is new: `evidence_seq` names the change that holds it. All changes
 * of an alert are deleted together, so that never points nowhere.
 */
import type { Change } from '../../domain/alert.ts';
import type { Db } from '../../platform/sqlite/connection.ts';

interface ChangeRow {
  readonly seq: number;
  readonly at: number;
  readonly reason: string;
  readonly by: string | null;
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
  comment: string | null,
  doc: string,
  evidence: string | null,
  evidenceSeq: number | null,
];

const selected = `SELECT c.seq, c.at, c.reason, c.by, c.comment, c.doc, e.evidence
  FROM changes c LEFT JOIN changes e ON e.seq = c.evidence_seq`;

/** The alert as JSON, put together as text: nothing is parsed and rendered again. */
export const alertJson = (doc: string, evidence: string | null): string =>
  `${doc.slice(0, -1)},"evidence":${evidence ?? '[]'}}`;

function changeJson({ doc, evidence, ...row }: ChangeRow): string {
  return `${JSON.stringify(row).slice(0, -1)},"alert":${alertJson(doc, evidence)}}`;
}

const listJson = (rows: readonly ChangeRow[]): string => `[${rows.map(changeJson).join(',')}]`;

export function changesTable(db: Db) {
  const insert = db.prepare<Inserted>(
    `INSERT INTO changes (seq, alert_id, at, reason, by, comment, doc, evidence, evidence_seq)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
      const { seq, at, reason, by, comment } = change;
      insert.run(seq, rest.id, at, reason, by, comment, JSON.stringify(rest), own, evidenceSeq);
      return evidenceSeq;
    },
    isStored: ({ seq, alert, at, reason }: Change): boolean =>
      same.get(seq, alert.id, at, reason) === 1,
    /** Changes as JSON, oldest first. */
    listOfAlert: (alertId: string): string => listJson(ofAlert.all(alertId)),
    listAbove: (seq: number, limit: number): string => listJson(above.all(seq, limit)),
  };
}
