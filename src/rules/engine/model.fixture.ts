/**
 * For tests: what alerts one rule × resource should give, computed the slow and obvious way, in
 * whole minutes and with plain counters. Shares nothing with step.ts.
 */

export interface ModelRule {
  /** Fires above `over`; ends at or below `clear` (null: when not above `over`). Minutes. */
  readonly levels: readonly {
    readonly over: number;
    readonly clear: number | null;
    readonly for: number;
  }[];
  readonly keep: number;
  readonly latch: 'none' | 'operator' | 'success';
}

/** One minute: a number was read, it was unreadable, none could be read, gone, ended by hand. */
export type Minute = number | 'unreadable' | 'stale' | 'gone' | 'resolve';

/** `END MINUTE` for each end; the rest is what is shown after each minute. */
export interface ModelAnswer {
  readonly shown: readonly string[];
  readonly ends: readonly string[];
}

/** Minutes since each level became true, undefined where it is not; and which have begun. */
interface Memory {
  ages: (number | undefined)[];
  on: boolean[];
  keptFor: number | undefined;
  top: number;
  alert: 'none' | 'pending' | 'firing';
  stale: boolean;
  held: boolean;
  /** The last reading; undefined while there is none. */
  last: number | 'doubt' | undefined;
}

const empty = ({ levels }: ModelRule): Memory => ({
  ages: levels.map(() => undefined),
  on: levels.map(() => false),
  keptFor: undefined,
  top: -1,
  alert: 'none',
  stale: false,
  held: false,
  last: undefined,
});

function readNumber(rule: ModelRule, memory: Memory, x: number): string | undefined {
  const { on, ages } = memory;
  rule.levels.forEach((level, i) => {
    const isTrue = x > level.over;
    const isOver = !isTrue && (level.clear === null ? rule.latch !== 'success' : x <= level.clear);
    if (on[i]) {
      if (isOver && rule.latch !== 'operator') [on[i], ages[i]] = [false, undefined];
      return;
    }
    const isBack = ages[i] === undefined;
    if (!isTrue) ages[i] = undefined;
    else ages[i] ??= 0;
    const revived = memory.keptFor !== undefined && i <= memory.top && isBack;
    if (isTrue && (revived || (ages[i] ?? 0) >= level.for)) on[i] = true;
  });
  memory.stale = false;
  if (on.includes(true)) {
    [memory.alert, memory.top, memory.keptFor] = ['firing', on.lastIndexOf(true), undefined];
    return undefined;
  }
  if (memory.alert === 'firing') {
    memory.keptFor ??= 0;
    if (memory.keptFor < rule.keep) return undefined;
    Object.assign(memory, empty(rule), { last: x });
    if (rule.levels.some((level) => x > level.over)) readNumber(rule, memory, x);
    return 'recovered';
  }
  memory.top = ages.findLastIndex((age) => age !== undefined);
  const was = memory.alert;
  memory.alert = memory.top < 0 ? 'none' : 'pending';
  return was === 'pending' && memory.alert === 'none' ? 'dropped' : undefined;
}

function live(rule: ModelRule, memory: Memory, minute: Minute): string | undefined {
  const { alert } = memory;
  if (typeof minute === 'number') memory.last = minute;
  if (minute === 'gone') {
    memory.last = undefined;
    if (alert === 'firing' && rule.latch !== 'none') return undefined;
    Object.assign(memory, empty(rule));
    return alert === 'none' ? undefined : alert === 'firing' ? 'gone' : 'dropped';
  }
  if (minute === 'resolve') {
    if (alert === 'none') return undefined;
    const { last } = memory;
    const isTrue = typeof last === 'number' && rule.levels.some((level) => last > level.over);
    Object.assign(memory, empty(rule), { held: isTrue || last === 'doubt', last });
    return alert === 'firing' ? 'by hand' : 'dropped';
  }
  if (minute === 'unreadable' || minute === 'stale') {
    // What is gone cannot become stale.
    if (minute === 'stale' && memory.last === undefined) return undefined;
    memory.stale = alert !== 'none';
    memory.last = 'doubt';
    return undefined;
  }
  if (memory.held) {
    memory.held = rule.levels.some((level) => minute > level.over);
    return undefined;
  }
  return readNumber(rule, memory, minute);
}

export function modelAnswer(rule: ModelRule, minutes: readonly Minute[]): ModelAnswer {
  const memory = empty(rule);
  const ends: string[] = [];
  const shown = minutes.map((minute, at) => {
    memory.ages = memory.ages.map((age) => (age === undefined ? undefined : age + 1));
    if (memory.keptFor !== undefined) memory.keptFor++;
    const end = live(rule, memory, minute);
    if (end) ends.push(`${end} ${at}`);
    if (memory.alert === 'none') return '.';
    return `${memory.alert} ${memory.top}${memory.stale ? '?' : ''}`;
  });
  return { shown, ends };
}
