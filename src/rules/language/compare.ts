/** Comparisons: their answer, the value they show, and when time alone turns them over. */
import type { Value } from '../../domain/reading.ts';
import {
  type Answer,
  type Compiled,
  changesAnyTime,
  changesAt,
  type Frame,
  type Run,
} from './evaluation.ts';

export const comparisons = {
  '==': (a: Value, b: Value) => a === b,
  '!=': (a: Value, b: Value) => a !== b,
  '<': (a: Value, b: Value) => a < b,
  '<=': (a: Value, b: Value) => a <= b,
  '>': (a: Value, b: Value) => a > b,
  '>=': (a: Value, b: Value) => a >= b,
} as const;
export type Comparison = keyof typeof comparisons;

export const isComparison = (op: string): op is Comparison => Object.hasOwn(comparisons, op);

const shown = ({ type, constant }: Compiled): boolean =>
  constant === undefined && (type === 'number' || type === 'word');

/** Whether the answer turns at the instant at which both sides are equal, or just behind it. */
const turnsAtEquality = (op: Comparison, slope: number): boolean =>
  slope > 0 ? op === '>=' || op === '<' : op === '>' || op === '<=';

/** Two sides whose distance grows evenly are equal at one instant: there the answer turns. */
function turns(frame: Frame, op: Comparison, distance: number, slope: number): void {
  const equal = frame.now - distance / slope;
  const isEquality = op === '==' || op === '!=';
  if (equal > frame.now && (isEquality || turnsAtEquality(op, slope)))
    changesAt(frame, Math.ceil(equal));
  else if (equal >= frame.now && (isEquality || !turnsAtEquality(op, slope)))
    changesAt(frame, Math.floor(equal) + 1);
}

function withTime(run: Run, op: Comparison, left: Compiled, right: Compiled): Run {
  const { slope: a } = left;
  const { slope: b } = right;
  if (a === 'unclear' || b === 'unclear') {
    return (frame) => {
      changesAnyTime(frame);
      return run(frame);
    };
  }
  if (a === b) return run;
  return (frame) => {
    const l = left.run(frame);
    const r = right.run(frame);
    if (typeof l === 'number' && typeof r === 'number') turns(frame, op, l - r, a - b);
    return run(frame);
  };
}

export function compare(op: Comparison, left: Compiled, right: Compiled): Run {
  const test = comparisons[op];
  const l = left.run;
  const r = right.run;
  const showsLeft = shown(left);
  const showsRight = !showsLeft && shown(right);
  return withTime(
    (frame) => {
      const a = l(frame);
      if (a === undefined || a === null) return a;
      const b = r(frame);
      if (b === undefined || b === null) return b;
      if (showsLeft) frame.value ??= a;
      else if (showsRight) frame.value ??= b;
      return test(a, b);
    },
    op,
    left,
    right,
  );
}

/** `x in [a, b]`. */
export function isOneOf(x: Compiled, items: readonly Compiled[]): Run {
  const shows = shown(x);
  const run = x.run;
  const constants = items.map(({ constant }) => constant).filter((c) => c !== undefined);
  if (constants.length === items.length) {
    const set = new Set<Value>(constants);
    return (frame) => {
      const a = run(frame);
      if (a === undefined || a === null) return a;
      if (shows) frame.value ??= a;
      return set.has(a);
    };
  }
  return (frame) => {
    const a = run(frame);
    if (a === undefined || a === null) return a;
    if (shows) frame.value ??= a;
    let answer: Answer = false;
    for (const item of items) {
      const b = item.run(frame);
      if (b === a) return true;
      if (b === undefined || (b === null && answer !== undefined)) answer = b;
    }
    return answer;
  };
}
