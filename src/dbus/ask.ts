/** A call in work: who asks what, and the way to the operations. */
import type { Static, TSchema } from 'typebox';
import type { Caller, House } from '../operations/house.ts';
import type { RawInput } from '../operations/input.ts';
import type { Operation } from '../operations/operation.ts';
import { refuse } from '../operations/refusals.ts';
import { runOperation } from '../operations/run.ts';

/** What a member's code gets. */
export interface Ask {
  readonly house: House;
  readonly caller: Caller;
}

/** What the operation answers; throws the refusal. */
export async function outputOf<I extends TSchema, O extends TSchema>(
  { house, caller }: Ask,
  operation: Operation<I, O>,
  raw: RawInput = {},
): Promise<Static<O>> {
  const answer = await runOperation(house, operation, raw, caller);
  if (answer.type === 'done') return answer.output;
  throw answer.type === 'refused' ? answer.refusal : refuse('internal', 'unchanged since nothing');
}

export const textInput = (fields: Readonly<Record<string, string>>): RawInput => ({
  texts: Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, [text]])),
});

/** An empty text stands for one that is left out: arguments of the bus cannot be. */
export const withoutEmpty = (fields: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== ''));
