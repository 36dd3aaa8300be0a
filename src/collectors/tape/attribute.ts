/** One attribute file -> one value. A file that refuses makes one value unreadable, no more. */
import { type Unreadable, unreadable } from '../../domain/reading.ts';
import type { Files } from '../../platform/files.ts';

/** The value; null where there is no such file; or why it cannot be read. */
export type Read<T> = T | null | Unreadable;

/** Refused, for values that may be objects themselves (bytes, lists). */
export const isRefused = (value: unknown): value is Unreadable =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'unreadable');

const codeOf = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : 'error';

/** What `read` gives; null for nothing; unreadable where it throws: `EIO: state`. */
export function attempt<T>(what: string, read: () => T | undefined): Read<T> {
  try {
    return read() ?? null;
  } catch (error) {
    return unreadable(`${codeOf(error)}: ${what}`);
  }
}

function parsed<T>(files: Files, path: string, parse: (text: string) => T | undefined): Read<T> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const text = attempt(name, () => files.readAttribute(path));
  if (text === null || isRefused(text)) return text;
  return parse(text) ?? unreadable(`${name}: not understood: ${text.slice(0, 40)}`);
}

/** Text without the blanks that INQUIRY pads with; null when nothing is left. */
export const readWord = (files: Files, path: string): Read<string> => {
  const text = parsed(files, path, (given) => given.trim());
  return text === '' ? null : text;
};

const decimal = /^\d+$/;
const hexadecimal = /^0x[0-9a-f]+$/i;

/** A number as the kernel prints it: decimal, or hexadecimal with 0x (iorequest_cnt and others). */
export const readNumber = (files: Files, path: string): Read<number> =>
  parsed(files, path, (text) =>
    decimal.test(text) || hexadecimal.test(text) ? Number(text) : undefined,
  );

export const readFlag = (files: Files, path: string): Read<boolean> => {
  const number = readNumber(files, path);
  return typeof number === 'number' ? number !== 0 : number;
};

export const isKnown = <T extends string | number | boolean>(value: Read<T>): value is T =>
  value !== null && !isRefused(value);
