/** Messages of the stream: rendered once, shared by all clients that get them. */
import type { Change } from '../../domain/alert.ts';
import { type EpochMs, rfc3339 } from '../../domain/time.ts';
import type { Notice } from '../../operations/house.ts';
import { renderChange } from '../../operations/render.ts';
import type { MessageType } from '../../operations/stream.ts';

export interface Message {
  readonly type: MessageType;
  /** A client that has seen this message resumes with this number. */
  readonly seq: number;
  /** The change it tells of, for filters; undefined for all but `alert`. */
  readonly change: Change | undefined;
  /** For WebSocket: the JSON text in UTF-8. */
  readonly bytes: Buffer;
  /** For server-sent events; made when the first such client needs it. */
  sse(): Buffer;
}

function createMessage(
  type: MessageType,
  seq: number,
  at: EpochMs,
  data: unknown,
  change?: Change,
): Message {
  // JSON escapes line breaks, so that it is one `data:` line of an event.
  const json = JSON.stringify({ type, seq, time: rfc3339(at), data });
  let event: Buffer | undefined;
  return {
    type,
    seq,
    change,
    bytes: Buffer.from(json),
    sse() {
      event ??= Buffer.from(`id: ${seq}\ndata: ${json}\n\n`);
      return event;
    },
  };
}

export const changeMessage = (change: Change): Message =>
  createMessage('alert', change.seq, change.at, renderChange(change), change);

/** A notice has no number of its own: it carries that of the last change its reader has seen. */
export const noticeMessage = (notice: Notice, seq: number): Message =>
  createMessage(notice.type, seq, notice.at, notice.data);

/** The first message. Its `seq` is where this client's reading begins; in `data` the latest. */
export const helloMessage = (from: number, lastSeq: number, version: string, at: EpochMs) =>
  createMessage('system', from, at, { event: 'hello', seq: lastSeq, version });

/** What lies between is lost to this client: it reads the lists again and goes on from here. */
export const resyncMessage = (seq: number, at: EpochMs): Message =>
  createMessage('system', seq, at, { event: 'resync', seq });
