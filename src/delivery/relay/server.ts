/** The door relay.sock: what tocsin-relay may ask, answered from the outbox. See protocol.ts. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Outbox } from '../outbox.ts';
import {
  type Alive,
  attemptBytesMax,
  channelsMax,
  type Messages,
  patienceMax,
  readAttempt,
} from './protocol.ts';

export interface RelayDoorParts {
  readonly outbox: Outbox;
  /** Whether messages of this channel go through the relay. */
  readonly serves: (channel: string) => boolean;
  readonly alive: () => Alive;
  /** Whether the kernel says that it is the relay, root or ourselves. */
  readonly mayAsk: (socket: Socket) => boolean;
  /** Somebody who may has asked for messages. */
  readonly onAsked: () => void;
  readonly onBug: (error: unknown) => void;
}

export type RelayDoor = (request: IncomingMessage, response: ServerResponse) => void;

function answer(response: ServerResponse, status: number, body?: unknown): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(text);
}

const refuse = (response: ServerResponse, status: number, detail: string): void =>
  answer(response, status, { detail });

/** Undefined: it is too long, or broke off. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not destroyed when we stop reading: the refusal goes over the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > attemptBytesMax) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function giveMessages(
  parts: RelayDoorParts,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const channels = query.getAll('channel');
  const patience = Number(query.get('patience') ?? 0);
  if (channels.length === 0 || channels.length > channelsMax)
    return refuse(response, 400, `channel: 1 to ${channelsMax} names are expected`);
  if (!Number.isFinite(patience) || patience < 0)
    return refuse(response, 400, 'patience: milliseconds are expected');
  parts.onAsked();
  // One that the relay has read of and we have not (or no longer) has no messages.
  const served = channels.filter(parts.serves);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const wait = Math.min(patience, patienceMax);
  const messages = served.length === 0 ? [] : await parts.outbox.next(served, wait, gone.signal);
  answer(response, 200, { messages } satisfies Messages);
}

async function takeAttempt(
  parts: RelayDoorParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    response.setHeader('connection', 'close');
    return refuse(response, 413, `an attempt has at most ${attemptBytesMax} bytes`);
  }
  const attempt = readAttempt(body);
  if (typeof attempt === 'string') return refuse(response, 400, attempt);
  if (!parts.serves(attempt.channel))
    return refuse(response, 404, `"${attempt.channel.slice(0, 63)}" is no channel of the relay`);
  await parts.outbox.report(attempt);
  answer(response, 204);
}

async function serve(
  parts: RelayDoorParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!parts.mayAsk(request.socket))
    return refuse(response, 403, 'this socket is for tocsin-relay');
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  const asked = `${request.method} ${path}`;
  if (asked === 'GET /messages') await giveMessages(parts, query, response);
  else if (asked === 'POST /attempts') await takeAttempt(parts, request, response);
  else if (asked === 'GET /alive') answer(response, 200, parts.alive());
  else refuse(response, 404, 'known here: GET /messages, POST /attempts, GET /alive');
}

export function createRelayDoor(parts: RelayDoorParts): RelayDoor {
  return (request, response) => {
    // A connection that breaks is reported by the close of the response.
    request.on('error', () => {});
    response.on('error', () => {});
    serve(parts, request, response).catch((error: unknown) => {
      if (response.destroyed) return;
      parts.onBug(error);
      if (response.headersSent) response.destroy();
      // 503, and not 500: the relay tries again.
      else refuse(response, 503, 'tocsind could not do it');
    });
  };
}
