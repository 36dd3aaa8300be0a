/** A flag expression as the condition that the engine evaluates. */
import type { Ms } from '../../domain/time.ts';
import type { Condition, Verdict } from '../compiled.ts';
import { type Compiled, enter, makeFrame } from './evaluation.ts';

type Writable = { -readonly [K in keyof Verdict]: Verdict[K] };

export interface ConditionOptions {
  /** Between two evaluations of what can change at any time. */
  readonly every: Ms;
  /**
   * What it means that an attribute does not apply. A fault needs its facts, so `when` is false;
   * a fault whose facts do not apply any more has ended, so `clear` is true.
   */
  readonly inapplicable: 'true' | 'false';
}

export function makeCondition(compiled: Compiled, options: ConditionOptions): Condition {
  const frame = makeFrame(options.every);
  const { run } = compiled;
  return (scope) => {
    enter(frame, scope);
    const answer = run(frame);
    const verdict: Writable = { type: 'false' };
    if (answer === true) verdict.type = 'true';
    else if (answer === null) verdict.type = options.inapplicable;
    else if (answer === undefined) {
      verdict.type = 'unknown';
      verdict.why = frame.why ?? 'a fact is not known';
    }
    if (frame.value !== undefined) verdict.value = frame.value;
    if (frame.again !== Infinity) verdict.again = frame.again;
    return verdict;
  };
}
