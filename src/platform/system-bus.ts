/**
 * The door to the system bus: one connection, low-level calls, deadlines, loss noticed at once
 * and reported; to connect again is the caller's. Values are plain: variants are unwrapped,
 * 64-bit numbers are bigint, dictionaries are objects without prototype.
 *
 * Order: signals and answers are handed over as they arrived. What an answer sets going with
 * promises has run before the next signal is handed over. Bytes and values are in
 * bus/{decode,encode}.ts, the stream in {transport,frames,connection}.ts, waiting in calls.ts, and
 * the side that answers calls in service.ts. Why no library: docs/adr/0002-bus-library.md.
 */
import { type Ms, seconds } from '../domain/time.ts';
import { connectWire, type Outlet, type Patience } from './bus/connection.ts';
import type { Decoded } from './bus/decode.ts';
import { encodeMessage } from './bus/encode.ts';
import {
  type BusAnswer,
  type BusCall,
  type BusSignal,
  flagNoReply,
  messageType,
} from './bus/message.ts';
import { systemBusAddressDefault } from './bus/transport.ts';

export type { BusAnswer, BusCall, BusSignal, BusValue, BusVariant } from './bus/message.ts';

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
  /** Connects once, or says why not. Signals go to `onSignal` in the order of arrival. */
  connect(
    onSignal: (signal: BusSignal) => void,
  ): Promise<
    | { readonly type: 'connected'; readonly connection: BusConnection }
    | { readonly type: 'refused'; readonly why: string }
  >;
}

export interface BusLimits {
  /** Of a call that names none. libdbus and sd-bus have the same 25 s. */
  readonly callTimeout?: Ms;
  /** From the first byte to the bus's answer to Hello. */
  readonly connectTimeout?: Ms;
}

/** Not read by the bus: we answer calls to us, which nobody should make, up to this backlog. */
const refusalBytesMax = 1024 * 1024;

/** Says that nothing is exported here; waiting for 25 s would be unkind. */
function refuseCall({ message }: Decoded, outlet: Outlet): void {
  if ((message.flags & flagNoReply) !== 0 || outlet.waiting() > refusalBytesMax) return;
  outlet.write(
    encodeMessage({
      type: messageType.error,
      flags: flagNoReply,
      // No answer to it will come, so it need not be told apart from our calls.
      serial: 0xffff_ffff,
      errorName: 'org.freedesktop.DBus.Error.UnknownMethod',
      replySerial: message.serial,
      destination: message.sender,
      signature: 's',
      body: ['No object is exported here'],
    }),
  );
}

/** Without an address: $DBUS_SYSTEM_BUS_ADDRESS, else the well-known socket. */
export const busAddress = (address?: string): string =>
  address ?? (process.env.DBUS_SYSTEM_BUS_ADDRESS || systemBusAddressDefault);

export const patienceOf = (limits: BusLimits): Patience => ({
  callTimeout: limits.callTimeout ?? seconds(25),
  connectTimeout: limits.connectTimeout ?? seconds(10),
});

export function systemBus(address?: string, limits: BusLimits = {}): SystemBus {
  const patience = patienceOf(limits);
  return {
    async connect(onSignal) {
      const receivers = { onSignal, onCall: refuseCall };
      const answer = await connectWire(busAddress(address), receivers, patience);
      if (answer.type === 'refused') return answer;
      const { wire } = answer;
      const connection: BusConnection = {
        call: (call) => wire.call(call),
        addMatch: (rule) => wire.addMatch(rule),
        lost: wire.lost,
        close: () => wire.lose('closed by tocsin'),
      };
      return { type: 'connected', connection };
    },
  };
}
