/**
 * A checked rule, ready to be evaluated: what `compile` makes of a rule file and what the engine
 * works with. Functions here are pure; they never throw.
 */
import type { Severity } from '../domain/alert.ts';
import type { Past } from '../domain/past.ts';
import type { Event, Value } from '../domain/reading.ts';
import type { Resource } from '../domain/resource.ts';
import type { RuleSummary } from '../domain/rule.ts';
import type { EpochMs, Ms } from '../domain/time.ts';
import type { RuleFile } from './files/files.ts';

/** What an expression can see. */
export interface Scope {
  readonly resource: Resource;
  readonly event?: Event;
  readonly past: Past;
  readonly now: EpochMs;
}

/**
 * The answer of a condition. `unknown`: it depends on an attribute that is unreadable or was never
 * read, so the phase is held. A condition over an attribute that is null is false.
 */
export interface Verdict {
  readonly type: 'true' | 'false' | 'unknown';
  /** Why it is unknown. */
  readonly why?: string;
  /** The first number or word that the condition compares: shown as the alert's value. */
  readonly value?: Value;
  /** The answer can change at this instant although nothing is read (ages, windows, now). */
  readonly again?: EpochMs;
}

export type Condition = (scope: Scope) => Verdict;

export interface CompiledLevel {
  readonly severity: Severity;
  readonly when: Condition;
  /** When the level ends; left out: when `when` is false. Hysteresis lies between the two. */
  readonly clear?: Condition;
  readonly for: Ms;
}

export interface Inhibitor {
  /** Id of the rule whose firing alert mutes this one. */
  readonly rule: string;
  /** Id of the resource that alert must concern; undefined: the same resource as this one. */
  readonly resource?: (scope: Scope) => string | undefined;
}

export interface CompiledRule {
  readonly summary: RuleSummary;
  readonly id: string;
  readonly kind: string;
  /** Name of the event for event rules: the alert is raised by the event, not by a state. */
  readonly on?: string;
  /** From the least to the most severe; a rule with one condition has one. */
  readonly levels: readonly CompiledLevel[];
  readonly keepFiringFor: Ms;
  /**
   * `operator`: ends only by hand. `success`: ends when `clear` becomes true (a later success of
   * the same thing), not when `when` becomes false or the resource goes away.
   */
  readonly latch: 'none' | 'operator' | 'success';
  readonly inhibitedBy: readonly Inhibitor[];
  readonly labels: Readonly<Record<string, string>>;
  /** Its alerts are announced at each change, however often that is. */
  readonly flapping?: false;
  /** For conditions whose next change cannot be computed: evaluated again this often. */
  readonly every: Ms;
  /**
   * Attributes that conditions, texts and inhibitors look at: a change of others evaluates
   * nothing. Left out when that is not known: every change evaluates.
   */
  readonly reads?: ReadonlySet<string>;
  render(text: 'title' | 'message' | 'advice', scope: Scope): string;
}

export interface CompiledRules {
  /** Enabled rules in order of file name, then position. */
  readonly rules: readonly CompiledRule[];
  /** All rules, disabled ones too. */
  readonly summaries: readonly RuleSummary[];
  /** The texts they were made of, for whoever must make them again. */
  readonly files?: readonly RuleFile[];
}

/** Digest of every rule by its id: what is stored, so that the next start knows what changed. */
export const digestsOf = ({ summaries }: CompiledRules): Readonly<Record<string, string>> =>
  Object.fromEntries(summaries.map(({ id, digest }) => [id, digest]));
