/** The state of an alert whose rule was written anew: the new conditions decide if it stays. */
import { rankOf } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { CompiledRule } from '../compiled.ts';
import type { Cell } from './cells.ts';
import type { Sign, StepState } from './step.ts';

/**
 * undefined: the alert ends. A pending one waits from now on. A firing one stays the same alert
 * (the operator who corrects a text is not told anew), with levels as severe as it was before.
 */
export function renewState(
  rule: CompiledRule,
  cell: Cell,
  signs: readonly Sign[],
  now: EpochMs,
): StepState | undefined {
  const { alert, state } = cell;
  if (alert === undefined) return state;
  const idle = rule.levels.map(() => ({ since: null, on: false }));
  const blank = { levels: idle, keptSince: null, stale: alert.stale };
  if (alert.phase === 'pending') {
    if (!signs.includes('up')) return undefined;
    const levels = signs.map((sign) => ({ since: sign === 'up' ? now : null, on: false }));
    return { ...blank, phase: 'pending', level: signs.lastIndexOf('up'), levels };
  }
  const known = rankOf(alert.severity);
  const isOn = (i: number): boolean =>
    signs[i] === 'up' && rankOf(rule.levels[i]?.severity ?? 'info') <= known;
  const highest = signs.findLastIndex((_, i) => isOn(i));
  const level = highest >= 0 ? highest : signs.indexOf('up');
  const latched = rule.latch !== 'none';
  if (level < 0 && !latched) return undefined;
  const shown = Math.max(level, 0);
  const levels = signs.map((_, i) => ({ since: now, on: isOn(i) || i === shown }));
  return {
    ...blank,
    phase: 'firing',
    level: shown,
    levels: levels.map((state) => (state.on ? state : { since: null, on: false })),
  };
}
