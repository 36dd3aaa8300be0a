/** Bytes and values: what is written is read back, and no bytes make the reader fall over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anyText } from '../../../test/support/texts.ts';
import { decodeMessage, readFrame } from './decode.ts';
import { type Draft, encodeMessage } from './encode.ts';
import { messageType } from './message.ts';
import { Malformed, parseSignature } from './signature.ts';

const signal = (signature: string, body: readonly unknown[]): Draft => ({
  type: messageType.signal,
  serial: 7,
  path: '/org/tocsin/test',
  interface: 'org.tocsin.Test',
  member: 'Said',
  signature,
  body,
});

const bodyOf = (bytes: Buffer, from = 0): unknown => {
  const decoded = decodeMessage(bytes, from, readFrame(bytes, from).length);
  assert.equal(decoded.type, 'message');
  return decoded.message.body;
};

/** As text: the reader's dictionaries have no prototype, which deepEqual minds. */
const plain = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));

const variant = (signature: string, value: unknown): unknown => ({ signature, value });

const rows: { signature: string; body: readonly unknown[]; read?: readonly unknown[] }[] = [
  { signature: '', body: [] },
  { signature: 'ybnqiu', body: [255, true, -32_768, 65_535, -(2 ** 31), 2 ** 32 - 1] },
  { signature: 'xt', body: [-(2n ** 63n), 2n ** 64n - 1n] },
  { signature: 'yt', body: [1, 9_007_199_254_740_993n] },
  { signature: 'tx', body: [5, -5], read: [5n, -5n] },
  { signature: 'yd', body: [1, 1.5] },
  { signature: 'sog', body: ['ü€𝄞', '/a/b_2e', 'a{sv}'] },
  { signature: 'as', body: [['a', '', 'ccc']] },
  { signature: 'yax', body: [1, [1n, -1n]] },
  { signature: 'ax', body: [[]] },
  { signature: 'ay', body: [[0, 127, 255]] },
  {
    signature: 'a(so)',
    body: [
      [
        ['a', '/'],
        ['b', '/b'],
      ],
    ],
  },
  {
    signature: 'a{sv}',
    body: [{ a: variant('t', 1n), b: variant('as', ['x']) }],
    read: [{ a: 1n, b: ['x'] }],
  },
  { signature: 'v', body: [variant('v', variant('(uo)', [0, '/']))], read: [[0, '/']] },
  { signature: 'a{us}', body: [new Map([[5, 'five']])], read: [{ 5: 'five' }] },
  { signature: 'aas', body: [[['a'], [], ['b', 'c']]] },
];
for (const { signature, body, read } of rows) {
  test(`what is written as "${signature}" is read back`, () => {
    const bytes = encodeMessage(signal(signature, body));
    assert.equal(plain(bodyOf(bytes)), plain(read ?? body));
  });
}

test('a header is read back, wherever its message begins', () => {
  const bytes = encodeMessage(signal('s', ['x']));
  const shifted = Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(5)]);
  const { message } = decodeMessage(shifted, 3, bytes.length);
  assert.deepEqual(
    [message.type, message.serial, message.path, message.interface, message.member],
    [4, 7, '/org/tocsin/test', 'org.tocsin.Test', 'Said'],
  );
  assert.deepEqual(message.body, ['x']);
});

test('a big-endian message is read', () => {
  // As a big-endian sd-bus writes it: signal, one u = 258, path /a, interface a.b, member C.
  const bytes = Buffer.concat([
    Buffer.from('B\x04\x00\x01\0\0\0\x04\0\0\0\x09\0\0\0\x36', 'latin1'),
    Buffer.from('\x01\x01o\0\0\0\0\x02/a\0\0\0\0\0\0', 'latin1'),
    Buffer.from('\x02\x01s\0\0\0\0\x03a.b\0\0\0\0\0', 'latin1'),
    Buffer.from('\x03\x01s\0\0\0\0\x01C\0\0\0\0\0\0\0', 'latin1'),
    Buffer.from('\x08\x01g\0\x01u\0\0', 'latin1'),
    Buffer.from([0, 0, 1, 2]),
  ]);
  const { length } = readFrame(bytes, 0);
  assert.equal(length, bytes.length);
  const { message } = decodeMessage(bytes, 0, length);
  assert.deepEqual([message.path, message.member, message.body], ['/a', 'C', [258]]);
});

test('a key named __proto__ is a key', () => {
  const body = [new Map([['__proto__', variant('s', 'x')]])];
  const read = bodyOf(encodeMessage(signal('a{sv}', body)));
  assert.ok(Array.isArray(read));
  assert.deepEqual(Object.keys(Object(read[0])), ['__proto__']);
});

const misfits: { name: string; signature: string; body: readonly unknown[] }[] = [
  { name: 'too few values', signature: 'ss', body: ['a'] },
  { name: 'a number for a text', signature: 's', body: [1] },
  { name: 'a zero byte', signature: 's', body: ['a\0b'] },
  { name: 'half a surrogate pair', signature: 's', body: ['\ud800'] },
  { name: 'a path that is none', signature: 'o', body: ['/a//b'] },
  { name: 'a byte of 256', signature: 'y', body: [256] },
  { name: 'a negative unsigned number', signature: 't', body: [-1n] },
  { name: 'a long number that is not exact', signature: 't', body: [2 ** 60] },
  { name: 'a naked value for a variant', signature: 'v', body: ['x'] },
  { name: 'two values in a variant', signature: 'v', body: [variant('ss', ['a', 'b'])] },
  { name: 'a file descriptor', signature: 'h', body: [0] },
  { name: 'no signature', signature: 'a{vs}', body: [{}] },
  { name: 'an unfinished signature', signature: 'a(s', body: [[]] },
  { name: 'an object without prototype for a text', signature: 's', body: [Object.create(null)] },
];
for (const { name, signature, body } of misfits) {
  test(`${name} cannot be sent`, () => {
    assert.throws(() => encodeMessage(signal(signature, body)), Malformed);
  });
}

test('a signature of 128 nested arrays is refused, and so are 70 nested variants', () => {
  assert.throws(() => parseSignature(`${'a'.repeat(128)}s`), Malformed);
  let value: unknown = variant('s', 'x');
  for (let i = 0; i < 70; i++) value = variant('v', value);
  const bytes = encodeMessage(signal('v', [value]));
  const decoded = decodeMessage(bytes, 0, bytes.length);
  assert.equal(decoded.type, 'malformed');
});

test('a body that grows beyond its first sheet is whole', () => {
  const body = [Array.from({ length: 5000 }, (_, i) => `unit-${i}.service`)];
  assert.deepEqual(bodyOf(encodeMessage(signal('as', body))), body);
});

const anyBody = fc.record({
  text: anyText({ maxLength: 50 }).map((t) => t.replaceAll('\0', '')),
  long: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  short: fc.integer({ min: -32_768, max: 32_767 }),
  list: fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.double({ noNaN: true }))),
});

test('any values are read back as they were written', () => {
  fc.assert(
    fc.property(anyBody, ({ text, long, short, list }) => {
      fc.pre(text.isWellFormed());
      const body = [short, text, list, long];
      assert.deepEqual(bodyOf(encodeMessage(signal('nsa(yd)t', body))), body);
    }),
  );
});

test('whatever single byte is changed, the reader answers or calls it malformed', () => {
  const value = { a: variant('a(so)', [['x', '/y']]), b: variant('t', 1n) };
  const whole = encodeMessage(signal('sa{sv}as', ['org.tocsin', value, ['z']]));
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
      const bytes = Buffer.from(whole);
      bytes[at] = value;
      try {
        const { length } = readFrame(bytes, 0);
        decodeMessage(bytes, 0, Math.min(length, bytes.length));
      } catch (error) {
        assert.ok(error instanceof Malformed, String(error));
      }
    }),
    { numRuns: 5000 },
  );
});
