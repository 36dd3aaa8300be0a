/**
 * Operations: what a person or program can ask for, declared once. A row yields the REST route,
 * the CLI's call and the OpenAPI entry; the check of the caller's role is here and in no door.
 */
import type { Static, TSchema } from 'typebox';
import type { EpochMs } from '../domain/time.ts';
import type { Caller, House, Role } from './house.ts';

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
  /** A body longer than this is refused; 64 KiB where nothing is said. */
  readonly bodyBytesMax?: number;
  /**
   * The caller must say which version it has seen (If-Match), and it must be the present one, so
   * that nobody overwrites what somebody else has changed meanwhile. Needs `version`.
   */
  readonly precondition?: true;
  /** The HTTP status of an answer where it is not 200. `askedAt`: when the request came. */
  status?(output: Static<O>, askedAt: EpochMs): number;
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

const rank: Readonly<Record<Role, number>> = { none: 0, viewer: 1, operator: 2, admin: 3 };
const needed: Readonly<Record<Permission, number>> = { none: 0, read: 1, write: 2, admin: 3 };

export const mayRun = (caller: Caller, permission: Permission): boolean =>
  rank[caller.role] >= needed[permission];
