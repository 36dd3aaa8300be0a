/** Digests of what both sides of a recording must have alike. */
import { createHash } from 'node:crypto';
import type { Kind } from '../domain/kind.ts';

/** Of names and types of all attributes and events; words for people do not count. */
export function digestOfKinds(kinds: readonly Kind[]): string {
  const facts = kinds.map(({ name, attributes, events }) => [
    name,
    Object.entries(attributes).map(([attribute, { type, refersTo }]) => [
      attribute,
      type,
      refersTo,
    ]),
    Object.entries(events).map(([event, kind]) => [event, Object.keys(kind.attributes)]),
  ]);
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}
