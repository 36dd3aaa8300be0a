/** ULIDs made from what they name, so that a replay of the same readings gives the same ids. */
import type { EpochMs } from './time.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'; // Crockford's base 32
const fnvOffset = 0xcbf29ce484222325n;
const fnvPrime = 0x100000001b3n;
const mask64 = 0xffffffffffffffffn;

/** FNV-1a, 64 bits, over the UTF-8 bytes of the texts, each ended by the byte 0xff. */
export function fnv1a64(texts: readonly string[], offset = fnvOffset): bigint {
  const encoder = new TextEncoder();
  let hash = offset;
  const add = (byte: number): void => {
    hash = ((hash ^ BigInt(byte)) * fnvPrime) & mask64;
  };
  for (const text of texts) {
    for (const byte of encoder.encode(text)) add(byte);
    add(0xff);
  }
  return hash;
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
