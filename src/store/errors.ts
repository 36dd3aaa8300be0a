/** Errors that callers tell apart; by name over the border between the threads. */
import type { Thrown } from './protocol.ts';

/** The file was written by a newer tocsin that said that we would do harm to it. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
}

/** The numbers of the changes do not follow what is stored: an error of the program. */
export class SeqRefused extends Error {
  override readonly name = 'SeqRefused';
}

export function errorOf({ name, message }: Thrown): Error {
  if (name === 'SchemaTooNew') return new SchemaTooNew(message);
  if (name === 'SeqRefused') return new SeqRefused(message);
  return new Error(message);
}
