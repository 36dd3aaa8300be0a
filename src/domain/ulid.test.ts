import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fnv1a64, labelFingerprint, ulidOf } from './ulid.ts';

/** The definition, byte by byte. http://www.isthe.com/chongo/tech/comp/fnv/ */
function slowFnv(texts: readonly string[]): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const text of texts) {
    for (const byte of [...new TextEncoder().encode(text), 0xff]) {
      hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
    }
  }
  return hash;
}

describe('fnv1a64', () => {
  test('is the offset for nothing', () => {
    assert.equal(fnv1a64([]), 0xcbf29ce484222325n);
  });

  // Characters of one to four bytes, and half a surrogate pair.
  const character = fc.constantFrom('a', '\u0000', 'ä', '€', '𝄞', '\uD800');
  const text = fc.oneof(fc.string(), fc.string({ unit: character }));

  test('is what its definition says', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (texts) => {
        assert.equal(fnv1a64(texts), slowFnv(texts));
      }),
      { numRuns: 300 },
    );
  });

  test('goes on from where another hash ended', () => {
    assert.equal(fnv1a64(['b'], fnv1a64(['a'])), fnv1a64(['a', 'b']));
  });
});

describe('labelFingerprint', () => {
  test('is the one that Alertmanager computes', () => {
    const labels = { unit: 'scst.service', alertname: 'UnitFailed' };
    assert.equal(labelFingerprint(labels), '4a89ccb770ef3305');
  });

  test('does not depend on the order of the labels', () => {
    assert.equal(labelFingerprint({ a: '1', b: '2' }), labelFingerprint({ b: '2', a: '1' }));
  });

  test('tells a name from a value', () => {
    assert.notEqual(labelFingerprint({ a: 'bc' }), labelFingerprint({ ab: 'c' }));
  });
});

describe('ulidOf', () => {
  const at = Date.UTC(2026, 10, 22, 6, 14, 0, 123);

  test('is 26 letters of Crockford base 32, time first', () => {
    assert.match(ulidOf(at, ['a']), /^01[0-9A-HJKMNP-TV-Z]{24}$/);
    assert.equal(ulidOf(at, ['a']).slice(0, 10), ulidOf(at, ['b']).slice(0, 10));
    assert.ok(ulidOf(at, ['z']) < ulidOf(at + 1, ['a']));
  });

  test('is the same for the same, and another for another', () => {
    assert.equal(ulidOf(at, ['rule', 'id']), ulidOf(at, ['rule', 'id']));
    assert.notEqual(ulidOf(at, ['rule', 'id']), ulidOf(at, ['rulei', 'd']));
  });

  test('a fraction of a millisecond does not matter', () => {
    assert.equal(ulidOf(at + 0.5, ['a']), ulidOf(at, ['a']));
  });
});
