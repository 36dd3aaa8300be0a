/** What each function of an expression does. Its arguments have been checked. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { RE2JS } from 're2js';
import { parseDuration, seconds } from '../../domain/time.ts';
import {
  type Answer,
  both,
  type Compiled,
  changesAnyTime,
  changesAt,
  type Frame,
  one,
  type Run,
} from './evaluation.ts';
import type { Method, PlainFunction, WindowFunction } from './functions.ts';
import { Refusal } from './names.ts';
import { renderBytes, renderPercent, renderValue } from './render.ts';
import { overWindow } from './window.ts';

/** Longer patterns are a mistake; RE2 itself bounds what repetitions expand to. */
const patternLengthMax = 500;

export interface Call {
  readonly name: string;
  readonly node: ASTNode;
  /** Nodes and what they became, receiver first where there is one. */
  readonly args: readonly { readonly node: ASTNode; readonly compiled: Compiled }[];
}

function argument(
  call: Call,
  index: number,
): { readonly node: ASTNode; readonly compiled: Compiled } {
  const found = call.args[index];
  // The checker has counted the arguments.
  if (found === undefined) throw new Refusal(`${call.name}() needs more`, call.node.start);
  return found;
}

function literalText(call: Call, index: number, what: string): string {
  const { node, compiled } = argument(call, index);
  if (typeof compiled.constant === 'string' && node.op === 'value') return compiled.constant;
  throw new Refusal(`${call.name}() needs ${what} written out here`, node.start);
}

function literalDuration(call: Call, index: number): number {
  const text = literalText(call, index, 'a duration such as "10m"');
  const length = parseDuration(text);
  if (length === undefined) {
    const { node } = argument(call, index);
    throw new Refusal(`"${text}" is no duration such as 30s, 10m or 1h30m`, node.start);
  }
  return length;
}

/** The pattern, on a matcher that takes linear time whatever the pattern and the text. */
function pattern(call: Call): (text: string) => boolean {
  const source = literalText(call, 1, 'a pattern in quotes');
  const { node } = argument(call, 1);
  if (source.length > patternLengthMax)
    throw new Refusal(`a pattern has at most ${patternLengthMax} characters`, node.start);
  try {
    const compiled = RE2JS.compile(source);
    return (text) => compiled.test(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(`the pattern cannot be used: ${why}`, node.start);
  }
}

const word = (run: Run): Compiled => ({ type: 'word', run, slope: 0 });
const flag = (run: Run): Compiled => ({ type: 'flag', run, slope: 0 });
const number = (run: Run): Compiled => ({ type: 'number', run, slope: 0 });

export function callWindow(name: WindowFunction, call: Call): Compiled {
  const { node, compiled } = argument(call, 0);
  const { attribute } = compiled;
  const isNumber = attribute?.type === 'gauge' || attribute?.type === 'counter';
  if (node.op !== '.' || !isNumber || (node.args[0].op === 'id' && node.args[0].args === 'event'))
    throw new Refusal(`${name}() looks at the past of one number: KIND.ATTRIBUTE`, node.start);
  const length = literalDuration(call, 1);
  if (length <= 0) throw new Refusal(`${name}() over no time at all`, argument(call, 1).node.start);
  const [, attributeName] = node.args;
  const options = { counter: attribute.type === 'counter' };
  return number((frame: Frame): Answer => {
    const current = compiled.run(frame);
    if (typeof current !== 'number') return current;
    const { resource, now } = frame;
    const known = frame.past(resource, attributeName);
    const samples = known.length > 0 ? known : [{ at: resource.changedAt, value: current }];
    const { value, again } = overWindow(name, samples, length, now, options);
    if (again === 'unclear') changesAnyTime(frame);
    else if (again !== 'never') changesAt(frame, again);
    if (value === undefined) frame.why ??= `the past of ${attributeName} is too short`;
    return value;
  });
}

function callHas(call: Call): Compiled {
  const { node, compiled } = argument(call, 0);
  if (node.op !== '.') throw new Refusal('has() needs an attribute: has(KIND.NAME)', node.start);
  return flag((frame) => {
    const answer = compiled.run(frame);
    return answer === undefined ? undefined : answer !== null;
  });
}

function callString(call: Call): Compiled {
  const { compiled } = argument(call, 0);
  const { type, run } = compiled;
  return word(one(run, (value) => renderValue(value, type)));
}

function callAge(call: Call): Compiled {
  const { run, slope } = argument(call, 0).compiled;
  return {
    type: 'duration',
    run: one<number>(run, (at, frame) => frame.now - at),
    slope: slope === 'unclear' ? slope : 1 - slope,
  };
}

/** Unicode characters, as CEL counts them. */
const characters = (text: string): number => Array.from(text).length;

const first = (call: Call): Compiled => argument(call, 0).compiled;
const second = (call: Call): Compiled => argument(call, 1).compiled;

function callDuration(call: Call): Compiled {
  const length = literalDuration(call, 0);
  return { type: 'duration', run: () => length, slope: 0, constant: length };
}

function callSeconds(call: Call): Compiled {
  const { run, slope } = first(call);
  const grown = slope === 'unclear' ? slope : slope * 1000;
  return { type: 'duration', run: one<number>(run, seconds), slope: grown };
}

const callMatches = (call: Call): Compiled => flag(one(first(call).run, pattern(call)));
const callSize = (call: Call): Compiled => number(one(first(call).run, characters));

type Calls<N extends string> = Readonly<Record<N, (call: Call) => Compiled>>;

export const plainCalls: Calls<PlainFunction> = {
  age: callAge,
  duration: callDuration,
  seconds: callSeconds,
  percent: (call) => word(one(first(call).run, renderPercent)),
  bytes: (call) => word(one(first(call).run, renderBytes)),
  matches: callMatches,
  size: callSize,
  string: callString,
  has: callHas,
};

const asks =
  (test: (text: string, other: string) => boolean) =>
  (call: Call): Compiled =>
    flag(both(first(call).run, second(call).run, test));

const changes =
  (change: (text: string) => string) =>
  (call: Call): Compiled =>
    word(one(first(call).run, change));

export const methodCalls: Calls<Exclude<Method, 'exists' | 'all'>> = {
  startsWith: asks((text, other) => text.startsWith(other)),
  endsWith: asks((text, other) => text.endsWith(other)),
  contains: asks((text, other) => text.includes(other)),
  matches: callMatches,
  lowerAscii: changes((text) => text.toLowerCase()),
  upperAscii: changes((text) => text.toUpperCase()),
  trim: changes((text) => text.trim()),
  size: callSize,
};
