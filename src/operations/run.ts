/**
 * Runs an operation for a caller: the one place where the caller's right and the input are
 * checked. Doors only translate. A bug in an operation passes through as an exception: each door
 * has a wall for it.
 */
import type { Static, TSchema } from 'typebox';
import { seconds } from '../domain/time.ts';
import { type Became, deedOf, isAudited, isKept } from './audit-deed.ts';
import type { Caller, House } from './house.ts';
import { type RawInput, readInput } from './input.ts';
import { mayRun, type Operation, roleFor } from './operation.ts';
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

function refuseCaller(caller: Caller, operation: Operation): Refusal | undefined {
  if (mayRun(caller, operation.permission)) return undefined;
  const needed = `${operation.name} needs the role ${roleFor[operation.permission]}`;
  return caller.name === anonymous.name
    ? refuse('unauthenticated', needed)
    : refuse('not-permitted', `${needed}; ${caller.name} has the role ${caller.role}`);
}

/** Who logs in or out does no deed: that is always possible. */
function refuseFlood(house: House, caller: Caller, operation: Operation): Refusal | undefined {
  const isDeed = isAudited(operation) && operation.permission !== 'none';
  const wait = isDeed ? house.audit.waitOf(caller.name) : undefined;
  if (wait === undefined) return undefined;
  const detail = `${caller.name} has done more than the audit keeps of one caller in so short a time`;
  return refuse('too-many-requests', `${detail}; try again in ${Math.ceil(wait / seconds(1))} s`, {
    retryAfter: wait,
    hint: 'many alerts may be named in one request: POST /api/v1/monitoring/alerts/acknowledge',
  });
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

async function answer<I extends TSchema, O extends TSchema>(
  house: House,
  operation: Operation<I, O>,
  raw: RawInput,
  caller: Caller,
  conditions: Conditions,
): Promise<Answer<O>> {
  const refusal = refuseCaller(caller, operation) ?? refuseFlood(house, caller, operation);
  if (refusal !== undefined) return { type: 'refused', refusal };
  try {
    return await attempt(house, operation, raw, caller, conditions);
  } catch (error) {
    if (error instanceof Refusal) return { type: 'refused', refusal: error };
    throw error;
  }
}

/** For the audit; undefined where nothing was to be done. */
function becameOf<O extends TSchema>(result: Answer<O>): Became<O> | undefined {
  if (result.type === 'unchanged') return undefined;
  return result.type === 'done' ? result : { type: 'refused', code: result.refusal.code };
}

/**
 * What an audited operation has done, or was refused, is durable in the audit before the answer.
 * Where that is not possible the answer goes out all the same: the deed is done.
 */
export async function runOperation<I extends TSchema, O extends TSchema>(
  house: House,
  operation: Operation<I, O>,
  raw: RawInput,
  caller: Caller,
  conditions: Conditions = {},
): Promise<Answer<O>> {
  // Whoever is nobody may do nothing that counts, and could fill the audit with it.
  const isKnown = caller.name !== anonymous.name;
  if (!isKnown || !isAudited(operation)) return answer(house, operation, raw, caller, conditions);
  const keep = async (became: Became<O>): Promise<void> => {
    const deed = deedOf(operation, raw, caller, became, house.now());
    if (isKept(deed.outcome)) await house.audit.write(deed);
  };
  try {
    const result = await answer(house, operation, raw, caller, conditions);
    const became = becameOf(result);
    if (became !== undefined) await keep(became);
    return result;
  } catch (error) {
    await keep({ type: 'refused', code: 'internal' });
    throw error;
  }
}
