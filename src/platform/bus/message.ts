/** What a D-Bus message is made of. Source: D-Bus specification 0.43, "Message Format". */
import type { Ms } from '../../domain/time.ts';

/** Unwrapped: a variant is its value. */
export type BusValue =
  | string
  | number
  | bigint
  | boolean
  | readonly BusValue[]
  | { readonly [key: string]: BusValue };

/** How the body of a call says a variant. */
export interface BusVariant {
  readonly signature: string;
  readonly value: unknown;
}

export interface BusSignal {
  /** Unique name of the sender (`:1.0`), as the bus stamped it: nobody can forge this. */
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly BusValue[];
}

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
  readonly timeout?: Ms;
}

/** How a call ended. */
export type BusAnswer =
  | { readonly type: 'returned'; readonly body: readonly BusValue[] }
  | { readonly type: 'error'; readonly name: string; readonly message: string }
  | { readonly type: 'timeout' }
  | { readonly type: 'lost'; readonly why: string };

export const messageType = { call: 1, return: 2, error: 3, signal: 4 } as const;

/** Flag of a call whose sender wants no answer. */
export const flagNoReply = 1;
/** Flag of a call whose sender lets the user be asked for a password meanwhile. */
export const flagInteractive = 4;

/** Header fields by their code; a field that is missing is empty, a number 0. */
export interface WireMessage {
  /** One of `messageType`; others are to be ignored. */
  readonly type: number;
  readonly flags: number;
  readonly serial: number;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly errorName: string;
  readonly replySerial: number;
  readonly destination: string;
  readonly sender: string;
  /** Of the body, as its sender says it. */
  readonly signature: string;
  readonly body: readonly BusValue[];
}

/** Of one message, with its header: the specification's limit. */
export const messageBytesMax = 128 * 1024 * 1024;
/**
 * Of a call to us. Everybody on the box may send some, and what they make in memory is many times
 * their length; no member takes more than REST takes in a body.
 */
export const callBytesMax = 64 * 1024;
/** Of one array: the specification's limit. */
export const arrayBytesMax = 64 * 1024 * 1024;
/** Byte order, type, flags, version, body length, serial, length of the header's fields. */
export const fixedHeaderBytes = 16;
export const littleEndianMark = 0x6c;
export const bigEndianMark = 0x42;

export const fieldCode = {
  path: 1,
  interface: 2,
  member: 3,
  errorName: 4,
  replySerial: 5,
  destination: 6,
  sender: 7,
  signature: 8,
} as const;
