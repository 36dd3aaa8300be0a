/** Reading one fact: it is known, is not there (null), or was refused (unreadable). */
import { type Unreadable, unreadable } from '../../domain/reading.ts';
import type { Files } from '../../platform/files.ts';
import { numberOf } from './parse.ts';

export type Fact<T> = T | null | Unreadable;

/** Why a read was refused, as the kernel says it: `EIO`. */
const whyOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

/** What `read` yields; undefined (not there) is null, a refusal is unreadable. */
export function attempt<T>(path: string, read: () => T | undefined): Fact<T> {
  try {
    return read() ?? null;
  } catch (error) {
    return unreadable(`${path}: ${whyOf(error)}`);
  }
}

export const isKnown = <T>(fact: Fact<T>): fact is Exclude<T, Unreadable> =>
  fact !== null && !(typeof fact === 'object' && 'unreadable' in fact);

/** `derive` applied to a known fact; what is not known stays as it is. */
export const derived = <T, U>(
  fact: Fact<T>,
  derive: (value: T) => U | null | undefined,
): Fact<U> => (isKnown(fact) ? (derive(fact) ?? null) : (fact as null | Unreadable));

/** A short attribute: one line of text. An empty one is null. */
export const readWord = (files: Files, path: string): Fact<string> =>
  attempt(path, () => files.readAttribute(path)?.trim() || undefined);

export const readNumber = (files: Files, path: string): Fact<number> =>
  attempt(path, () => numberOf(files.readAttribute(path)?.trim()));

/** A file of /proc that can be longer than 4 KiB (stat with its interrupts, vmstat). */
export const readWhole = (files: Files, path: string): Fact<string> =>
  attempt(path, () => files.readText(path));

/** The sum, when all are known; else the first that is not. */
export function sumOf(facts: readonly Fact<number>[]): Fact<number> {
  let sum = 0;
  for (const fact of facts) {
    if (typeof fact !== 'number') return fact;
    sum += fact;
  }
  return sum;
}
