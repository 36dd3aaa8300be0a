/** The latest state of each alert, as far as it is searched for; see schema/migrations.ts. */
import type { Alert } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { Db } from '../../platform/sqlite/connection.ts';
import type { AlertQuery } from '../store.ts';
import { alertJson } from './changes.ts';

interface DocRow {
  readonly doc: string;
  readonly evidence: string | null;
}

const joined = `FROM alerts a JOIN changes c ON c.seq = a.seq
  LEFT JOIN changes e ON e.seq = a.evidence_seq`;
const selected = `SELECT c.doc, e.evidence ${joined}`;

/** Words are searched without regard to case, by the rules of JavaScript in both places. */
const wordsOf = (text: string): string => text.toLowerCase();

const listJson = (rows: readonly DocRow[]): string =>
  `[${rows.map(({ doc, evidence }) => alertJson(doc, evidence)).join(',')}]`;

const isOneOf = (column: string, name: string): string =>
  `${column} IN (SELECT value FROM json_each(:${name}))`;

/** The query in SQL. An alert that was dropped while pending never fired: it is in no list. */
function selectResolved(query: AlertQuery): string {
  const filters = [
    `a.phase = 'resolved' AND a.firing_at IS NOT NULL`,
    query.severity === undefined ? '' : isOneOf('a.severity', 'severity'),
    query.source === undefined ? '' : isOneOf('a.source', 'source'),
    query.rule === undefined ? '' : isOneOf('a.rule', 'rule'),
    query.resourceKind === undefined ? '' : 'a.kind = :resourceKind',
    query.resourceId === undefined ? '' : 'a.resource_id = :resourceId',
    query.acknowledged === undefined ? '' : 'a.acknowledged = :acknowledged',
    query.since === undefined ? '' : 'a.starts_at >= :since',
    query.until === undefined ? '' : 'a.starts_at <= :until',
    query.after === undefined ? '' : '(a.starts_at, a.id) < (:afterAt, :afterId)',
    // instr, not LIKE: nothing in a word has to be escaped.
    query.q === undefined
      ? ''
      : 'NOT EXISTS (SELECT 1 FROM json_each(:words) w WHERE instr(a.words, w.value) = 0)',
  ].filter((filter) => filter !== '');
  return `${selected} WHERE ${filters.join(' AND ')}
    ORDER BY a.starts_at DESC, a.id DESC LIMIT :limit`;
}

function bindings(query: AlertQuery): Record<string, string | number | null> {
  const words = wordsOf(query.q ?? '').split(/\s+/u);
  return {
    severity: JSON.stringify(query.severity ?? []),
    source: JSON.stringify(query.source ?? []),
    rule: JSON.stringify(query.rule ?? []),
    resourceKind: query.resourceKind ?? null,
    resourceId: query.resourceId ?? null,
    acknowledged: query.acknowledged === true ? 1 : 0,
    since: query.since ?? null,
    until: query.until ?? null,
    afterAt: query.after?.startsAt ?? null,
    afterId: query.after?.id ?? null,
    words: JSON.stringify(words.filter((word) => word !== '')),
    limit: query.limit,
  };
}

const upsertSql = `INSERT INTO alerts (id, rule, kind, resource_id, severity, source, phase,
    acknowledged, starts_at, firing_at, ended_at, seq, evidence_seq, words,
    still_true)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET rule = excluded.rule, kind = excluded.kind,
    resource_id = excluded.resource_id, severity = excluded.severity, source = excluded.source,
    phase = excluded.phase, acknowledged = excluded.acknowledged, starts_at = excluded.starts_at,
    firing_at = excluded.firing_at, ended_at = excluded.ended_at, seq = excluded.seq,
    evidence_seq = excluded.evidence_seq, words = excluded.words,
    still_true = excluded.still_true`;

const rowOf = (alert: Alert, evidenceSeq: number | null): readonly (string | number | null)[] => [
  alert.id,
  alert.rule,
  alert.resource.kind,
  alert.resource.id,
  alert.severity,
  alert.source,
  alert.phase,
  alert.acknowledged ? 1 : 0,
  alert.startsAt,
  alert.firingAt,
  alert.phase === 'resolved' ? (alert.resolvedAt ?? alert.updatedAt) : null,
  alert.seq,
  evidenceSeq,
  wordsOf(`${alert.title}\n${alert.message}`),
  alert.stillTrue ? 1 : 0,
];

export function alertsTable(db: Db) {
  const upsert = db.prepare<(string | number | null)[]>(upsertSql);
  const evidenceSeq = db
    .prepare<[string], number | null>('SELECT evidence_seq FROM alerts WHERE id = ?')
    .pluck();
  const open = db.prepare<[], DocRow>(
    `${selected} WHERE a.phase <> 'resolved' OR a.still_true = 1 ORDER BY a.id`,
  );
  const one = db.prepare<[string], DocRow>(`${selected} WHERE a.id = ?`);
  const ended = db.prepare<[EpochMs, number], { readonly id: string; readonly newest: number }>(
    `SELECT id, seq AS newest FROM alerts
     WHERE phase = 'resolved' AND still_true = 0 AND ended_at < ?
     ORDER BY ended_at LIMIT ?`,
  );
  const firstEnd = db
    .prepare<[], EpochMs | null>(
      `SELECT min(ended_at) FROM alerts WHERE phase = 'resolved' AND still_true = 0`,
    )
    .pluck();
  const remove = db.prepare<[string]>('DELETE FROM alerts WHERE id = ?');
  return {
    /** Number of the change that holds its evidence; null when there is none yet. */
    findEvidenceSeq: (id: string): number | null => evidenceSeq.get(id) ?? null,
    upsert: (alert: Alert, evidenceSeq: number | null): void =>
      void upsert.run(...rowOf(alert, evidenceSeq)),
    /** Alerts as JSON: those that go on, and those resolved by hand that are still true. */
    listOpen: (): string => listJson(open.all()),
    listResolved: (query: AlertQuery): string =>
      listJson(db.prepare<[object], DocRow>(selectResolved(query)).all(bindings(query))),
    find(id: string): string | undefined {
      const row = one.get(id);
      return row === undefined ? undefined : alertJson(row.doc, row.evidence);
    },
    /** Resolved ones that ended before `at` for good, oldest first, with their latest change. */
    listEndedBefore: (at: EpochMs, limit: number) => ended.all(at, limit),
    oldestEndedAt: (): EpochMs | undefined => firstEnd.get() ?? undefined,
    /** Its changes go with it. */
    delete: (id: string): void => void remove.run(id),
  };
}
