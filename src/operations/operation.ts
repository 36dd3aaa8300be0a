/**
 * Operations: what a person or program can ask for, declared once. A row yields the REST route,
 * the entry in the API's documents and the client's method; what role it needs stands in it, and
 * run.ts alone looks whether the caller has it.
 */
import type { Static, TSchema } from 'typebox';
import type { EpochMs } from '../domain/time.ts';
import { isEnough } from './caller.ts';
import type { Caller, House, Role } from './house.ts';
import type { RefusalCode } from './refusals.ts';

export type Permission = 'none' | 'read' | 'write' | 'admin';

export interface Operation<I extends TSchema = TSchema, O extends TSchema = TSchema> {
  /** `alert.acknowledge` */
  readonly name: string;
  readonly summary: string;
  readonly permission: Permission;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** With `:id` parameters; parameters, query and body are merged into one input object. */
  readonly path: string;
  readonly input: I;
  readonly output: O;
  /**
   * How it may say no, beyond what its method, permission and input bring along: the API's
   * documents have it, and every answer of the tests is held against them.
   */
  readonly refusals?: readonly RefusalCode[];
  /** A body longer than this is refused; 64 KiB where nothing is said. */
  readonly bodyBytesMax?: number;
  /**
   * The caller must say which version it has seen (If-Match), and it must be the present one, so
   * that nobody overwrites what somebody else has changed meanwhile. Needs `version`.
   */
  readonly precondition?: true;
  /** The answer holds a secret that is shown this once: none is kept for an Idempotency-Key. */
  readonly shownOnce?: true;
  /**
   * Whether the audit keeps who asked for it. Left out: when it is no GET and needs `write` or
   * `admin`. `false` has its reason beside it: what programs send all the time has its own record.
   */
  readonly audited?: boolean;
  /** For the audit, where path and answer do not say it: what it was done to, what became of it. */
  outcome?(output: Static<O>): { readonly subject: string | null; readonly outcome: string };
  /** The HTTP status of an answer where it is not 200. `askedAt`: when the request came. */
  status?(output: Static<O>, askedAt: EpochMs): number;
  /** What `status` can be, for the API's documents; left out: 200 and, of a POST, 201. */
  readonly statuses?: readonly number[];
  /**
   * Names the state that the answer is made from: equal versions mean equal answers (ETag).
   * Undefined when the answer changes by itself. Called only for callers who may run it.
   */
  version?(house: House, input: Static<I>): string | undefined;
  run(house: House, input: Static<I>, caller: Caller): Promise<Static<O>>;
}

export const defineOperation = <I extends TSchema, O extends TSchema>(
  operation: Operation<I, O>,
): Operation<I, O> => operation;

/** The least role that has the permission. */
export const roleFor: Readonly<Record<Permission, Role>> = {
  none: 'none',
  read: 'viewer',
  write: 'operator',
  admin: 'admin',
};

export const mayRun = (caller: Caller, permission: Permission): boolean =>
  isEnough(caller.role, roleFor[permission]);
