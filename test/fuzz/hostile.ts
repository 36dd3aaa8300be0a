/** Texts and values that programs stumble over, beside random ones. */
import fc from 'fast-check';

const deep = (depth: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};

/** Names of JavaScript's own, numbers at the edge, text that is code elsewhere, and sheer length. */
const knownTexts = [
  '',
  ' ',
  '\0',
  '\n',
  '\r\n',
  '\ud800',
  '\udfff\ud800',
  '‮⁦',
  '﻿',
  '𝕏',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'length',
  '-1',
  '0',
  '-0',
  '1e400',
  'NaN',
  'Infinity',
  '0x10',
  '٣',
  '9'.repeat(400),
  '1e-400',
  '9007199254740993',
  '-9223372036854775809',
  '18446744073709551616',
  '0.1',
  'null',
  'true',
  '../../etc/passwd',
  '/',
  '//',
  '%00',
  '%2e%2e',
  '\\',
  '$(id)',
  '`id`',
  "' OR 1=1 --",
  '{{ unit.id }}',
  '{{',
  '}}',
  '<script>',
  '&amp;',
  '*',
  '**',
  '?',
  '[',
  '[^]',
  '(',
  '())',
  '(a+)+$',
  '(.*)*x',
  '.*.*.*.*.*x',
  '(?=a)',
  '\\1',
  '[a-',
  'a{1,99999}',
  '^(([a-z])+.)+$',
  'unit=x',
  'unit=~"("',
  'a!~"b',
  '{a="b",}',
  'a=b,c=d',
  '=',
  '!=',
  '~',
  '"',
  "'",
  '2026-11-22T06:14:00Z',
  '2026-02-30T25:61:61Z',
  '+275760-09-13T00:00:00.001Z',
  '1h',
  '-5m',
  '99999999999999d',
  'Sat 02:00',
  '*-*-* *:*:*',
  'today',
  '0s',
  '1h1h1h',
  '1.5h',
  '1y',
  'a'.repeat(300),
  'ä'.repeat(5e3),
  '('.repeat(3e3),
  '['.repeat(3e3),
  '!'.repeat(2e3),
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...knownTexts) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...knownTexts), fc.constantFrom(...knownTexts))
      .map(([a, b]) => a + b),
  },
);

const hostileNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, -1, 1e308, 5e-324, 2 ** 53, 2 ** 63, -(2 ** 31), 4294967296),
);

/** Whatever JSON can hold, with names that are special in JavaScript. */
export const hostileJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; leaf: unknown }>(
  (tie) => ({
    leaf: fc.oneof(hostileText, hostileNumber, fc.boolean(), fc.constant(null)),
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 5, arbitrary: tie('leaf') },
      { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 4 }) },
      {
        weight: 1,
        arbitrary: fc
          .array(fc.tuple(hostileText, tie('value')), { maxLength: 4 })
          .map((entries) => Object.fromEntries(entries)),
      },
      { weight: 1, arbitrary: fc.constantFrom(30, 300).map(deep) },
    ),
  }),
).value;

/** A text as it should be, damaged: cut, doubled, with other bytes in it. */
export const damaged = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .record({
      text: fc.constantFrom(...texts),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.constantFrom(0, 0, 1, 3, 20),
      by: hostileText,
      again: fc.constantFrom(1, 1, 1, 2),
    })
    .map(({ text, at, length, by, again }) => {
      const from = Math.floor(at * text.length);
      return (text.slice(0, from) + by + text.slice(from + length)).repeat(again);
    });

/** A value as it should be, with one field of it replaced, added or left out. */
export function spoil(value: unknown, which: number, name: string, by: unknown): unknown {
  if (typeof value !== 'object' || value === null) return by;
  const names = Object.keys(value);
  const entries = Object.entries(value).filter((_, i) => i !== which % (names.length + 1));
  const lost = names[which % (names.length + 1)];
  const added = by === undefined ? [] : [[lost ?? name, by] as const];
  return Object.fromEntries([...entries, ...added]);
}
