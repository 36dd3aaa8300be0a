/**
 * Secrets that we make ourselves: 256 random bits, kept as SHA-256. Nobody guesses one, so a slow
 * hash and a lock-out would only harm those who have it; what is compared is compared in constant
 * time.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const secretBytes = 32;
/** Of an id that we make. */
export const idLength = 10;
const idLetters = '0123456789abcdefghijklmnopqrstuvwxyz';

/** `toc_ID_SECRET`: scanners of code find one that was published by mistake. */
const tokenPattern = /^toc_([0-9a-z]{10,12})_([A-Za-z0-9_-]{43})$/;

export const newSecret = (): string => randomBytes(secretBytes).toString('base64url');

/** Ten letters and digits; the few bytes that would favour some letters are thrown away. */
export function newId(): string {
  let id = '';
  const fair = 256 - (256 % idLetters.length);
  while (id.length < idLength)
    for (const byte of randomBytes(idLength))
      if (byte < fair && id.length < idLength) id += idLetters[byte % idLetters.length];
  return id;
}

export const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A digest that no secret has: compared with where there is nothing, so that it takes as long. */
export const noDigest = '0'.repeat(64);

/** Both in hex, of SHA-256. */
export const isSameDigest = (a: string, b: string): boolean =>
  timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));

export const renderToken = (id: string, secret: string): string => `toc_${id}_${secret}`;

/** The parts of a token's text; undefined when it is none. */
export function parseToken(
  text: string,
): { readonly id: string; readonly secret: string } | undefined {
  const [, id, secret] = tokenPattern.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}
