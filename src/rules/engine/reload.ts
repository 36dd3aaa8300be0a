/** Puts another rule set in force: unchanged rules (by digest) keep their cells. */
import type { EpochMs } from '../../domain/time.ts';
import type { CompiledRule } from '../compiled.ts';
import { type Cell, inOrder, type RuleEntry } from './cells.ts';
import type { Evaluator } from './evaluate.ts';
import type { EngineParts } from './moves.ts';

export const enterRule = (rule: CompiledRule, cells = new Map<string, Cell>()): RuleEntry => ({
  rule,
  form: rule.on === undefined ? 'state' : 'event',
  cells,
});

/** Only what a rule is about decides whether its alerts can go on under its new content. */
const isAboutTheSame = (a: RuleEntry, b: RuleEntry): boolean =>
  a.rule.kind === b.rule.kind && a.form === b.form && a.rule.on === b.rule.on;

function carryOver(known: RuleEntry, rule: CompiledRule): RuleEntry {
  const entry = enterRule(rule, known.cells);
  const isSame = known.rule.summary.digest === rule.summary.digest;
  for (const cell of entry.cells.values()) {
    cell.entry = entry;
    cell.anew ||= !isSame;
  }
  return entry;
}

/** Ends the alerts of rules that are no more; returns the rules that must be evaluated. */
export function replaceRules(
  parts: EngineParts,
  evaluator: Evaluator,
  rules: readonly CompiledRule[],
  now: EpochMs,
): ReadonlySet<RuleEntry> {
  const removed = new Map(parts.roster.byId);
  const anew = new Set<RuleEntry>();
  const entries = rules.map((rule) => {
    const known = removed.get(rule.id);
    const entry = enterRule(rule);
    if (known === undefined || !isAboutTheSame(known, entry)) {
      anew.add(entry);
      return entry;
    }
    removed.delete(rule.id);
    const carried = carryOver(known, rule);
    if (known.rule.summary.digest !== rule.summary.digest) anew.add(carried);
    return carried;
  });
  for (const { cells } of removed.values()) {
    for (const cell of inOrder(cells)) evaluator.end(cell, 'rule-removed', now);
  }
  parts.roster.replace(entries);
  return anew;
}
