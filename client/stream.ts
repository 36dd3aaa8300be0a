/**
 * Follows the stream of tocsind as server-sent events, over lost connections: it comes again with
 * the number of the last message, so that nothing is missed and nothing comes twice.
 */
import type { IncomingMessage } from 'node:http';
import { Late, TooLong, Unreachable } from './errors.ts';
import { type Operations, places, type StreamMessage } from './generated.ts';
import { queryOf, readAnswer } from './request.ts';
import { type Answer, realTiming, type Timing, type Transport } from './transport.ts';

export type { StreamMessage };

export interface FollowOptions {
  /** `types`, `filter`: which messages are wanted. */
  readonly query?: Omit<Operations['stream.follow']['input'], 'since'> | undefined;
  /** Resumes after the message with this number. */
  readonly after?: number | undefined;
  /** The connection was lost, or is back. */
  readonly onConnection?: ((state: 'lost' | 'back') => Promise<void> | void) | undefined;
  readonly timing?: Timing | undefined;
}

/** An event longer than this is none of tocsin's. */
const eventLengthMax = 16 * 1024 * 1024;
/** tocsind pings every 30 s; a connection silent for longer is dead. */
const silenceMax = 90_000;
/** A refusal is short and comes at once; what is longer or later is none of tocsind's. */
const refusalLengthMax = 1024 * 1024;
const refusalWithin = 10_000;
/** Before the first, second, … attempt after a loss; the last one is for all others. */
const waits: readonly number[] = [200, 1000, 3000];

/** The `data:` of each event. */
async function* readEvents(response: IncomingMessage, timing: Timing): AsyncGenerator<string> {
  let rest = '';
  let silence = timing.after(silenceMax, () => response.destroy());
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      silence.cancel();
      rest += chunk as string;
      if (rest.length > eventLengthMax) throw new TooLong('an event of the stream is too long');
      const events = rest.split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const data = event.split('\n').filter((line) => line.startsWith('data:'));
        if (data.length > 0) yield data.map((line) => line.slice(5).trimStart()).join('\n');
      }
      silence = timing.after(silenceMax, () => response.destroy());
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

/** What was answered in place of the stream, as far as it came. */
async function readRefusal(response: IncomingMessage, timing: Timing): Promise<Answer> {
  const late = timing.after(refusalWithin, () => response.destroy());
  let text = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      text += chunk as string;
      if (text.length > refusalLengthMax) break;
    }
  } catch {
    // It broke off: what came is no document then, and is judged by its status.
  } finally {
    late.cancel();
    response.destroy();
  }
  const { statusCode: status = 0, headers } = response;
  return { status, type: headers['content-type'] ?? '', text };
}

/** tocsind or what stands before it cannot now, or was asked too often: later it may. */
const isPassing = (status: number): boolean => status >= 500 || status === 429;

type Opened =
  | { readonly type: 'open'; readonly response: IncomingMessage }
  /** Worth another attempt. */
  | { readonly type: 'failed'; readonly error: unknown };

async function open(
  transport: Transport,
  { query, timing = realTiming }: FollowOptions,
  seq: number | undefined,
): Promise<Opened> {
  const headers: Record<string, string> = { Accept: 'text/event-stream' };
  if (seq !== undefined) headers['Last-Event-ID'] = String(seq);
  const path = `${places['stream.follow'][1]}${queryOf({ ...query })}`;
  try {
    const response = await transport.open({ path, headers });
    const { statusCode: status = 0 } = response;
    if (status === 200) return { type: 'open', response };
    const answer = await readRefusal(response, timing);
    try {
      readAnswer(answer);
      return { type: 'failed', error: new Error(`the answer is HTTP ${status}`) };
    } catch (error) {
      if (!isPassing(status)) throw error;
      return { type: 'failed', error };
    }
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Late) return { type: 'failed', error };
    throw error;
  }
}

/** Messages, without an end. Throws when the very first connection cannot be made. */
export async function* followStream(
  transport: Transport,
  options: FollowOptions,
): AsyncGenerator<StreamMessage> {
  const { timing = realTiming, onConnection } = options;
  let seq = options.after;
  let isFirst = true;
  for (let failures = 0; ; failures += 1) {
    const opened = await open(transport, options, seq);
    if (opened.type === 'failed') {
      if (isFirst) throw opened.error;
    } else {
      if (!isFirst) await onConnection?.('back');
      isFirst = false;
      failures = 0;
      try {
        for await (const text of readEvents(opened.response, timing)) {
          const message = parseMessage(text);
          if (message === undefined) continue;
          seq = message.seq;
          yield message;
        }
      } catch (error) {
        if (error instanceof TooLong) throw error;
      }
      await onConnection?.('lost');
    }
    await timing.sleep(waits[Math.min(failures, waits.length - 1)] ?? 0);
  }
}
