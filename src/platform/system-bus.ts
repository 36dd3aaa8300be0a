/**
 * The door to the system bus: one connection, low-level calls, deadlines, loss noticed and
 * reported, reconnection with back-off. Values are plain: variants are unwrapped, 64-bit
 * numbers are bigint, dictionaries are objects.
 */
import type { Ms } from '../domain/time.ts';

export type BusValue =
  | string
  | number
  | bigint
  | boolean
  | readonly BusValue[]
  | { readonly [key: string]: BusValue };

export interface BusSignal {
  /** Unique name of the sender (`:1.0`), as the bus stamped it: nobody can forge this. */
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly BusValue[];
}

export type BusAnswer =
  | { readonly type: 'returned'; readonly body: readonly BusValue[] }
  | { readonly type: 'error'; readonly name: string; readonly message: string }
  | { readonly type: 'timeout' }
  | { readonly type: 'lost'; readonly why: string };

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
  readonly timeout?: Ms;
}

export interface BusConnection {
  /** At most 64 are on the wire at a time (the bus allows 128 replies outstanding); others wait. */
  call(call: BusCall): Promise<BusAnswer>;
  /** Adds a match rule; signals that match arrive at the connection's `onSignal`. */
  addMatch(rule: string): Promise<BusAnswer>;
  /** Resolves with the reason when the connection is lost or closed. */
  readonly lost: Promise<string>;
  close(): void;
}

export interface SystemBus {
  /** Connects once; says why not when it cannot. Signals go to `onSignal` in the order of arrival. */
  connect(
    onSignal: (signal: BusSignal) => void,
  ): Promise<
    | { readonly type: 'connected'; readonly connection: BusConnection }
    | { readonly type: 'refused'; readonly why: string }
  >;
}
