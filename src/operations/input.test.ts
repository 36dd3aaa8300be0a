import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import { type RawInput, readInput } from './input.ts';
import { filter, line, nullable, severity, someOf, text } from './schemas.ts';

const closed = { additionalProperties: false };
const schema = Type.Object(
  {
    id: Type.Optional(line),
    severity: someOf(['info', 'warning', 'critical']),
    acknowledged: Type.Optional(Type.Boolean()),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    filter: Type.Optional(filter),
    comment: Type.Optional(text),
    labels: Type.Optional(Type.Record(Type.String(), line)),
    any: Type.Optional(Type.Union([Type.String(), filter])),
  },
  closed,
);

const accepted: readonly { name: string; raw: RawInput; value: unknown }[] = [
  { name: 'nothing is fine where nothing is needed', raw: {}, value: {} },
  {
    name: 'a number in the query is a number',
    raw: { texts: { limit: ['5'] } },
    value: { limit: 5 },
  },
  {
    name: 'words are joined by commas or repeated',
    raw: { texts: { severity: ['info,critical', 'warning'] } },
    value: { severity: ['info', 'critical', 'warning'] },
  },
  {
    name: 'a comma in a matcher stays',
    raw: { texts: { filter: ['a=b,c=d'] } },
    value: { filter: ['a=b,c=d'] },
  },
  {
    name: 'true in the query is true',
    raw: { texts: { acknowledged: ['true'] } },
    value: { acknowledged: true },
  },
  {
    name: 'the path wins over the body',
    raw: { texts: { id: ['path'] }, json: { id: 'body' } },
    value: { id: 'path' },
  },
  {
    name: 'a text may have several lines',
    raw: { json: { comment: 'one\n\ttwo' } },
    value: { comment: 'one\n\ttwo' },
  },
  { name: 'a union takes its first arm', raw: { json: { any: 'x' } }, value: { any: 'x' } },
  { name: 'a union takes its second arm', raw: { json: { any: ['x'] } }, value: { any: ['x'] } },
];

for (const { name, raw, value } of accepted) {
  test(name, () => assert.deepEqual(readInput(schema, raw), { type: 'ok', value }));
}

const refused: readonly { name: string; raw: RawInput; pointer: string; says: RegExp }[] = [
  {
    name: 'a wrong word is answered with the right ones',
    raw: { texts: { severity: ['crit'] } },
    pointer: '#/severity/0',
    says: /one of info, warning, critical; "crit" is not/,
  },
  {
    name: 'an unknown name is answered with the nearest',
    raw: { texts: { severty: ['info'] } },
    pointer: '#/severty',
    says: /did you mean "severity"/,
  },
  {
    name: 'a number out of bounds is refused',
    raw: { texts: { limit: ['1001'] } },
    pointer: '#/limit',
    says: /from 1 to 1000/,
  },
  {
    name: 'a fraction is no whole number',
    raw: { texts: { limit: ['1.5'] } },
    pointer: '#/limit',
    says: /whole number/,
  },
  {
    name: 'a single value given twice is refused',
    raw: { texts: { limit: ['1', '2'] } },
    pointer: '#/limit',
    says: /whole number/,
  },
  { name: 'a list is no body', raw: { json: [] }, pointer: '#', says: /JSON object/ },
  {
    name: 'a text in the body is not taken for a number',
    raw: { json: { limit: '5' } },
    pointer: '#/limit',
    says: /whole number/,
  },
  {
    name: 'control characters are refused',
    raw: { json: { comment: 'a\u001b[31m' } },
    pointer: '#/comment',
    says: /control/,
  },
  {
    name: 'a long text is refused',
    raw: { json: { comment: 'x'.repeat(4001) } },
    pointer: '#/comment',
    says: /4000/,
  },
  {
    name: 'the prototype is a field like others, and unknown',
    raw: { json: JSON.parse('{"__proto__": {"id": "x"}}') as unknown },
    pointer: '#/__proto__',
    says: /not known/,
  },
  {
    name: 'the arm of a union that was meant is the one complained about',
    raw: { json: { any: ['x'.repeat(1001)] } },
    pointer: '#/any/0',
    says: /1000/,
  },
];

for (const { name, raw, pointer, says } of refused) {
  test(name, () => {
    const answer = readInput(schema, raw);
    assert.ok(answer.type === 'wrong');
    assert.equal(answer.errors[0]?.pointer, pointer);
    assert.match(answer.errors[0]?.detail ?? '', says);
  });
}

test('a missing field is named', () => {
  const answer = readInput(Type.Object({ text: Type.String() }), {});
  assert.ok(answer.type === 'wrong');
  assert.match(answer.errors[0]?.detail ?? '', /"text" is missing/);
});

test('complaints end after twenty', () => {
  const answer = readInput(schema, { json: { filter: Array.from({ length: 20 }, () => 1) } });
  assert.ok(answer.type === 'wrong' && answer.errors.length === 20);
  const more = readInput(Type.Object({ all: Type.Array(Type.String()) }), {
    json: { all: Array.from({ length: 500 }, () => 1) },
  });
  assert.ok(more.type === 'wrong' && more.errors.length === 20);
  const unknown = readInput(schema, {
    json: Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`name${i}`, 1])),
  });
  assert.ok(unknown.type === 'wrong' && unknown.errors.length === 20);
});

/** Values near to what the schemas want, so that both answers come up. */
const near = fc.oneof(
  fc.constantFrom('info', 'critical', 'x', '', 'a\nb', 'ä'.repeat(600), true, null, 0, 5, 1.5),
  fc.array(fc.constantFrom('info', 'x', 1, null), { maxLength: 25 }),
  fc.dictionary(fc.constantFrom('a', 'kind', 'id'), fc.constantFrom('x', 1, 'a\u0000')),
);
const whole = Type.Object(
  {
    words: someOf(['info', 'critical']),
    severity: Type.Optional(severity),
    line: Type.Optional(line),
    text: Type.Optional(text),
    count: Type.Optional(Type.Integer({ minimum: 0, maximum: 10 })),
    ratio: Type.Optional(Type.Number()),
    maybe: Type.Optional(nullable(Type.String())),
    flag: Type.Optional(Type.Boolean()),
    labels: Type.Optional(Type.Record(Type.String(), line, { maxProperties: 2 })),
    literal: Type.Optional(Type.Literal('x')),
    filter: Type.Optional(filter),
    inner: Type.Optional(Type.Object({ kind: line, id: Type.Optional(line) }, closed)),
  },
  closed,
);

test('any value is judged as typebox judges it', () => {
  const names = [...Object.keys(whole.properties), 'unknown'];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), near, { maxKeys: 3 }), (json) => {
      assert.equal(readInput(whole, { json }).type === 'ok', Check(whole, json));
    }),
    { numRuns: 2000 },
  );
});
