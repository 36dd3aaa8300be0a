/** A stream of bytes cut into messages, and the pause after a reply that keeps their order. */
import type { Socket } from 'node:net';
import { type Decoded, decodeMessage, readFrame } from './decode.ts';
import { fixedHeaderBytes, messageType } from './message.ts';
import { Malformed } from './signature.ts';

/**
 * What is longer than this is thrown away unread, because anybody on the box may send it; replies
 * come only to our calls, and have the specification's limit. systemd's longest signals have some
 * ten kilobytes, and what is lost with one is found by reconciliation; 4 MiB of empty arrays took
 * a second to decode. Of a call of more than callBytesMax only the header is read, to refuse it.
 */
const unaskedBytesMax: Readonly<Record<number, number>> = {
  [messageType.signal]: 512 * 1024,
  [messageType.call]: 4 * 1024 * 1024,
};

/**
 * Of such a message's header. A field that nobody knows may hold any value, and is read with the
 * others; dbus-daemon takes those out (1.14), another bus may not.
 */
const unaskedHeaderBytesMax = 64 * 1024;

export interface FrameReader {
  /** Takes one message; `settle` lets everything run that it has set going before the next. */
  take(decoded: Decoded): 'next' | 'settle';
  /** From here on nothing can be read; nothing more is taken. */
  broken(why: string): void;
}

/** What has come and is not yet taken; several chunks only while a message is incomplete. */
interface Inbox {
  chunks: Buffer[];
  length: number;
  /** Bytes of a message that is thrown away. */
  skip: number;
  settling: boolean;
  ended: boolean;
}

function joined(inbox: Inbox): Buffer {
  const [first] = inbox.chunks;
  if (first !== undefined && inbox.chunks.length === 1) return first;
  const all = Buffer.concat(inbox.chunks, inbox.length);
  inbox.chunks = [all];
  return all;
}

/** The first 16 bytes are enough to know the length; they are joined only when they are split. */
function needed(inbox: Inbox): number | undefined {
  const [first] = inbox.chunks;
  if (first === undefined || inbox.length < fixedHeaderBytes) return undefined;
  const bytes = first.length >= fixedHeaderBytes ? first : joined(inbox);
  const frame = readFrame(bytes, 0);
  const asked = frame.type === messageType.return || frame.type === messageType.error;
  const isShort = frame.length <= (unaskedBytesMax[frame.type] ?? 0);
  if (asked || (isShort && frame.headerLength <= unaskedHeaderBytesMax)) return frame.length;
  inbox.skip = frame.length;
  return undefined;
}

function drop(inbox: Inbox, count: number): void {
  let rest = count;
  while (rest > 0) {
    const [first] = inbox.chunks;
    if (first === undefined) break;
    if (first.length > rest) inbox.chunks[0] = first.subarray(rest);
    else inbox.chunks.shift();
    rest -= Math.min(rest, first.length);
  }
  inbox.length -= count - rest;
}

function dropSkipped(inbox: Inbox): void {
  const count = Math.min(inbox.skip, inbox.length);
  drop(inbox, count);
  inbox.skip -= count;
}

/** The next message, or undefined until more bytes are there. Throws Malformed. */
function next(inbox: Inbox): Decoded | undefined {
  for (;;) {
    dropSkipped(inbox);
    if (inbox.skip > 0) return undefined;
    const length = needed(inbox);
    if (inbox.skip > 0) continue;
    if (length === undefined || inbox.length < length) return undefined;
    const decoded = decodeMessage(joined(inbox), 0, length);
    drop(inbox, length);
    return decoded;
  }
}

/**
 * Reads messages from the socket and hands them over one by one, in order.
 *
 * After a message for which `take` says `settle`, all promise continuations run before the next
 * one is taken: microtasks run until none is left, and only then the callbacks of nextTick. So
 * a caller sees a reply before the signals that came after it.
 */
export function readFrames(socket: Socket, reader: FrameReader): void {
  const inbox: Inbox = { chunks: [], length: 0, skip: 0, settling: false, ended: false };
  const end = (why: string): void => {
    inbox.ended = true;
    inbox.chunks = [];
    reader.broken(why);
  };
  const resume = (): void => {
    inbox.settling = false;
    drain();
  };
  const drain = (): void => {
    try {
      while (!inbox.settling && !inbox.ended) {
        const decoded = next(inbox);
        if (decoded === undefined) return;
        if (reader.take(decoded) === 'next') continue;
        inbox.settling = true;
        queueMicrotask(() => process.nextTick(resume));
      }
    } catch (error) {
      // A bug in a receiver of signals: what it missed must be read anew, so the connection ends.
      const bug = error instanceof Error ? error.stack : String(error);
      if (error instanceof Malformed) end(`the bus sent what is no message: ${error.message}`);
      else end(`a receiver of signals failed: ${bug}`);
    }
  };
  socket.on('data', (bytes: Buffer) => {
    if (inbox.ended) return;
    inbox.chunks.push(bytes);
    inbox.length += bytes.length;
    drain();
  });
}
