/**
 * The tail of the stream: the latest messages, rendered, for all clients that are near its end.
 * It is bounded by bytes and empty while everybody keeps up; older changes are in the feed.
 */
import type { Message } from './message.ts';

export interface Tail {
  /** Number of the latest message. */
  readonly seq: number;
  /** Bytes of all messages that were ever pushed: two readings make a distance. */
  readonly bytesPushed: number;
  /** Numbers have no gap in the tail: a message that does not follow the last begins it anew. */
  push(message: Message): void;
  find(seq: number): Message | undefined;
  /** Forgets messages up to this number. */
  forget(upTo: number): void;
  /** Begins anew after this number. */
  restart(seq: number): void;
}

export function createTail(bytesMax: number): Tail {
  let messages: Message[] = [];
  let seq = 0;
  let bytesPushed = 0;
  let bytesKept = 0;

  function forget(upTo: number): void {
    const first = messages[0]?.seq ?? Number.POSITIVE_INFINITY;
    const count = Math.min(messages.length, Math.max(0, upTo - first + 1));
    for (const { bytes } of messages.slice(0, count)) bytesKept -= bytes.length;
    messages = messages.slice(count);
  }

  function restart(from: number): void {
    messages = [];
    bytesKept = 0;
    seq = from;
  }

  return {
    get seq() {
      return seq;
    },
    get bytesPushed() {
      return bytesPushed;
    },
    push(message) {
      if (message.seq !== seq + 1) restart(message.seq - 1);
      messages.push(message);
      seq = message.seq;
      bytesPushed += message.bytes.length;
      bytesKept += message.bytes.length;
      // By half, so that a full tail is not copied for each message.
      if (bytesKept > bytesMax) forget(seq - Math.ceil(messages.length / 2));
    },
    find(wanted) {
      const first = messages[0]?.seq;
      return first === undefined ? undefined : messages[wanted - first];
    },
    forget,
    restart,
  };
}
