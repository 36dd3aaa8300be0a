/** Reads that may be refused: the refusal becomes a value with its reason. */
import { type Unreadable, unreadable } from '../../domain/reading.ts';

export const isRefused = (value: unknown): value is Unreadable =>
  typeof value === 'object' && value !== null && 'unreadable' in value;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

/** What `read` answers, or that `path` cannot be read and why. */
export function attempt<T>(path: string, read: () => T): T | Unreadable {
  try {
    return read();
  } catch (error) {
    return unreadable(`${path} cannot be read (${codeOf(error)})`);
  }
}
