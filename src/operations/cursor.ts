/**
 * Cursors: opaque to callers, and bound to the list and the filters they came from, so that a page
 * of another list is refused instead of silently wrong.
 */
import { fnv1a64 } from '../domain/ulid.ts';
import { refuse } from './refusals.ts';

/** One text for one set of inputs, in any order; fields left out and undefined are equal. */
export function digestOf(parts: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(parts).filter((name) => parts[name] !== undefined);
  const texts = names.sort().flatMap((name) => [name, JSON.stringify(parts[name])]);
  return fnv1a64(texts).toString(36);
}

/** What a list is: its filters, without where in it the page lies. */
export function digestOfList(name: string, input: Readonly<Record<string, unknown>>): string {
  return digestOf({ ...input, limit: undefined, cursor: undefined, list: name });
}

export const encodeCursor = (digest: string, position: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify([digest, ...position])).toString('base64url');

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The position, typed as `like`; undefined for the first page. Refuses a foreign cursor. */
export function decodeCursor<const T extends readonly ('string' | 'number')[]>(
  digest: string,
  cursor: string | undefined,
  like: T,
): { readonly [K in keyof T]: T[K] extends 'string' ? string : number } | undefined {
  if (cursor === undefined) return undefined;
  const decoded = decode(cursor);
  const position: readonly unknown[] = Array.isArray(decoded) ? decoded.slice(1) : [];
  const fits = like.every((type, i) => typeof position[i] === type);
  if (
    !Array.isArray(decoded) ||
    decoded[0] !== digest ||
    !fits ||
    position.length !== like.length
  ) {
    throw refuse('invalid-cursor', 'the cursor comes from another list or from other filters', {
      hint: 'ask again without cursor',
    });
  }
  return position as { readonly [K in keyof T]: T[K] extends 'string' ? string : number };
}
