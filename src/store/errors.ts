/** Errors of the store that callers tell apart; by name over the border between the threads. */
import { errorOf as plainErrorOf } from '../platform/sqlite/errors.ts';
import type { Thrown } from '../platform/sqlite/protocol.ts';

/** The numbers of the changes do not follow what is stored: an error of the program. */
export class SeqRefused extends Error {
  override readonly name = 'SeqRefused';
}

export const errorOf = (thrown: Thrown): Error =>
  thrown.name === 'SeqRefused' ? new SeqRefused(thrown.message) : plainErrorOf(thrown);
