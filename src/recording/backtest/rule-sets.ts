/** The two sets of rules that a backtest compares: those in force, and the same with candidates. */
import type { Complaint } from '../../domain/rule.ts';
import type { CompiledRule, CompiledRules } from '../../rules/compiled.ts';
import type { RuleFile } from '../../rules/files/files.ts';
import { loadRules } from '../../rules/files/load.ts';
import type { BacktestQuestion } from './question.ts';

export interface RuleSets {
  /** Ids that the answer speaks of. */
  readonly ids: readonly string[];
  readonly candidate: CompiledRules;
  readonly inForce: CompiledRules;
}

/** The rules with these ids, and whatever mutes them. */
function closureOf(rules: readonly CompiledRule[], ids: ReadonlySet<string>): CompiledRule[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const wanted = new Set<string>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (wanted.has(id)) continue;
    wanted.add(id);
    for (const { rule } of byId.get(id)?.inhibitedBy ?? []) open.push(rule);
  }
  return rules.filter(({ id }) => wanted.has(id));
}

const setOf = (rules: readonly CompiledRule[]): CompiledRules => ({
  rules: rules.filter(({ summary }) => summary.enabled),
  summaries: rules.map(({ summary }) => summary),
});

/** Named so that it stands before all others: where an id is there twice, the candidate counts. */
const firstName = '\u0000';

function withCandidates({ files, kinds, text, name }: BacktestQuestion) {
  const candidate: RuleFile = {
    folder: Number.MAX_SAFE_INTEGER,
    path: name,
    name: firstName,
    text: text ?? '',
  };
  const { compiled, complaints } = loadRules([candidate, ...files], kinds);
  const isOurs = (one: Complaint): boolean => one.file === name && one.level === 'error';
  return { compiled, complaints: complaints.filter(isOurs) };
}

export function ruleSetsOf(question: BacktestQuestion): RuleSets | readonly Complaint[] {
  const { files, kinds, name, text, whole } = question;
  const present = loadRules(files, kinds).compiled;
  if (text === undefined) {
    const ids = present.map(({ id }) => id);
    return { ids, candidate: setOf(present), inForce: setOf(present) };
  }
  const { compiled, complaints } = withCandidates(question);
  if (complaints.length > 0) return complaints;
  const ids = compiled.filter(({ summary }) => summary.file === name).map(({ id }) => id);
  const pick = (rules: readonly CompiledRule[]): CompiledRules =>
    setOf(whole ? rules : closureOf(rules, new Set(ids)));
  return { ids, candidate: pick(compiled), inForce: pick(present) };
}
