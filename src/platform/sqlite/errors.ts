/** Errors that callers tell apart; by name over the border between the threads. */
import type { Thrown } from './protocol.ts';

/** The file was written by a newer tocsin that said that we would do harm to it. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
}

export const errorOf = ({ name, message }: Thrown): Error =>
  name === 'SchemaTooNew' ? new SchemaTooNew(message) : new Error(message);
