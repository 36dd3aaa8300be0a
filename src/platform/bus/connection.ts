/**
 * An authenticated stream as a connection: calls with deadlines, match rules, what is to be sent,
 * and the loss of it. Both sides stand on it: the client (system-bus.ts) and the service
 * (service.ts).
 */
import type { Socket } from 'node:net';
import type { Ms } from '../../domain/time.ts';
import { Calls } from './calls.ts';
import type { Decoded } from './decode.ts';
import { type Draft, encodeMessage } from './encode.ts';
import { readFrames } from './frames.ts';
import { type BusAnswer, type BusCall, type BusSignal, messageType } from './message.ts';
import { Malformed } from './signature.ts';
import { openTransport } from './transport.ts';

export const theBus = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
} as const;

/** Where the specification has a name for what went wrong here, it is used. */
const localError = {
  broken: 'org.freedesktop.DBus.Error.InconsistentMessage',
  unfit: 'org.freedesktop.DBus.Error.InvalidArgs',
} as const;

/** The way out, for who answers calls. */
export interface Outlet {
  /** Bytes that the bus has not yet taken from us. */
  waiting(): number;
  write(bytes: Buffer): void;
}

/** Who takes what comes unasked. */
export interface Receivers {
  readonly onSignal: (signal: BusSignal) => void;
  readonly onCall: (decoded: Decoded, outlet: Outlet) => void;
}

export interface Wire extends Outlet {
  call(call: BusCall): Promise<BusAnswer>;
  addMatch(rule: string): Promise<BusAnswer>;
  readonly lost: Promise<string>;
  /** Ends it for this reason. */
  lose(why: string): void;
  /** Resolves when the bus has taken all that waits, or the connection is lost. */
  untilDrained(): Promise<void>;
}

/** Of a call that names none, and from the first byte to the bus's answer to Hello. */
export interface Patience {
  readonly callTimeout: Ms;
  readonly connectTimeout: Ms;
}

function answerOf(decoded: Decoded): BusAnswer {
  if (decoded.type === 'malformed') {
    return { type: 'error', name: localError.broken, message: decoded.why };
  }
  const { type, body, errorName } = decoded.message;
  if (type === messageType.return) return { type: 'returned', body };
  const message = typeof body[0] === 'string' ? body[0] : '';
  return { type: 'error', name: errorName, message };
}

/** What one message does; `settle` when somebody waited for it. */
function handOver(
  decoded: Decoded,
  to: Receivers & { readonly outlet: Outlet; readonly calls: Calls },
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
      to.onCall(decoded, to.outlet);
      return 'next';
    default:
      return 'next';
  }
}

/** Encodes before waiting, so that what does not fit its signature is answered at once. */
function startCall(
  outlet: Outlet,
  calls: Calls,
  call: BusCall,
  callTimeout: Ms,
): Promise<BusAnswer> {
  const draft: Draft = { ...call, type: messageType.call, serial: 1 };
  try {
    const bytes = encodeMessage(draft);
    return calls.start((serial) => {
      bytes.writeUInt32LE(serial, 8);
      outlet.write(bytes);
    }, call.timeout ?? callTimeout);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return Promise.resolve({ type: 'error', name: localError.unfit, message: error.message });
  }
}

function untilDrained(socket: Socket): Promise<void> {
  if (socket.destroyed || !socket.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      socket.off('drain', end).off('close', end);
      resolve();
    };
    socket.on('drain', end).on('close', end);
  });
}

function openWire(socket: Socket, receivers: Receivers, callTimeout: Ms): Wire {
  const calls = new Calls();
  const { promise: lost, resolve } = Promise.withResolvers<string>();
  const lose = (why: string): void => {
    resolve(why);
    calls.lose(why);
    socket.destroy();
  };
  const outlet: Outlet = {
    waiting: () => socket.writableLength,
    write: (bytes) => void (socket.destroyed || socket.write(bytes)),
  };
  readFrames(socket, {
    take: (decoded) => handOver(decoded, { ...receivers, outlet, calls }),
    broken: lose,
  });
  socket.on('error', (error) => lose(`the bus connection failed: ${error.message}`));
  socket.on('end', () => lose('the bus closed the connection'));
  socket.on('close', () => lose('the bus connection is closed'));
  socket.resume();
  const call = (wanted: BusCall): Promise<BusAnswer> =>
    startCall(outlet, calls, wanted, callTimeout);
  return {
    ...outlet,
    call,
    addMatch: (rule) => call({ ...theBus, member: 'AddMatch', signature: 's', body: [rule] }),
    lost,
    lose,
    untilDrained: () => untilDrained(socket),
  };
}

const whyNot = (answer: Exclude<BusAnswer, { type: 'returned' }>): string => {
  if (answer.type === 'timeout') return 'no answer to Hello';
  return answer.type === 'lost' ? answer.why : `${answer.name}: ${answer.message}`;
};

export type WireAnswer =
  | { readonly type: 'connected'; readonly wire: Wire }
  | { readonly type: 'refused'; readonly why: string };

/** Connects once and says Hello, or says why not. */
export async function connectWire(
  where: string,
  receivers: Receivers,
  { callTimeout, connectTimeout }: Patience,
): Promise<WireAnswer> {
  const transport = await openTransport(where, connectTimeout);
  if (transport.type === 'refused') return transport;
  const wire = openWire(transport.socket, receivers, callTimeout);
  const hello = await wire.call({ ...theBus, member: 'Hello', timeout: connectTimeout });
  if (hello.type === 'returned') return { type: 'connected', wire };
  wire.lose('closed by tocsin');
  return { type: 'refused', why: `${where}: ${whyNot(hello)}` };
}
