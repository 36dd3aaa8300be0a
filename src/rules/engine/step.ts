/**
 * One step of one rule × resource: what its alert does, given what the levels' conditions say.
 * Pure: state, signs and time in; state and at most one move out. Everything about phases is
 * decided here and nowhere else.
 */
import type { EpochMs, Ms } from '../../domain/time.ts';

/**
 * What one level's conditions say together. `up`: `when` is true. `down`: the level has ended.
 * `between`: `when` is false and `clear` is not yet true (hysteresis). `unknown` holds.
 */
export type Sign = 'up' | 'between' | 'down' | 'unknown';

/** The parts of a rule that decide about phases. */
export interface StepRule {
  /** From the least to the most severe. */
  readonly levels: readonly { readonly for: Ms }[];
  readonly keepFiringFor: Ms;
  readonly latch: 'none' | 'operator' | 'success';
}

export interface LevelState {
  /** Since when `when` has been true without a gap; null when it is not. */
  readonly since: EpochMs | null;
  /** It was true for `for`, and has not ended since. */
  readonly on: boolean;
}

export interface StepState {
  /** `held`: resolved by hand while the condition was true; waits until it was false once. */
  readonly phase: 'pending' | 'firing' | 'held';
  /** The level that is shown: the highest that is on, else the highest that waits. */
  readonly level: number;
  readonly levels: readonly LevelState[];
  /** Since when it fires only because of `keepFiringFor`; null when it does not. */
  readonly keptSince: EpochMs | null;
  readonly stale: boolean;
}

export type Move = 'pending' | 'dropped' | 'raised' | 'severity' | 'stale' | 'fresh' | 'resolved';

export interface StepResult {
  /** undefined: nothing to remember, the condition is false. */
  readonly state: StepState | undefined;
  readonly move: Move | undefined;
  /** When the state can change although the signs stay; undefined when it cannot. */
  readonly due: EpochMs | undefined;
}

const idle: LevelState = { since: null, on: false };
const nothing: StepResult = { state: undefined, move: undefined, due: undefined };

/** Whether a level that has waited since `since` is ripe, or one kept since then is over. */
const isOver = (since: EpochMs, span: Ms, now: EpochMs): boolean => now >= since + span;

function stepLevel(
  rule: StepRule,
  before: LevelState,
  sign: Sign,
  { now, atOnce, span }: { now: EpochMs; atOnce: boolean; span: Ms },
): LevelState {
  if (before.on) return sign === 'down' && rule.latch !== 'operator' ? idle : before;
  if (sign === 'unknown') return before;
  if (sign !== 'up') return before.since === null ? before : idle;
  const since = before.since ?? now;
  const on = atOnce || isOver(since, span, now);
  return on || before.since === null ? { since, on } : before;
}

function highest(levels: readonly LevelState[], is: (level: LevelState) => boolean): number {
  for (let i = levels.length - 1; i >= 0; i--) {
    const level = levels[i];
    if (level && is(level)) return i;
  }
  return -1;
}

/** The earliest end of a wait; a level whose sign is unknown does not ripen, so it has none. */
function nextDue(
  rule: StepRule,
  state: StepState,
  signs: readonly Sign[],
  unknown: boolean,
): EpochMs | undefined {
  let due = Infinity;
  state.levels.forEach((level, i) => {
    if (level.on || level.since === null || signs[i] !== 'up') return;
    due = Math.min(due, level.since + (rule.levels[i]?.for ?? 0));
  });
  if (state.keptSince !== null && !unknown) {
    due = Math.min(due, state.keptSince + rule.keepFiringFor);
  }
  return due === Infinity ? undefined : due;
}

function moveOf(before: StepState | undefined, after: StepState): Move | undefined {
  if (before?.phase !== after.phase) return after.phase === 'firing' ? 'raised' : 'pending';
  if (before.level !== after.level) return 'severity';
  if (before.stale !== after.stale) return after.stale ? 'stale' : 'fresh';
  return undefined;
}

/** What the alert shows after the levels have moved; undefined when it ends. */
function settle(
  rule: StepRule,
  before: StepState | undefined,
  levels: readonly LevelState[],
  { now, stale }: { now: EpochMs; stale: boolean },
): StepState | undefined {
  const on = highest(levels, (level) => level.on);
  if (on >= 0) return { phase: 'firing', level: on, levels, keptSince: null, stale };
  if (before?.phase === 'firing') {
    const keptSince = before.keptSince ?? now;
    const over = isOver(keptSince, rule.keepFiringFor, now) && !stale;
    return over ? undefined : { ...before, levels, keptSince, stale };
  }
  const waiting = highest(levels, (level) => level.since !== null);
  if (waiting < 0) return undefined;
  return { phase: 'pending', level: waiting, levels, keptSince: null, stale };
}

/** Applies the signs, one for each level. */
export function step(
  rule: StepRule,
  before: StepState | undefined,
  signs: readonly Sign[],
  now: EpochMs,
): StepResult {
  const stale = signs.includes('unknown');
  if (before?.phase === 'held') {
    const stays = stale || signs.includes('up');
    return stays ? { state: before, move: undefined, due: undefined } : nothing;
  }
  if (before === undefined && !signs.includes('up')) return nothing;
  // A condition that comes back while keepFiringFor runs goes on with the same alert at once; one
  // that was true all along waits as before, so that asking twice at one instant changes nothing.
  const keptLevel = before?.keptSince == null ? -1 : before.level;
  const levels = rule.levels.map((level, i) =>
    stepLevel(rule, before?.levels[i] ?? idle, signs[i] ?? 'down', {
      now,
      atOnce: i <= keptLevel && (before?.levels[i]?.since ?? null) === null,
      span: level.for,
    }),
  );
  const state = settle(rule, before, levels, { now, stale });
  if (state === undefined) {
    if (before === undefined) return nothing;
    return { ...nothing, move: before.phase === 'firing' ? 'resolved' : 'dropped' };
  }
  return { state, move: moveOf(before, state), due: nextDue(rule, state, signs, stale) };
}

/** An event that asks for `level` happened: it fires at once, and never lowers the severity. */
export function stepEvent(
  rule: StepRule,
  before: StepState | undefined,
  level: number,
  now: EpochMs,
): StepResult {
  const firing = before?.phase === 'firing' ? before : undefined;
  const shown = Math.max(level, firing?.level ?? -1);
  const levels = rule.levels.map((_, i) => (i === shown ? { since: now, on: true } : idle));
  const keptSince = rule.keepFiringFor > 0 && rule.latch === 'none' ? now : null;
  const stale = firing?.stale ?? false;
  const state: StepState = { phase: 'firing', level: shown, levels, keptSince, stale };
  const due = keptSince === null ? undefined : keptSince + rule.keepFiringFor;
  const move = firing && firing.level === shown ? undefined : moveOf(firing, state);
  return { state, move, due };
}

/**
 * The alert of an event later: it ends when the level's `clear` has become true, or when
 * `keepFiringFor` after the last event is over.
 */
export function stepAfterEvent(
  rule: StepRule,
  before: StepState,
  sign: Sign,
  now: EpochMs,
): StepResult {
  const stale = sign === 'unknown';
  const { keptSince } = before;
  const over = keptSince !== null && isOver(keptSince, rule.keepFiringFor, now);
  if (over || (sign === 'down' && rule.latch !== 'operator')) {
    return { ...nothing, move: 'resolved' };
  }
  const state = before.stale === stale ? before : { ...before, stale };
  const due = keptSince === null ? undefined : keptSince + rule.keepFiringFor;
  return { state, move: moveOf(before, state), due };
}

/** The resource went away. A latched alert stays, and so does an event's alert for its time. */
export function stepGone(rule: StepRule, before: StepState, form: 'state' | 'event'): StepResult {
  if (before.phase === 'held') return nothing;
  if (before.phase === 'pending') return { ...nothing, move: 'dropped' };
  const lasting = form === 'event' && before.keptSince !== null;
  if (rule.latch === 'none' && !lasting) return { ...nothing, move: 'resolved' };
  const due =
    lasting && before.keptSince !== null ? before.keptSince + rule.keepFiringFor : undefined;
  return { state: before, move: undefined, due };
}

/** Waiting times go on as if the clock had not jumped by `delta`. */
export function shiftState(state: StepState, delta: Ms): StepState {
  const shift = (at: EpochMs | null): EpochMs | null => (at === null ? null : at + delta);
  const levels = state.levels.map(({ since, on }) => ({ since: shift(since), on }));
  return { ...state, levels, keptSince: shift(state.keptSince) };
}
