/** What the serving side of the bus is to those who use it; service.ts makes one. */
import type { BusAnswer, BusCall, BusSignal, BusValue } from './message.ts';

/** What the bus says too when one asks for too much, or for what is wrong. */
export const callError = {
  limits: 'org.freedesktop.DBus.Error.LimitsExceeded',
  arguments: 'org.freedesktop.DBus.Error.InvalidArgs',
  failed: 'org.freedesktop.DBus.Error.Failed',
} as const;

/** A call to us. Compare its signature, which is the caller's, before the body is used. */
export interface IncomingCall {
  /** Unique name of the caller, as the bus stamped it. */
  readonly sender: string;
  readonly path: string;
  /** Empty where the caller names none, which the specification allows. */
  readonly interface: string;
  readonly member: string;
  readonly signature: string;
  readonly body: readonly BusValue[];
  /** The caller lets the user be asked for a password meanwhile. */
  readonly isInteractive: boolean;
  /** Aborts when the caller has left, or the bus: nobody waits for the answer any more. */
  readonly gone: AbortSignal;
}

export type ServiceReply =
  | { readonly type: 'return'; readonly signature: string; readonly body: readonly unknown[] }
  | { readonly type: 'error'; readonly name: string; readonly message: string };

export interface OutgoingSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature: string;
  readonly body: readonly unknown[];
  /** Only for this connection; left out: for all whose match rules fit. */
  readonly destination?: string;
}

export interface ServiceHandlers {
  readonly onCall: (call: IncomingCall) => Promise<ServiceReply>;
  readonly onSignal: (signal: BusSignal) => void;
  /** A handler threw, or answered what does not fit. The caller is told that it failed. */
  readonly onBug: (error: unknown) => void;
}

/** What the bus knows of a connection. Its process is left out: a pid is nobody's name for long. */
export interface BusCredentials {
  readonly uid: number;
  readonly groups: readonly number[];
}

export type NameAnswer =
  | { readonly type: 'owned' }
  /** Somebody else has it. */
  | { readonly type: 'taken' }
  | { readonly type: 'refused'; readonly why: string };

export interface ServiceConnection {
  call(call: BusCall): Promise<BusAnswer>;
  addMatch(rule: string): Promise<BusAnswer>;
  /** Does not wait in the bus's queue where somebody else has the name. */
  requestName(name: string): Promise<NameAnswer>;
  releaseName(name: string): Promise<BusAnswer>;
  /** Undefined when the connection is gone, or the bus does not know. */
  credentialsOf(name: string): Promise<BusCredentials | undefined>;
  emit(signal: OutgoingSignal): void;
  /** Resolves when there is room for signals, or the connection is lost. */
  ready(): Promise<void>;
  readonly lost: Promise<string>;
  close(): void;
}

export interface ServiceBus {
  connect(
    handlers: ServiceHandlers,
  ): Promise<
    | { readonly type: 'connected'; readonly connection: ServiceConnection }
    | { readonly type: 'refused'; readonly why: string }
  >;
}
