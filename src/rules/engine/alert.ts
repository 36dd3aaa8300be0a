/** Makes alerts out of rules and resources: identity, texts, evidence. */
import type { Alert, Evidence, Severity } from '../../domain/alert.ts';
import { type AttributeReading, isUnreadable, type Value } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import type { EpochMs } from '../../domain/time.ts';
import { labelFingerprint, ulidOf } from '../../domain/ulid.ts';
import type { CompiledRule, Scope } from '../compiled.ts';

/** Lines of the evidence that the engine gives by itself; further attributes are left out. */
const evidenceLinesMax = 32;

export type Texts = Pick<Alert, 'title' | 'message' | 'advice' | 'value'>;

export const textsOf = (rule: CompiledRule, scope: Scope, value: Value | undefined): Texts => ({
  title: rule.render('title', scope),
  message: rule.render('message', scope),
  advice: rule.render('advice', scope),
  value: value ?? null,
});

/** The value alone is no news: it would make a change of every reading. */
export const sameTexts = (a: Texts, b: Texts): boolean =>
  a.title === b.title && a.message === b.message && a.advice === b.advice;

export const severityOf = (rule: CompiledRule, level: number): Severity =>
  rule.levels[level]?.severity ?? 'warning';

/** Why a rule is evaluated, and when what it sees became so. */
export interface Occasion {
  readonly startsAt: EpochMs;
  /** It was so before tocsin could see it (see ADR 0005). */
  readonly late: boolean;
  readonly before?: Resource;
  readonly changed?: readonly string[];
}

function show(reading: AttributeReading | undefined): string {
  if (reading === undefined) return 'not read';
  if (isUnreadable(reading)) return `unreadable (${reading.unreadable})`;
  return reading === null ? 'none' : String(reading);
}

/** What the rule looks at, as it was at that moment, and what had just changed. */
export function evidenceOf(
  rule: CompiledRule,
  { attributes }: Resource,
  { before, changed = [] }: Occasion,
): readonly Evidence[] {
  const { reads } = rule;
  const news = reads ? changed.filter((name) => reads.has(name)) : changed;
  const others = reads ? [...reads].filter((name) => !news.includes(name)) : [];
  const lines = [
    ...news.map(
      (name) => `${name}: ${show(before?.attributes[name])} -> ${show(attributes[name])}`,
    ),
    ...others
      .filter((name) => name in attributes)
      .map((name) => `${name}: ${show(attributes[name])}`),
  ];
  if (lines.length === 0) return [];
  return [{ type: 'attributes', title: 'What was seen', lines: lines.slice(0, evidenceLinesMax) }];
}

/** The parts of an alert in which nothing has happened yet. */
export const blank = {
  stale: false,
  firingAt: null,
  resolvedAt: null,
  resolvedBy: null,
  stillTrue: false,
  acknowledged: false,
  acknowledgedBy: null,
  acknowledgedAt: null,
  acknowledgedUntil: null,
  acknowledgedUntilChange: false,
  comment: null,
  mutedBy: [],
  cause: null,
  alternatives: [],
  victims: [],
  evidence: [],
  seq: 0,
} satisfies Partial<Alert>;

/** A new occurrence, pending; `seq` is the number that its first change will have. */
export function newAlert(
  rule: CompiledRule,
  variable: string,
  scope: Scope,
  facts: {
    readonly level: number;
    readonly value: Value | undefined;
    readonly occasion: Occasion;
    readonly occurrence: number;
    readonly seq: number;
  },
): Alert {
  const { resource, now } = scope;
  const { occasion, occurrence } = facts;
  const labels = { [variable]: resource.id, ...rule.labels };
  // The number of the change, because one rule can be true, false and true in one millisecond.
  const name = [rule.id, resource.kind, resource.id, String(occurrence), String(facts.seq)];
  return {
    ...blank,
    ...textsOf(rule, scope, facts.value),
    id: ulidOf(now, name),
    rule: rule.id,
    origin: 'rule',
    fingerprint: labelFingerprint({ ...labels, alertname: rule.id }),
    severity: severityOf(rule, facts.level),
    source: rule.summary.source,
    phase: 'pending',
    resource: { kind: resource.kind, id: resource.id },
    labels,
    startsAt: Math.min(occasion.startsAt, now),
    detectedAt: now,
    foundLate: occasion.late,
    updatedAt: now,
    occurrence,
  };
}
