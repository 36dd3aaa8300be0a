/**
 * What runs when an expression is evaluated. A checked expression becomes closures over a frame:
 * no parsing, no lookup of names, no allocation per step.
 *
 * Answers: a value; `null`: known not to apply; `undefined`: unknown, because something it needs
 * is unreadable or was never read. Both spread through operators; `false && x` and `true || x`
 * are decided without x.
 */
import type { Attribute } from '../../domain/kind.ts';
import type { Past } from '../../domain/past.ts';
import type { Event, Value } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import type { EpochMs, Ms } from '../../domain/time.ts';
import type { Scope } from '../compiled.ts';

export type Answer = Value | null | undefined;

export interface Frame {
  resource: Resource;
  event: Event | undefined;
  past: Past;
  now: EpochMs;
  /** The first reason why something was unknown. */
  why: string | undefined;
  /** The first number or word that was compared. */
  value: Value | undefined;
  /** The earliest instant at which an answer can change by itself; Infinity: never. */
  again: EpochMs;
  /** Element of the list that exists() or all() looks at. */
  item: Answer;
  /** Between two evaluations of what changes at any time. */
  readonly every: Ms;
}

export type Run = (frame: Frame) => Answer;

export type ExpressionType = 'flag' | 'word' | 'number' | 'instant' | 'duration';

export interface Compiled {
  readonly type: ExpressionType;
  readonly run: Run;
  /** By how much it grows while time passes, per millisecond; `unclear` where that varies. */
  readonly slope: number | 'unclear';
  /** Its value, where nothing can change it. */
  readonly constant?: Value;
  /** The attribute that it is, where it is just that. */
  readonly attribute?: Attribute;
}

const nowhere: Resource = {
  kind: '',
  id: '',
  collector: '',
  attributes: {},
  changedAt: 0,
  readAt: 0,
  staleSince: null,
};

export const makeFrame = (every: Ms): Frame => ({
  resource: nowhere,
  event: undefined,
  past: () => [],
  now: 0,
  why: undefined,
  value: undefined,
  again: Infinity,
  item: undefined,
  every,
});

export function enter(frame: Frame, scope: Scope): void {
  frame.resource = scope.resource;
  frame.event = scope.event;
  frame.past = scope.past;
  frame.now = scope.now;
  frame.why = undefined;
  frame.value = undefined;
  frame.again = Infinity;
}

/** The answer may change by itself at `at`, or at the next whole millisecond if that is past. */
export function changesAt(frame: Frame, at: EpochMs): void {
  const later = at > frame.now ? at : Math.floor(frame.now) + 1;
  if (later < frame.again) frame.again = later;
}

export const changesAnyTime = (frame: Frame): void => changesAt(frame, frame.now + frame.every);

export const attributeOf =
  (name: string): Run =>
  (frame) => {
    const reading = frame.resource.attributes[name];
    if (typeof reading !== 'object' && reading !== undefined) return reading;
    if (reading === null) return null;
    frame.why ??=
      reading === undefined
        ? `${name} was not read yet`
        : `${name} is unreadable: ${reading.unreadable}`;
    return undefined;
  };

export const eventFactOf =
  (name: string): Run =>
  (frame) =>
    frame.event?.attributes[name] ?? null;

export const and =
  (left: Run, right: Run): Run =>
  (frame) => {
    const a = left(frame);
    if (a === false) return false;
    const b = right(frame);
    if (b === false) return false;
    if (a === null || b === null) return null;
    return a === undefined || b === undefined ? undefined : true;
  };

export const or =
  (left: Run, right: Run): Run =>
  (frame) => {
    const a = left(frame);
    if (a === true) return true;
    const b = right(frame);
    if (b === true) return true;
    if (a === undefined || b === undefined) return undefined;
    return a === null || b === null ? null : false;
  };

export const not =
  (run: Run): Run =>
  (frame) => {
    const a = run(frame);
    return typeof a === 'boolean' ? !a : a;
  };

export const either =
  (condition: Run, yes: Run, no: Run): Run =>
  (frame) => {
    const a = condition(frame);
    if (a === true) return yes(frame);
    return a === false ? no(frame) : a;
  };

/** `exists` (decided by the first true) or `all` (decided by the first false) over a list. */
export const overList =
  (items: readonly Run[], predicate: Run, decisive: boolean): Run =>
  (frame) => {
    let answer: Answer = !decisive;
    for (const item of items) {
      frame.item = item(frame);
      const a = predicate(frame);
      if (a === decisive) return decisive;
      if (a === undefined || (a === null && answer !== undefined)) answer = a;
    }
    return answer;
  };

/** Calls with the answers of both sides, unless one is null or unknown. */
export const both =
  <A extends Value, B extends Value>(left: Run, right: Run, call: (a: A, b: B) => Answer): Run =>
  (frame) => {
    const a = left(frame);
    if (a === undefined || a === null) return a;
    const b = right(frame);
    // The checker has made sure of the types.
    return b === undefined || b === null ? b : call(a as A, b as B);
  };

export const one =
  <A extends Value>(run: Run, call: (a: A, frame: Frame) => Answer): Run =>
  (frame) => {
    const a = run(frame);
    return a === undefined || a === null ? a : call(a as A, frame);
  };
