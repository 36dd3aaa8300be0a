/** What the other parts need to know of a rule; how one is written and compiled is `rules/`. */
import type { AlertSource, Severity } from './alert.ts';

/** A rule as the API and the CLI show it. */
export interface RuleSummary {
  readonly id: string;
  readonly kind: string;
  /** `condition`, `levels` or `event`. */
  readonly form: 'condition' | 'levels' | 'event';
  readonly source: AlertSource;
  readonly severities: readonly Severity[];
  readonly title: string;
  readonly enabled: boolean;
  /** Where it is written, and by which drop-ins it was changed. */
  readonly file: string;
  readonly line: number;
  readonly dropIns: readonly string[];
  /** Digest of its content: an unchanged rule keeps its state over a reload. */
  readonly digest: string;
  /** The rule as data, after drop-ins. */
  readonly definition: Readonly<Record<string, unknown>>;
}

/** What stands where the id of a rule would, in paths of the API: no rule is called so. */
export const pathsNotRules: readonly string[] = ['backtest', 'delta', 'validate'];

/** A complaint about a text that people write (rules, settings), at the place where it is wrong. */
export interface Complaint {
  readonly file: string;
  /** From 1; 0 where the file as a whole is meant. */
  readonly line: number;
  readonly column: number;
  /** `error` refuses the file; `warning` is reported. */
  readonly level: 'error' | 'warning';
  /** What is wrong and what to write instead. */
  readonly message: string;
}

/** `rules.yaml:12:9: error: …` */
export const renderComplaint = (c: Complaint): string =>
  `${c.file}:${c.line}:${c.column}: ${c.level}: ${c.message}`;
