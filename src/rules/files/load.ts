/**
 * Rule files -> a rule set. All or nothing: with one error there is no set, and the one before
 * stays in force.
 */
import type { Kind } from '../../domain/kind.ts';
import { didYouMean } from '../../domain/nearest.ts';
import type { Complaint } from '../../domain/rule.ts';
import type { CompiledRule, CompiledRules } from '../compiled.ts';
import { type Vocabulary, vocabularyOf } from '../language/vocabulary.ts';
import type { WrittenTests } from '../trial/test-file.ts';
import { type CompiledDraft, compileRule, type Words } from './compile.ts';
import { readDrafts } from './drafts.ts';
import type { RuleFile } from './files.ts';
import { type Complain, complaintsInto } from './tree.ts';

export interface LoadedRules {
  /** undefined with at least one error among the complaints. */
  readonly rules: CompiledRules | undefined;
  readonly complaints: readonly Complaint[];
  /** Every rule that compiled, disabled ones too. */
  readonly compiled: readonly CompiledRule[];
  readonly tests: readonly WrittenTests[];
}

/** More are cut: a file full of errors needs no more to be mended. */
const complaintsMax = 200;

const byPlace = (a: Complaint, b: Complaint): number =>
  a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1;

function wordsOf(kinds: readonly Kind[]): Words {
  const made = new Map<string, Vocabulary>();
  return {
    kinds: new Map(kinds.map((kind) => [kind.name, kind])),
    vocabulary: (kind, event) => {
      const key = `${kind.name} ${event ?? ''}`;
      const vocabulary =
        made.get(key) ?? vocabularyOf(kind, event === undefined ? undefined : kind.events[event]);
      made.set(key, vocabulary);
      return vocabulary;
    },
  };
}

/** Rules that mute one another on the same resource would leave nobody to tell. */
function complainOfCircles(compiled: readonly CompiledDraft[], complain: Complain): void {
  const by = new Map(compiled.map(({ rule, inhibitors }) => [rule.id, inhibitors]));
  for (const { rule, inhibitors } of compiled) {
    for (const first of inhibitors) {
      if (!first.sameResource) continue;
      const seen = new Set<string>();
      const open = [first.rule];
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        if (id === rule.id) {
          complain(first.tree, `"${rule.id}" would be muted by itself: inhibitors go in a circle`);
          break;
        }
        if (seen.has(id)) continue;
        seen.add(id);
        for (const next of by.get(id) ?? []) if (next.sameResource) open.push(next.rule);
      }
    }
  }
}

function checkInhibitors(compiled: readonly CompiledDraft[], complain: Complain): void {
  const enabled = new Map(compiled.map(({ rule }) => [rule.id, rule.summary.enabled]));
  for (const { inhibitors } of compiled) {
    for (const { rule, tree } of inhibitors) {
      const known = enabled.get(rule);
      if (known === undefined)
        complain(tree, `there is no rule "${rule}"${didYouMean(rule, enabled.keys())}`);
      else if (!known)
        complain(tree, `rule "${rule}" is disabled: it inhibits nothing`, { level: 'warning' });
    }
  }
  complainOfCircles(compiled, complain);
}

export function loadRules(files: readonly RuleFile[], kinds: readonly Kind[]): LoadedRules {
  const complaints: Complaint[] = [];
  const complain = complaintsInto(complaints);
  const words = wordsOf(kinds);
  const { drafts, fileTests } = readDrafts(files, complaints);
  const compiled = drafts.flatMap((draft) => compileRule(draft, words, complain) ?? []);
  // A rule that did not compile may well be the one an inhibitor names.
  if (compiled.length === drafts.length) checkInhibitors(compiled, complain);
  const isGood = complaints.every(({ level }) => level !== 'error');
  const rules = compiled.map(({ rule }) => rule);
  const set: CompiledRules = {
    rules: rules.filter(({ summary }) => summary.enabled),
    summaries: rules.map(({ summary }) => summary),
    files,
  };
  const ruleTests = compiled.map(({ rule, tests }): WrittenTests => {
    const { id, kind, summary } = rule;
    return { file: summary.file, tests, rules: [id], kind };
  });
  const ofFiles = fileTests.map((written): WrittenTests => {
    const named = rules.filter(({ id }) => written.rules.includes(id)).map(({ kind }) => kind);
    const [kind] = named;
    const isOne = kind !== undefined && named.every((other) => other === kind);
    return isOne ? { ...written, kind } : written;
  });
  return {
    rules: isGood ? set : undefined,
    complaints: complaints.sort(byPlace).slice(0, complaintsMax),
    compiled: rules,
    tests: [...ruleTests, ...ofFiles].filter(({ tests }) => tests.length > 0),
  };
}
