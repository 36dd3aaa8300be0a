/** What silences and maintenance windows have in common towards a caller: refusals and pages. */
import { decodeCursor, digestOfList, encodeCursor } from './cursor.ts';
import type { MuteAnswer } from './house-mutes.ts';
import { type Refusal, refuse, refuseField } from './refusals.ts';
import { limitDefault } from './schemas.ts';

/** The value; else the refusal that says why not. */
export function takeValue<T>(answer: MuteAnswer<T>, unknown: () => Refusal): T {
  switch (answer.type) {
    case 'done':
      return answer.value;
    case 'unknown':
      throw unknown();
    case 'wrong':
      throw refuseField(answer.field, answer.why);
    default:
      throw refuse('not-stored', answer.why);
  }
}

/** A place in a list: the group of a state, then an instant, then the id. */
export type Place = readonly [group: number, key: number, id: string];

const isBelow = (a: Place, b: Place): boolean =>
  a[0] !== b[0] ? a[0] > b[0] : a[1] !== b[1] ? a[1] > b[1] : a[2] > b[2];

/** One page of what is in memory, in the order of its places. */
export function pageOf<T>(
  name: string,
  given: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  all: readonly T[],
  placeOf: (one: T) => Place,
): { readonly items: readonly T[]; readonly nextCursor: string | null } {
  const digest = digestOfList(name, given);
  const after = decodeCursor(digest, given.cursor, ['number', 'number', 'string']);
  const placed = all
    .map((one) => ({ one, place: placeOf(one) }))
    .filter(({ place }) => after === undefined || isBelow(place, after))
    .sort((a, b) => (isBelow(a.place, b.place) ? 1 : -1));
  const limit = given.limit ?? limitDefault;
  const items = placed.slice(0, limit);
  const last = items.at(-1);
  const isLast = last === undefined || placed.length <= limit;
  const nextCursor = isLast ? null : encodeCursor(digest, last.place);
  return { items: items.map(({ one }) => one), nextCursor };
}
