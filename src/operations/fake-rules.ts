/** A desk for rules that keeps definitions in memory and checks nothing but ids. */
import type { RuleSummary } from '../domain/rule.ts';
import type { RuleChangeAnswer, RuleDefinition, RuleDelta, RuleDesk } from './house-rules.ts';

export class FakeRuleDesk implements RuleDesk {
  readonly #rules: RuleSummary[];
  /** What is answered instead, for tests of refusals. */
  answer: RuleChangeAnswer | undefined;
  deltas: readonly RuleDelta[] = [];
  readonly asked: unknown[] = [];

  constructor(rules: RuleSummary[]) {
    this.#rules = rules;
  }

  async add(definition: RuleDefinition, by: string): Promise<RuleChangeAnswer> {
    this.asked.push(['add', definition, by]);
    return this.#done(String(definition.id), definition);
  }

  async replace(id: string, definition: RuleDefinition, by: string): Promise<RuleChangeAnswer> {
    this.asked.push(['replace', id, definition, by]);
    return this.#done(id, definition);
  }

  async change(id: string, fields: RuleDefinition, by: string): Promise<RuleChangeAnswer> {
    this.asked.push(['change', id, fields, by]);
    return this.#done(id, fields);
  }

  async remove(id: string, by: string): Promise<RuleChangeAnswer> {
    this.asked.push(['remove', id, by]);
    return this.answer ?? { type: 'done', rule: undefined, file: '90-api.yaml' };
  }

  delta(): readonly RuleDelta[] {
    return this.deltas;
  }

  #done(id: string, definition: RuleDefinition): RuleChangeAnswer {
    if (this.answer !== undefined) return this.answer;
    const place = this.#rules.findIndex((rule) => rule.id === id);
    const [before] = this.#rules.slice(Math.max(place, 0));
    if (before === undefined) return { type: 'done', rule: undefined, file: '90-api.yaml' };
    const digest = `${before.digest}+`;
    const enabled = definition.enabled !== false;
    const rule: RuleSummary = { ...before, id, digest, enabled, definition };
    if (place < 0) this.#rules.push(rule);
    else this.#rules[place] = rule;
    return { type: 'done', rule, file: '90-api.yaml' };
  }
}
