/** Reading one fact: it is known, it is not there (null), or it was refused (unreadable). */
import {
  derived,
  type Fact,
  isUnreadable,
  type Unreadable,
  unreadable,
} from '../domain/reading.ts';
import type { Files } from '../platform/files.ts';

/** Why a read was refused, as the kernel says it: `EIO`. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

/** What `read` gives, or that `what` cannot be read and why: a refusal becomes a value. */
export function attempt<T>(what: string, read: () => T): T | Unreadable {
  try {
    return read();
  } catch (error) {
    return unreadable(`${what} cannot be read (${codeOf(error)})`);
  }
}

export const wasRefusedWith = (fact: unknown, code: string): boolean =>
  isUnreadable(fact) && fact.unreadable.endsWith(`(${code})`);

/** The same where "there is no such thing" is an answer: null. */
export const readFact = <T>(what: string, read: () => T | undefined): Fact<T> =>
  attempt(what, () => read() ?? null);

/** Text without the blanks around it; null when nothing is left. */
export const readWord = (files: Files, path: string): Fact<string> =>
  readFact(path, () => files.readAttribute(path)?.trim() || undefined);

/** A file of /proc that can be longer than 4 KiB (stat with its interrupts, vmstat). */
export const readWhole = (files: Files, path: string): Fact<string> =>
  readFact(path, () => files.readText(path));

/** The kernel's longest number has 64 bits; hundreds of digits would be infinite. */
const whole = /^(-?\d{1,20}|0x[0-9a-f]{1,16})$/i;

/** A number as the kernel prints it: decimal, or hexadecimal with 0x (iorequest_cnt and others). */
export const readNumber = (files: Files, path: string): Fact<number> =>
  derived(readWord(files, path), (text) =>
    whole.test(text) ? Number(text) : unreadable(`${path} is not a number: "${text.slice(0, 40)}"`),
  );

/** Any number but 0 means yes. */
export const readFlag = (files: Files, path: string): Fact<boolean> =>
  derived(readNumber(files, path), (number) => number !== 0);

/** The fact where it is known; for what only adds to a picture. */
export const ifKnown = <T>(fact: Fact<T>): T | undefined =>
  fact === null || isUnreadable(fact) ? undefined : fact;

/** The sum, when all are known; else the first that is not. */
export function sumOf(facts: readonly Fact<number>[]): Fact<number> {
  let sum = 0;
  for (const fact of facts) {
    if (typeof fact !== 'number') return fact;
    sum += fact;
  }
  return sum;
}
