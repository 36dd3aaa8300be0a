/** Changing rules, as operations see it. */
import type { Complaint, RuleSummary } from '../domain/rule.ts';

export type RuleDefinition = Readonly<Record<string, unknown>>;

/** Who and how often a rule can be written differently from what is shipped. */
export interface RuleDelta {
  readonly id: string;
  /**
   * `added`: only the site has it. `changed`: some fields differ. `disabled`: that alone.
   * `removed`: shipped, and its file is masked or replaced by one without it.
   */
  readonly state: 'added' | 'changed' | 'disabled' | 'removed';
  /** Where the site wrote it. */
  readonly files: readonly string[];
  /** Fields that differ; null where one side has none. */
  readonly fields: readonly {
    readonly field: string;
    readonly shipped: unknown;
    readonly site: unknown;
  }[];
}

export type RuleChangeAnswer =
  | { readonly type: 'done'; readonly rule: RuleSummary | undefined; readonly file: string }
  | { readonly type: 'wrong'; readonly complaints: readonly Complaint[] }
  /** It is written where the API does not write, or its id is taken. */
  | { readonly type: 'conflict'; readonly why: string }
  | { readonly type: 'unstored'; readonly why: string };

/** One after the other; each resolves when the rule set with the change is in force. */
export interface RuleDesk {
  /** A new rule, in 90-api.yaml. */
  add(definition: RuleDefinition, by: string): Promise<RuleChangeAnswer>;
  /** The whole of a rule that the API wrote. */
  replace(id: string, definition: RuleDefinition, by: string): Promise<RuleChangeAnswer>;
  /** Single fields of any rule: of one that the API did not write, by a drop-in. null removes. */
  change(id: string, fields: RuleDefinition, by: string): Promise<RuleChangeAnswer>;
  /** A rule that the API wrote; of any other the drop-in that the API wrote. */
  remove(id: string, by: string): Promise<RuleChangeAnswer>;
  /** What the site changed against what is shipped, by id. */
  delta(): readonly RuleDelta[];
}
