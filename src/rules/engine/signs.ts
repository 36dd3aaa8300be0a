/** Asks a rule's conditions and puts their answers together as signs for `step`. */
import type { Value } from '../../domain/reading.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { CompiledLevel, CompiledRule, Scope, Verdict } from '../compiled.ts';
import type { Sign, StepState } from './step.ts';

export interface Signs {
  readonly signs: readonly Sign[];
  /** When an answer can change although nothing is read; Infinity when never. */
  readonly again: EpochMs;
  /** What the highest level that is true compares. */
  readonly value: Value | undefined;
}

/** The answer for rules that are false now and have nothing that could make them true later. */
export const quiet = 'quiet';

function signOf(
  rule: CompiledRule,
  level: CompiledLevel,
  when: Verdict,
  on: boolean,
  clear: () => Verdict | undefined,
): Sign {
  if (when.type === 'true') return 'up';
  if (!on) return when.type === 'unknown' ? 'unknown' : 'down';
  if (level.clear === undefined) {
    if (when.type === 'unknown') return 'unknown';
    return rule.latch === 'success' ? 'between' : 'down';
  }
  const cleared = clear()?.type;
  if (cleared === 'true') return 'down';
  return cleared === 'unknown' || when.type === 'unknown' ? 'unknown' : 'between';
}

/** One sign for each level. `clear` is asked only of a level that is on. */
export function signsOf(
  rule: CompiledRule,
  state: StepState | undefined,
  scope: Scope,
): Signs | typeof quiet {
  let again = Infinity;
  const ask = (verdict: Verdict): Verdict => {
    if (verdict.again !== undefined && verdict.again < again) again = verdict.again;
    return verdict;
  };
  if (state === undefined && rule.levels.length === 1) {
    // Nearly all evaluations end here.
    const verdict = rule.levels[0]?.when(scope);
    if (verdict && verdict.type !== 'true' && verdict.again === undefined) return quiet;
    if (verdict === undefined) return quiet;
    const sign = verdict.type === 'true' ? 'up' : 'down';
    return { signs: [sign], again: verdict.again ?? Infinity, value: verdict.value };
  }
  let value: Value | undefined;
  const signs = rule.levels.map((level, i) => {
    const when = ask(level.when(scope));
    if (when.type === 'true' && when.value !== undefined) value = when.value;
    const on = state?.levels[i]?.on ?? false;
    return signOf(rule, level, when, on, () => level.clear && ask(level.clear(scope)));
  });
  return { signs, again, value };
}

/** The sign for the alert of an event: only the `clear` of its level is asked. */
export function signAfterEvent(rule: CompiledRule, state: StepState, scope: Scope): Signs {
  const clear = rule.levels[state.level]?.clear;
  if (clear === undefined) return { signs: ['between'], again: Infinity, value: undefined };
  if (scope.resource.staleSince !== null) {
    return { signs: ['unknown'], again: Infinity, value: undefined };
  }
  const { type, again } = clear(scope);
  const sign = type === 'true' ? 'down' : type === 'unknown' ? 'unknown' : 'between';
  return { signs: [sign], again: again ?? Infinity, value: undefined };
}
