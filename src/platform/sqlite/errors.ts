/** Errors that callers tell apart; by name over the border between the threads. */
import type { Thrown } from './protocol.ts';

/** The file was written by a newer tocsin that said that we would do harm to it. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
}

/** Another tocsind has the database. */
export class StateInUse extends Error {
  override readonly name = 'StateInUse';
}

/** By names of our own: the bundler gives classes others. */
const known: Readonly<Record<string, new (message: string) => Error>> = {
  SchemaTooNew,
  StateInUse,
};

export function errorOf({ name, message }: Thrown): Error {
  const Known = known[name] ?? Error;
  return new Known(message);
}
