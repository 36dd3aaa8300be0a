/** A no in the words of the D-Bus specification: the call does not fit what there is. */
import type { StandardError } from './errors.ts';

export class StandardRefusal extends Error {
  readonly error: StandardError;

  constructor(error: StandardError, message: string) {
    super(message);
    this.error = error;
  }
}
