/**
 * Refusals: every way in which a caller is told no. One table for all doors; a door shows the
 * code, the title, and what is special about this case. `/problems/CODE` explains each, offline.
 */
import type { Ms } from '../domain/time.ts';
import { table } from './refusal-table.ts';
import type { RefusalKind } from './unknown-table.ts';

export type RefusalCode = keyof typeof table;
export const refusals: Readonly<Record<RefusalCode, RefusalKind>> = table;
export const isRefusalCode = (code: string): code is RefusalCode => Object.hasOwn(table, code);

/** One thing that is wrong with the input. */
export interface InputError {
  /** JSON pointer into the merged input: `#/severity`; `#` for the whole. */
  readonly pointer: string;
  readonly detail: string;
}

export interface RefusalMore {
  readonly errors?: readonly InputError[];
  readonly hint?: string;
  readonly retryAfter?: Ms;
}

/** Thrown by an operation that says no, and turned into a value by `runOperation`. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly errors: readonly InputError[];
  readonly hint: string | null;
  /** Asking again sooner is of no use; left out: nothing is known about it. */
  readonly retryAfter: Ms | undefined;

  constructor(code: RefusalCode, detail: string, more: RefusalMore = {}) {
    super(detail);
    this.code = code;
    this.errors = more.errors ?? [];
    this.hint = more.hint ?? null;
    this.retryAfter = more.retryAfter;
  }
}

/** `refuse('alert-unknown', 'there is no alert 01K…')`, to be thrown. */
export const refuse = (code: RefusalCode, detail: string, more?: RefusalMore): Refusal =>
  new Refusal(code, detail, more);

/** One complaint about one field of the input. */
export const refuseField = (field: string, detail: string): Refusal =>
  refuse('invalid-input', `${field}: ${detail}`, { errors: [{ pointer: `#/${field}`, detail }] });
