/**
 * Runs an operation for a caller: the one place where the caller's right and the input are
 * checked. Doors only translate. A bug in an operation passes through as an exception: each door
 * has a wall for it.
 */
import type { Static, TSchema } from 'typebox';
import type { Caller, House } from './house.ts';
import { type RawInput, readInput } from './input.ts';
import { mayRun, type Operation, type Permission } from './operation.ts';
import { Refusal, refuse } from './refusals.ts';

/** Who asks when nothing is known about them. */
export const anonymous: Caller = { role: 'none', name: 'anonymous' };

export type Answer<O extends TSchema = TSchema> =
  | {
      readonly type: 'done';
      readonly output: Static<O>;
      readonly version: string | undefined;
      /** Of HTTP. */
      readonly status: number;
    }
  /** The caller has this version of the answer already. */
  | { readonly type: 'unchanged'; readonly version: string }
  | { readonly type: 'refused'; readonly refusal: Refusal };

const roleFor: Readonly<Record<Permission, string>> = {
  none: 'none',
  read: 'viewer',
  write: 'operator',
  admin: 'admin',
};

function refuseCaller(caller: Caller, operation: Operation): Refusal | undefined {
  if (mayRun(caller, operation.permission)) return undefined;
  const needed = `${operation.name} needs the role ${roleFor[operation.permission]}`;
  return caller.name === anonymous.name
    ? refuse('unauthenticated', needed)
    : refuse('not-permitted', `${needed}; ${caller.name} has the role ${caller.role}`);
}

/** What a caller says of the versions it knows. */
export interface Conditions {
  /** Whether it holds this version of the answer already (If-None-Match). */
  readonly holds?: (version: string) => boolean;
  /** Whether this is the version that it means to change (If-Match); left out: it did not say. */
  readonly means?: ((version: string) => boolean) | undefined;
}

function checkPrecondition(
  operation: Operation,
  version: string | undefined,
  means: Conditions['means'],
): void {
  if (operation.precondition !== true) return;
  const hint = 'GET it first: the header ETag of the answer is what If-Match takes; * takes any';
  if (means === undefined)
    throw refuse('precondition-required', `${operation.name} needs If-Match`, { hint });
  if (version === undefined || !means(version))
    throw refuse('precondition-failed', 'it was changed since you read it', { hint });
}

async function attempt<I extends TSchema, O extends TSchema>(
  house: House,
  operation: Operation<I, O>,
  raw: RawInput,
  caller: Caller,
  { holds, means }: Conditions,
): Promise<Answer<O>> {
  const read = readInput(operation.input, raw);
  if (read.type === 'wrong') {
    const [first] = read.errors;
    const detail = `${first?.pointer.slice(2) || 'input'}: ${first?.detail ?? 'not valid'}`;
    throw refuse('invalid-input', detail, { errors: read.errors });
  }
  const input = read.value as Static<I>;
  const before = operation.version?.(house, input);
  if (operation.method === 'GET' && before !== undefined && holds?.(before) === true)
    return { type: 'unchanged', version: before };
  checkPrecondition(operation, before, means);
  const askedAt = house.now();
  const output = await operation.run(house, input, caller);
  const version = operation.method === 'GET' ? before : operation.version?.(house, input);
  return { type: 'done', output, version, status: operation.status?.(output, askedAt) ?? 200 };
}

export async function runOperation<I extends TSchema, O extends TSchema>(
  house: House,
  operation: Operation<I, O>,
  raw: RawInput,
  caller: Caller,
  conditions: Conditions = {},
): Promise<Answer<O>> {
  const refusal = refuseCaller(caller, operation);
  if (refusal !== undefined) return { type: 'refused', refusal };
  try {
    return await attempt(house, operation, raw, caller, conditions);
  } catch (error) {
    if (error instanceof Refusal) return { type: 'refused', refusal: error };
    throw error;
  }
}
