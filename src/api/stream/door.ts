/** The stream's door: a request becomes a follower, over WebSocket or server-sent events. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { House } from '../../operations/house.ts';
import type { RawInput } from '../../operations/input.ts';
import type { Refusal } from '../../operations/refusals.ts';
import { refuse } from '../../operations/refusals.ts';
import { runOperation } from '../../operations/run.ts';
import { followStream } from '../../operations/stream.ts';
import { matchesAlert, parseMatchers } from '../../rules/matchers.ts';
import { queryOf, type Texts } from '../query.ts';
import type { Visit } from '../visit.ts';
import type { Follower } from './follower.ts';
import type { Hub, Wanted } from './hub.ts';
import type { Message } from './message.ts';
import { sseHeaders, sseLine } from './sse.ts';
import { webSocketLine } from './websocket.ts';

/** Clients only answer pings; whatever else they send is read and thrown away. */
const payloadBytesMax = 4096;

export interface StreamDoor {
  /** GET with `Accept: text/event-stream`. The refusal where it may not. */
  serveEvents(
    request: IncomingMessage,
    response: ServerResponse,
    visit: Visit,
  ): Promise<Refusal | undefined>;
  /** Neither of both: what is wrong with it, for those who may know. */
  refuseOther(request: IncomingMessage, visit: Visit): Promise<Refusal>;
  /** An upgrade to WebSocket. */
  serveWebSocket(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    visit: Visit,
  ): Promise<Refusal | undefined>;
}

type Opened =
  | { readonly type: 'opened'; readonly wanted: Wanted }
  | { readonly type: 'refused'; readonly refusal: Refusal };

/** Which messages a client wants. Matchers are about alerts; all else passes them. */
function wantsOf(texts: Texts): Wanted['wants'] {
  const types = texts.types?.flatMap((text) => text.split(','));
  const parsed = parseMatchers(texts.filter ?? []);
  const matchers = parsed.type === 'ok' ? parsed.matchers : [];
  return ({ type, change }: Message) =>
    (types?.includes(type) ?? true) &&
    (change === undefined || matchesAlert(matchers, change.alert));
}

function joinWebSocket(hub: Hub, webSocket: WebSocket, socket: Duplex, wanted: Wanted): void {
  const follower = hub.join(webSocketLine(webSocket, socket), wanted);
  if (follower === undefined) {
    webSocket.terminate();
    return;
  }
  socket.on('drain', () => follower.drained());
  for (const sign of ['pong', 'ping', 'message'] as const) {
    webSocket.on(sign, () => follower.heard());
  }
  webSocket.on('close', () => hub.leave(follower));
  webSocket.on('error', () => webSocket.terminate());
}

export function createStreamDoor(house: House, hub: Hub): StreamDoor {
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: payloadBytesMax,
  });

  async function open(texts: Texts, visit: Visit): Promise<Opened> {
    visit.operation = followStream.name;
    // It was for the door.
    if (visit.door !== 'local') delete texts.ticket;
    const raw: RawInput = { texts };
    const answer = await runOperation(house, followStream, raw, visit.caller);
    if (answer.type === 'refused') return answer;
    if (answer.type === 'unchanged' || hub.isFull) {
      const refusal = refuse('too-many-clients', `${hub.count} clients follow the stream`);
      return { type: 'refused', refusal };
    }
    const { caller } = visit;
    return { type: 'opened', wanted: { ...answer.output, wants: wantsOf(texts), caller } };
  }

  return {
    async serveEvents(request, response, visit) {
      const lastEventId = request.headers['last-event-id'];
      const texts = queryOf(request.url ?? '');
      // A browser that comes again repeats the address, with the old `since`.
      if (typeof lastEventId === 'string' && lastEventId !== '') texts.since = [lastEventId];
      const opened = await open(texts, visit);
      if (opened.type === 'refused') return opened.refusal;
      if (response.destroyed) return undefined;
      response.writeHead(200, { ...sseHeaders, 'X-Request-Id': visit.requestId });
      let follower: Follower | undefined;
      follower = hub.join(
        sseLine(response, () => follower?.heard()),
        opened.wanted,
      );
      // A write that meets the end of the connection; an error that nobody hears ends the process.
      response.on('error', () => response.destroy());
      response.on('drain', () => follower?.drained());
      response.on('close', () => follower && hub.leave(follower));
      return undefined;
    },
    async refuseOther(request, visit) {
      const opened = await open(queryOf(request.url ?? ''), visit);
      if (opened.type === 'refused') return opened.refusal;
      return refuse('upgrade-required', 'this is a WebSocket, or text/event-stream');
    },
    async serveWebSocket(request, socket, head, visit) {
      const opened = await open(queryOf(request.url ?? ''), visit);
      if (opened.type === 'refused') return opened.refusal;
      webSockets.handleUpgrade(request, socket, head, (webSocket) => {
        joinWebSocket(hub, webSocket, socket, opened.wanted);
      });
      return undefined;
    },
  };
}
