/**
 * Follows the stream of tocsind as server-sent events, over lost connections: it comes again with
 * the number of the last message, so that nothing is missed and nothing comes twice.
 */
import type { IncomingMessage } from 'node:http';
import { type Ms, seconds } from '../domain/time.ts';
import { stopOf } from './api.ts';
import { Stop } from './exit.ts';
import type { Io } from './io.ts';
import { pathOf, type Query } from './routes.ts';
import type { Transport } from './transport.ts';

export interface StreamMessage {
  readonly type: string;
  readonly seq: number;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface FollowParts {
  readonly transport: Transport;
  readonly clock: Io['clock'];
  readonly query: Query;
  /** Resumes after this message. */
  readonly after?: number | undefined;
  /** Tells people that the connection was lost, or is back. */
  readonly tell: (text: string) => Promise<void>;
}

/** An event longer than this is none of ours. */
const eventLengthMax = 16 * 1024 * 1024;
/** tocsind pings every 30 s; a connection silent for longer is dead. */
const silenceMax: Ms = seconds(90);
/** Before the first, second, … attempt after a loss; the last one is for all others. */
const waits: readonly Ms[] = [200, 1000, 3000];

/** The `data:` of each event. */
async function* readEvents(response: IncomingMessage, clock: Io['clock']): AsyncGenerator<string> {
  let rest = '';
  let silence = clock.after(silenceMax, () => response.destroy());
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      silence.cancel();
      rest += chunk as string;
      if (rest.length > eventLengthMax)
        throw new Stop('failed', 'an event of the stream is too long');
      const events = rest.split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const data = event.split('\n').filter((line) => line.startsWith('data:'));
        if (data.length > 0) yield data.map((line) => line.slice(5).trimStart()).join('\n');
      }
      silence = clock.after(silenceMax, () => response.destroy());
    }
  } finally {
    silence.cancel();
    response.destroy();
  }
}

function parseMessage(text: string): StreamMessage | undefined {
  try {
    const message = JSON.parse(text) as StreamMessage;
    return typeof message.seq === 'number' && typeof message.type === 'string'
      ? message
      : undefined;
  } catch {
    return undefined;
  }
}

/** A stream that opened; or why it did not, where it is worth another attempt. */
async function open(parts: FollowParts, seq: number | undefined): Promise<IncomingMessage | Stop> {
  const headers: Record<string, string> = { Accept: 'text/event-stream' };
  if (seq !== undefined) headers['Last-Event-ID'] = String(seq);
  const path = pathOf('stream.follow', parts.query);
  try {
    const response = await parts.transport.open({ path, headers });
    if (response.statusCode === 200) return response;
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
    const status = response.statusCode ?? 0;
    const type = response.headers['content-type'] ?? '';
    const stop = stopOf({ status, type, text });
    if (status < 500) throw stop;
    return stop;
  } catch (error) {
    const isPassing = error instanceof Stop && ['unreachable', 'timeout'].includes(error.exit);
    if (isPassing) return error;
    throw error;
  }
}

/** Messages, without an end. Throws when the very first connection cannot be made. */
export async function* follow(parts: FollowParts): AsyncGenerator<StreamMessage> {
  let seq = parts.after;
  let isFirst = true;
  for (let failures = 0; ; failures += 1) {
    const response = await open(parts, seq);
    if (response instanceof Stop) {
      if (isFirst) throw response;
    } else {
      if (!isFirst) await parts.tell('tocsin: connected again');
      isFirst = false;
      failures = 0;
      try {
        for await (const text of readEvents(response, parts.clock)) {
          const message = parseMessage(text);
          if (message === undefined) continue;
          seq = message.seq;
          yield message;
        }
      } catch (error) {
        if (error instanceof Stop) throw error;
      }
      await parts.tell('tocsin: the connection was lost, trying again …');
    }
    await parts.clock.sleep(waits[Math.min(failures, waits.length - 1)] ?? 0);
  }
}
