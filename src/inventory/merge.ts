/** What a reading of one resource changes: compared by content, unchanged values shared. */
import type { AttributeReading } from '../domain/reading.ts';
import { isUnreadable } from '../domain/reading.ts';

type Readings = Readonly<Record<string, AttributeReading>>;

/** Numbers that are no numbers are equal to themselves here, or each reading would be a change. */
export function sameReading(a: AttributeReading | undefined, b: AttributeReading): boolean {
  if (isUnreadable(a)) return isUnreadable(b) && a.unreadable === b.unreadable;
  return Object.is(a, b);
}

/** Names of the attributes that `read` gives another value than `known` has. */
export function changedNames(known: Readings, read: Readings): string[] {
  const changed: string[] = [];
  for (const name in read) {
    const reading = read[name];
    if (reading !== undefined && !sameReading(known[name], reading)) changed.push(name);
  }
  return changed;
}

/** `known` with the changed attributes of `read`; what is left out there stays. */
export function merge(known: Readings, read: Readings, changed: readonly string[]): Readings {
  const merged: Record<string, AttributeReading> = { ...known };
  for (const name of changed) {
    const reading = read[name];
    if (reading !== undefined) merged[name] = reading;
  }
  return merged;
}
