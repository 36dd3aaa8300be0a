/** What the doctor's checks find. */

export const verdicts = ['ok', 'problem', 'unknown', 'not-applicable'] as const;
export type Verdict = (typeof verdicts)[number];

export interface Finding {
  readonly verdict: Verdict;
  /** What is so, in one line. */
  readonly what: string;
  /** Of a problem: what comes of it. */
  readonly why?: string;
  /** Of a problem: the command that mends it, or what to do where no command can. */
  readonly mend?: string;
  /** What others said of it, such as the last lines of a log. */
  readonly lines?: readonly string[];
}

/** Something that may be well or not, and that we may not or cannot look at. */
export class Unseen extends Error {
  override readonly name = 'Unseen';
}

export const ok = (what: string): Finding => ({ verdict: 'ok', what });
export const unknown = (what: string): Finding => ({ verdict: 'unknown', what });
export const notApplicable = (what: string): Finding => ({ verdict: 'not-applicable', what });
export const problem = (
  what: string,
  why: string,
  mend: string,
  lines: readonly string[] = [],
): Finding => ({ verdict: 'problem', what, why, mend, ...(lines.length > 0 && { lines }) });

/** The problems, or where there is none that all is well. */
export const orOk = (findings: readonly Finding[], what: string): readonly Finding[] =>
  findings.length > 0 ? findings : [ok(what)];

/** A mend where the package's own files are missing or were changed. */
export const reinstall = 'apt-get install --reinstall tocsin';
