/** JSON and D-Bus values: what is written by schema is read back as it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Type } from 'typebox';
import { list, nullable } from '../operations/schemas.ts';
import { decodeMessage } from '../platform/bus/decode.ts';
import { encodeMessage } from '../platform/bus/encode.ts';
import { messageType } from '../platform/bus/message.ts';
import type { BusValue } from '../platform/system-bus.ts';
import { formOfSchema, jsonOf, wireText } from './values.ts';

const schema = Type.Object({
  text: Type.String(),
  word: Type.Enum(['a', 'b']),
  flag: Type.Boolean(),
  count: Type.Integer({ minimum: 0 }),
  whole: Type.Integer(),
  ratio: Type.Number(),
  perhaps: nullable(Type.String()),
  any: nullable(Type.Union([Type.Boolean(), Type.Number(), Type.String()])),
  texts: list(Type.String()),
  labels: Type.Record(Type.String(), Type.String()),
  thing: Type.Object({ kind: Type.String() }),
  things: list(Type.Object({ lines: list(Type.String()) })),
});
const form = formOfSchema(schema);

function roundTrip(value: unknown): unknown {
  const body = [form.pack(value)];
  const draft = { type: messageType.return, serial: 1, signature: form.signature, body };
  const bytes = encodeMessage(draft);
  const decoded = decodeMessage(bytes, 0, bytes.length);
  assert.ok(decoded.type === 'message');
  return jsonOf(decoded.message.body[0] as BusValue);
}

const text = fc.string({ unit: 'binary', maxLength: 20 });
const whole = fc.maxSafeInteger();
const arbitrary = fc.record({
  text,
  word: fc.constantFrom('a', 'b'),
  flag: fc.boolean(),
  count: fc.maxSafeNat(),
  whole,
  ratio: fc.double({ noNaN: true }),
  perhaps: fc.option(text),
  any: fc.option(fc.oneof(fc.boolean(), fc.double({ noNaN: true }), text)),
  texts: fc.array(text, { maxLength: 5 }),
  labels: fc.dictionary(text, text, { maxKeys: 5 }),
  thing: fc.record({ kind: text }),
  things: fc.array(fc.record({ lines: fc.array(text, { maxLength: 3 }) }), { maxLength: 3 }),
});

/** What the bus cannot hold is replaced, and null left out. */
const expected = (value: unknown): unknown => {
  if (typeof value === 'string') return wireText(value);
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(entries.map(([name, one]) => [wireText(name), expected(one)]));
};

test('whatever a schema allows is read back as it was written, without what is null', () => {
  fc.assert(
    fc.property(arbitrary, (value) => {
      assert.deepEqual(roundTrip(value), expected(value));
    }),
    { numRuns: 300 },
  );
});

test('the type follows from the schema alone', () => {
  const signatures = Object.entries(schema.properties).map(
    ([, one]) => formOfSchema(one).signature,
  );
  assert.deepEqual(signatures, [
    's',
    's',
    'b',
    't',
    'x',
    'd',
    's',
    'v',
    'as',
    'a{ss}',
    'a{sv}',
    'aa{sv}',
  ]);
});

test('a field that the schema does not name is not told', () => {
  const value = { text: 't', secret: 'x' };
  assert.deepEqual(roundTrip(value), { text: 't' });
});

test('a number that JSON cannot hold exactly is refused, a name __proto__ is a name', () => {
  assert.throws(() => jsonOf(2n ** 53n), /too large/);
  assert.equal(jsonOf(-5n), -5);
  const hostile = Object.create(null) as Record<string, BusValue>;
  Object.defineProperty(hostile, '__proto__', { value: ['x'], enumerable: true });
  const read = jsonOf(hostile);
  assert.ok(Object.hasOwn(Object(read), '__proto__'));
  assert.equal(Object.getPrototypeOf(read), Object.prototype);
});
