/** ULIDs made from what they name, so that a replay of the same readings gives the same ids. */
import type { EpochMs } from './time.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'; // Crockford's base 32
const fnvOffset = 0xcbf29ce484222325n;
// The FNV prime for 64 bits is 2^40 + 0x1b3.
const fnvPrimeLow = 0x1b3;
const encoder = new TextEncoder();

/**
 * FNV-1a, 64 bits, over the UTF-8 bytes of the texts, each ended by the byte 0xff. Computed in
 * two halves of 32 bits: a bigint for each byte made this the dearest part of an alert.
 */
export function fnv1a64(texts: readonly string[], offset = fnvOffset): bigint {
  let high = Number(offset >> 32n);
  let low = Number(offset & 0xffffffffn);
  const add = (byte: number): void => {
    low = (low ^ byte) >>> 0;
    const product = low * fnvPrimeLow;
    high = (high * fnvPrimeLow + Math.floor(product / 2 ** 32) + ((low << 8) >>> 0)) >>> 0;
    low = product >>> 0;
  };
  for (const text of texts) {
    // Nearly all are ASCII, and the encoder costs more than the hash.
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x80) add(code);
      else {
        for (const byte of encoder.encode(text.slice(i))) add(byte);
        break;
      }
    }
    add(0xff);
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

/** 26 characters: 48 bits of time, then 80 bits of hash over `name`. */
export function ulidOf(at: EpochMs, name: readonly string[]): string {
  const first = fnv1a64(name);
  const second = fnv1a64([...name, 'tocsin'], first);
  let value = (BigInt(Math.floor(at)) << 80n) | (first << 16n) | (second & 0xffffn);
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = (alphabet[Number(value & 31n)] ?? '') + text;
    value >>= 5n;
  }
  return text;
}

/** Alertmanager's fingerprint of a label set: FNV-1a over the sorted names and values, in hex. */
export function labelFingerprint(labels: Readonly<Record<string, string>>): string {
  const texts = Object.keys(labels)
    .sort()
    .flatMap((name) => [name, labels[name] ?? '']);
  return fnv1a64(texts).toString(16).padStart(16, '0');
}
