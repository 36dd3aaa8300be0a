/**
 * Alerts that were raised without a rule of ours: by hand, by a program, pushed, or as a drill.
 * The id of one says which key it was raised for, so that it is found again after a restart:
 * 10 characters of time, 13 made of rule, resource and key, 3 that count the occurrences.
 */
import type { Alert } from '../../domain/alert.ts';
import type { EpochMs } from '../../domain/time.ts';
import { ulidOf } from '../../domain/ulid.ts';
import type { RaisedByHand } from '../engine.ts';
import { type HandCell, occurrenceKey } from './cells.ts';

/** Stands in `alert.rule` where there is no rule; the loader refuses a rule of this id. */
export const handRule = 'raised-by-hand';

const timeLength = 10;
const keyLength = 13;
/** ULIDs spell numbers in Crockford's base 32. */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export const ruleOf = (raised: RaisedByHand): string => raised.rule ?? handRule;
export const originOf = (raised: RaisedByHand) => raised.origin ?? 'hand';

/** A drill is no occurrence of the rule that it plays. */
export function countKey(raised: RaisedByHand): string {
  const { kind, id } = raised.resource;
  const rule = ruleOf(raised);
  return occurrenceKey(originOf(raised) === 'drill' ? `drill:${rule}` : rule, kind, id);
}

/** The same for each occurrence of one key. Drills and what they play are strangers. */
function keyPart(raised: RaisedByHand): string {
  const { kind, id } = raised.resource;
  return ulidOf(0, [originOf(raised), ruleOf(raised), kind, id, raised.key]).slice(timeLength, -3);
}

const countPart = (occurrence: number): string =>
  [10, 5, 0].map((shift) => digits[(occurrence >> shift) & 31]).join('');

const keyIn = (alertId: string): string => alertId.slice(timeLength, timeLength + keyLength);

/** As ids were made before they said the key. */
function isOfOldForm(alert: Alert, raised: RaisedByHand): boolean {
  const { kind, id } = alert.resource;
  const name = [handRule, kind, id, raised.key, String(alert.occurrence)];
  return (
    kind === raised.resource.kind &&
    id === raised.resource.id &&
    alert.id === ulidOf(alert.detectedAt, name)
  );
}

export const raisedId = (raised: RaisedByHand, now: EpochMs, occurrence: number): string =>
  ulidOf(now, []).slice(0, timeLength) + keyPart(raised) + countPart(occurrence);

/** The active ones by their keys. */
export class Raised {
  readonly #byKey = new Map<string, HandCell>();
  /** Restored ones whose id does not count as ours does: from before ids said the key. */
  readonly #old = new Set<HandCell>();

  add(cell: HandCell): void {
    const { id, occurrence } = cell.alert;
    if (id.endsWith(countPart(occurrence))) this.#byKey.set(keyIn(id), cell);
    else this.#old.add(cell);
  }

  delete(cell: HandCell): void {
    this.#old.delete(cell);
    const key = keyIn(cell.alert.id);
    if (this.#byKey.get(key) === cell) this.#byKey.delete(key);
  }

  count(): number {
    return this.#byKey.size + this.#old.size;
  }

  find(raised: RaisedByHand): HandCell | undefined {
    const found = this.#byKey.get(keyPart(raised));
    if (found || this.#old.size === 0 || originOf(raised) !== 'hand') return found;
    for (const cell of this.#old) if (isOfOldForm(cell.alert, raised)) return cell;
    return undefined;
  }
}
