/**
 * The functions that expressions may call: one table for the checker, for "did you mean" and for
 * tocsin-rules(5). What they do is in calls.ts and window.ts.
 */
import type { AttributeType } from '../../domain/kind.ts';

/** The checker's names for our types. Numbers are doubles everywhere. */
export const celTypes = {
  flag: 'bool',
  word: 'string',
  gauge: 'double',
  counter: 'double',
  instant: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
} as const satisfies Record<AttributeType, string>;

const { instant, duration } = celTypes;

export interface FunctionFacts {
  /** As the checker reads it; left out for those it knows itself. */
  readonly signatures: readonly string[];
  readonly usage: string;
  readonly help: string;
}

/** Over the recent past of a number. The window is a text such as "10m". */
export const windowFunctions = {
  increase: {
    signatures: ['increase(double, string): double'],
    usage: 'increase(x, "10m")',
    help: 'Growth of x in the window. A counter that starts anew is counted on from zero.',
  },
  rate: {
    signatures: ['rate(double, string): double'],
    usage: 'rate(x, "10m")',
    help: 'Growth of x in the window, per second.',
  },
  average: {
    signatures: ['average(double, string): double'],
    usage: 'average(x, "10m")',
    help: 'Average of x over the window, each value weighted by how long it held.',
  },
  minimum: {
    signatures: ['minimum(double, string): double'],
    usage: 'minimum(x, "10m")',
    help: 'Smallest value of x in the window.',
  },
  maximum: {
    signatures: ['maximum(double, string): double'],
    usage: 'maximum(x, "10m")',
    help: 'Largest value of x in the window.',
  },
  changes: {
    signatures: ['changes(double, string): double'],
    usage: 'changes(x, "10m")',
    help: 'How often x changed in the window.',
  },
  predict: {
    signatures: ['predict(double, string): double'],
    usage: 'predict(x, "24h")',
    help: 'What x will be in that time, by the straight line through all its known past.',
  },
} as const satisfies Record<string, FunctionFacts>;
export type WindowFunction = keyof typeof windowFunctions;

export const plainFunctions = {
  age: {
    signatures: [`age(${instant}): ${duration}`],
    usage: 'age(instant)',
    help: 'How long ago an instant was: now - instant.',
  },
  duration: {
    signatures: [],
    usage: 'duration("5m")',
    help: 'A length of time: 90s, 5m, 1h30m, 2d, 100ms.',
  },
  seconds: {
    signatures: [`seconds(double): ${duration}`],
    usage: 'seconds(number)',
    help: 'A number of seconds as a length of time.',
  },
  percent: {
    signatures: ['percent(double): string'],
    usage: 'percent(ratio)',
    help: 'A ratio as text: 0.953 is "95.3%".',
  },
  bytes: {
    signatures: ['bytes(double): string'],
    usage: 'bytes(number)',
    help: 'A number of bytes as text: 1610612736 is "1.5 GiB".',
  },
  matches: {
    signatures: ['matches(string, string): bool'],
    usage: 'matches(text, "pattern")',
    help: 'Some part of the text matches the RE2 pattern. Takes linear time.',
  },
  string: {
    signatures: [`string(${instant}): string`, `string(${duration}): string`],
    usage: 'string(x)',
    help: 'The value as text, spelled as templates spell it.',
  },
  size: { signatures: [], usage: 'size(text)', help: 'Number of characters of a text.' },
  has: {
    signatures: [],
    usage: 'has(kind.attribute)',
    help: 'The attribute applies: it is not null. Unknown while it cannot be read.',
  },
} as const satisfies Record<string, FunctionFacts>;
export type PlainFunction = keyof typeof plainFunctions;

/** Called behind a value: `unit.id.startsWith("nfs")`. The checker knows them all. */
export const methods = {
  startsWith: { signatures: [], usage: 'text.startsWith("nfs-")', help: 'It begins so.' },
  endsWith: { signatures: [], usage: 'text.endsWith(".mount")', help: 'It ends so.' },
  contains: { signatures: [], usage: 'text.contains("backup")', help: 'It has that in it.' },
  matches: { signatures: [], usage: 'text.matches("pattern")', help: 'As matches() above.' },
  lowerAscii: { signatures: [], usage: 'text.lowerAscii()', help: 'In small letters.' },
  upperAscii: { signatures: [], usage: 'text.upperAscii()', help: 'In capital letters.' },
  trim: { signatures: [], usage: 'text.trim()', help: 'Without blanks at both ends.' },
  size: { signatures: [], usage: 'text.size()', help: 'Number of its characters.' },
  exists: {
    signatures: [],
    usage: '["a", "b"].exists(x, unit.id.startsWith(x))',
    help: 'True for at least one of the list. Not inside another exists or all.',
  },
  all: { signatures: [], usage: '["a", "b"].all(x, unit.id != x)', help: 'True for each.' },
} as const satisfies Record<string, FunctionFacts>;
export type Method = keyof typeof methods;

export const isWindowFunction = (name: string): name is WindowFunction =>
  Object.hasOwn(windowFunctions, name);
export const isPlainFunction = (name: string): name is PlainFunction =>
  Object.hasOwn(plainFunctions, name);
export const isMethod = (name: string): name is Method => Object.hasOwn(methods, name);
