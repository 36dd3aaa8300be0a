/** What the audit keeps of a call: who, which door, what was asked for, what became of it. */
import { createHash } from 'node:crypto';
import type { Static, TSchema } from 'typebox';
import type { Deed } from '../domain/audit.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Caller } from './house.ts';
import type { RawInput } from './input.ts';
import type { Operation } from './operation.ts';
import type { RefusalCode } from './refusals.ts';

/** Longest texts of a row, in UTF-16 units: 100,000 rows of them are 200 MB at the very worst. */
const inputLengthMax = 1000;
const subjectLengthMax = 512;
const nameLengthMax = 128;

const secretName = /secret|passw|passphrase|token|credential|authori[sz]ation|cookie/i;
const hidden = '(secret)';

/** An outcome for what changed nothing, and needs no right: it leaves no row. */
export const nothingDone = 'nothing-done';

/**
 * Refusals that leave no row. Nobody is behind the first one, so anybody could fill the audit
 * with it; the doors count and log it. Behind the others is a request that names no deed.
 */
const unkept: readonly string[] = [
  'unauthenticated',
  'invalid-input',
  'invalid-request',
  'precondition-required',
  nothingDone,
] satisfies readonly (RefusalCode | typeof nothingDone)[];

export const isAudited = ({ audited, method, permission }: Operation): boolean =>
  audited ?? (method !== 'GET' && (permission === 'write' || permission === 'admin'));

export const isKept = (outcome: string): boolean => !unkept.includes(outcome);

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

/** Path, query and body in one object, as the operation is given them. */
function merged({ texts = {}, json = {} }: RawInput): Readonly<Record<string, unknown>> {
  const single = Object.entries(texts).map(([name, all]) => [
    name,
    all.length === 1 ? all[0] : all,
  ]);
  const body = typeof json === 'object' && json !== null ? Object.entries(json) : [['body', json]];
  return Object.fromEntries([...body, ...single]) as Readonly<Record<string, unknown>>;
}

/** A body that is nested too deeply to be written as JSON is no input that any operation takes. */
function renderJson(input: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify(input, (name, value: unknown) =>
      secretName.test(name) ? hidden : value,
    );
  } catch {
    return '{}';
  }
}

/** What was cut can still be held against a copy: the hash is over all of it. */
function renderInput(input: Readonly<Record<string, unknown>>): string {
  const json = renderJson(input);
  if (json.length <= inputLengthMax) return json;
  const hash = createHash('sha256').update(json.toWellFormed()).digest('hex');
  const note = `… (${json.length} characters, SHA-256 ${hash})`;
  return `${json.slice(0, inputLengthMax - note.length)}${note}`;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** The parameters of the path; of what was made anew, its id. */
function subjectOf(
  path: string,
  input: Readonly<Record<string, unknown>>,
  output: unknown,
): string | null {
  const named = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => textOf(input[name]));
  const subject = named.filter((text) => text !== undefined).join('/');
  if (subject !== '') return subject;
  const made = typeof output === 'object' && output !== null && 'id' in output ? output.id : null;
  return textOf(made) ?? null;
}

/** What an operation answered, or the code of the refusal (`internal`: a bug). */
export type Became<O extends TSchema> =
  | { readonly type: 'done'; readonly output: Static<O> }
  | { readonly type: 'refused'; readonly code: string };

export function deedOf<I extends TSchema, O extends TSchema>(
  operation: Operation<I, O>,
  raw: RawInput,
  caller: Caller,
  became: Became<O>,
  at: EpochMs,
): Deed {
  const input = merged(raw);
  const output = became.type === 'done' ? became.output : undefined;
  const said = became.type === 'done' ? operation.outcome?.(became.output) : undefined;
  const subject = said?.subject ?? subjectOf(operation.path, input, output);
  return {
    at,
    by: cut(caller.name, nameLengthMax),
    door: caller.door ?? 'none',
    client: caller.client === undefined ? null : cut(caller.client, nameLengthMax),
    operation: operation.name,
    subject: subject === null ? null : cut(subject, subjectLengthMax),
    input: renderInput(input),
    outcome: became.type === 'refused' ? became.code : (said?.outcome ?? 'done'),
  };
}
