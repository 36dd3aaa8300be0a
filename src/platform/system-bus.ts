/**
 * The door to the system bus: one connection, low-level calls, deadlines, loss noticed at once
 * and reported; to connect again is the caller's. Values are plain: variants are unwrapped,
 * 64-bit numbers are bigint, dictionaries are objects without prototype.
 *
 * Order: signals and answers are handed over as they arrived. What an answer sets going with
 * promises has run before the next signal is handed over. Bytes and values are in
 * system-bus-{decode,encode}.ts, the stream in -{transport,frames}.ts, waiting in -calls.ts.
 * Why no library: docs/adr/0002-bus-library.md.
 */
import type { Socket } from 'node:net';
import { type Ms, seconds } from '../domain/time.ts';
import { Calls } from './bus/calls.ts';
import type { Decoded } from './bus/decode.ts';
import { type Draft, encodeMessage } from './bus/encode.ts';
import { readFrames } from './bus/frames.ts';
import {
  type BusAnswer,
  type BusValue,
  flagNoReply,
  messageType,
  type WireMessage,
} from './bus/message.ts';
import { Malformed } from './bus/signature.ts';
import { openTransport, systemBusAddressDefault } from './bus/transport.ts';

export type { BusAnswer, BusValue, BusVariant } from './bus/message.ts';

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

const theBus = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
} as const;

/** Where the specification has a name for what went wrong here, it is used. */
const localError = {
  broken: 'org.freedesktop.DBus.Error.InconsistentMessage',
  unfit: 'org.freedesktop.DBus.Error.InvalidArgs',
} as const;

function answerOf(decoded: Decoded): BusAnswer {
  if (decoded.type === 'malformed') {
    return { type: 'error', name: localError.broken, message: decoded.why };
  }
  const { type, body, errorName } = decoded.message;
  if (type === messageType.return) return { type: 'returned', body };
  const message = typeof body[0] === 'string' ? body[0] : '';
  return { type: 'error', name: errorName, message };
}

/** Says that nothing is exported here; waiting for 25 s would be unkind. */
function refuseCall(socket: Socket, message: WireMessage): void {
  if ((message.flags & flagNoReply) !== 0 || socket.writableLength > refusalBytesMax) return;
  socket.write(
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

/** What one message does; `settle` when somebody waited for it. */
function handOver(
  decoded: Decoded,
  to: { socket: Socket; calls: Calls; onSignal: (signal: BusSignal) => void },
): 'next' | 'settle' {
  const { message } = decoded;
  switch (message.type) {
    case messageType.return:
    case messageType.error:
      return to.calls.answer(message.replySerial, answerOf(decoded)) ? 'settle' : 'next';
    case messageType.signal:
      // A broken body can only be a forgery: the bus checks all but file descriptors.
      if (decoded.type === 'message') to.onSignal(message);
      return 'next';
    case messageType.call:
      refuseCall(to.socket, message);
      return 'next';
    default:
      return 'next';
  }
}

/** Encodes before waiting, so that what does not fit its signature is answered at once. */
function startCall(
  socket: Socket,
  calls: Calls,
  call: BusCall,
  callTimeout: Ms,
): Promise<BusAnswer> {
  const draft: Draft = { ...call, type: messageType.call, serial: 1 };
  try {
    const bytes = encodeMessage(draft);
    return calls.start((serial) => {
      bytes.writeUInt32LE(serial, 8);
      socket.write(bytes);
    }, call.timeout ?? callTimeout);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return Promise.resolve({ type: 'error', name: localError.unfit, message: error.message });
  }
}

function openConnection(
  socket: Socket,
  onSignal: (signal: BusSignal) => void,
  callTimeout: Ms,
): BusConnection {
  const calls = new Calls();
  const { promise: lost, resolve } = Promise.withResolvers<string>();
  const lose = (why: string): void => {
    resolve(why);
    calls.lose(why);
    socket.destroy();
  };
  readFrames(socket, {
    take: (decoded) => handOver(decoded, { socket, calls, onSignal }),
    broken: lose,
  });
  socket.on('error', (error) => lose(`the bus connection failed: ${error.message}`));
  socket.on('end', () => lose('the bus closed the connection'));
  socket.on('close', () => lose('the bus connection is closed'));
  socket.resume();
  const call = (wanted: BusCall): Promise<BusAnswer> =>
    startCall(socket, calls, wanted, callTimeout);
  return {
    call,
    addMatch: (rule) => call({ ...theBus, member: 'AddMatch', signature: 's', body: [rule] }),
    lost,
    close: () => lose('closed by tocsin'),
  };
}

const whyNot = (answer: Exclude<BusAnswer, { type: 'returned' }>): string => {
  if (answer.type === 'timeout') return 'no answer to Hello';
  return answer.type === 'lost' ? answer.why : `${answer.name}: ${answer.message}`;
};

/** Without an address: $DBUS_SYSTEM_BUS_ADDRESS, else the well-known socket. */
export function systemBus(address?: string, limits: BusLimits = {}): SystemBus {
  const callTimeout = limits.callTimeout ?? seconds(25);
  const connectTimeout = limits.connectTimeout ?? seconds(10);
  return {
    async connect(onSignal) {
      const where = address ?? (process.env.DBUS_SYSTEM_BUS_ADDRESS || systemBusAddressDefault);
      const transport = await openTransport(where, connectTimeout);
      if (transport.type === 'refused') return transport;
      const connection = openConnection(transport.socket, onSignal, callTimeout);
      const hello = await connection.call({ ...theBus, member: 'Hello', timeout: connectTimeout });
      if (hello.type === 'returned') return { type: 'connected', connection };
      connection.close();
      return { type: 'refused', why: `${where}: ${whyNot(hello)}` };
    },
  };
}
