/**
 * The reception: looks at each request as it is (guard), finds out who asks (identity), and shows
 * it to the routes or to the stream.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Ms } from '../domain/time.ts';
import { Refusal, refusals, refuse } from '../operations/refusals.ts';
import type { Clock } from '../platform/clock.ts';
import type { Door } from './doors.ts';
import { type Places, pathOf, refuseRequest } from './guard.ts';
import type { Identify } from './identity.ts';
import type { Limiter } from './limits.ts';
import { refuseSocket, renderProblem, writeProblem } from './problem.ts';
import type { StreamDoor } from './stream/door.ts';
import { streamPath } from './stream/path.ts';
import type { Visit, Visits } from './visit.ts';

/** One answered request, for figures. */
export interface RequestRecord {
  readonly door: Door;
  readonly method: string;
  /** Name of the operation: `alert.list`; `other` where it was none. */
  readonly operation: string;
  readonly status: number;
  /** For a stream, how long it was open. */
  readonly duration: Ms;
}

export interface ReceptionParts {
  readonly clock: Clock;
  readonly identify: Identify;
  readonly limiter: Limiter;
  readonly visits: Visits;
  readonly rest: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly stream: StreamDoor;
  readonly onRequest?: (record: RequestRecord) => void;
}

/** Where a request came in. */
export interface Entrance extends Places {
  readonly door: Door;
}

export interface Reception {
  serve(entrance: Entrance, request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(
    entrance: Entrance,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void>;
}

/** Whether a request is one for the stream as server-sent events, or for the stream at all. */
function streamUse(request: IncomingMessage): 'none' | 'events' | 'unclear' {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || pathOf(request.url ?? '') !== streamPath) return 'none';
  const accepts = (request.headers.accept ?? '').toLowerCase().includes('text/event-stream');
  return accepts && request.method === 'GET' ? 'events' : 'unclear';
}

/** Tells of the request when it is answered or broken off. */
function recordRequest(
  { clock, visits, onRequest }: ReceptionParts,
  door: Door,
  request: IncomingMessage,
  answer: ServerResponse | Duplex,
  status: () => number,
): void {
  if (onRequest === undefined) return;
  const begun = clock.monotonic();
  answer.on('close', () => {
    const operation = visits.find(request)?.operation ?? 'other';
    const duration = clock.monotonic() - begun;
    const { method = '' } = request;
    onRequest({ door, method, operation, status: status(), duration });
  });
}

export function createReception(parts: ReceptionParts): Reception {
  const { identify, limiter, visits, rest, stream } = parts;

  /** What is found out before the routes: a visit, or the refusal. */
  function admit(
    { door, isSurplus, keep }: Entrance,
    request: IncomingMessage,
    requestId: string,
  ): Visit | Refusal {
    const refusal = refuseRequest(request);
    if (refusal !== undefined) return refusal;
    const identity = identify(door, request);
    if (identity.type === 'refused') return identity.refusal;
    if (identity.type === 'wrong') return limiter.refuseWrong(door, identity.refusal);
    if (identity.caller.role !== 'none') keep(request.socket);
    const isMaster = door === 'local' && identity.caller.role === 'admin';
    if (isSurplus(request.socket) && !isMaster)
      return refuse('too-busy', `too many clients are connected to ${door}`);
    const tooOften = limiter.refuseCaller(door, identity.caller);
    if (tooOften !== undefined) return tooOften;
    return visits.add(request, door, { ...identity.caller, door }, requestId);
  }

  return {
    async serve(entrance, request, response) {
      recordRequest(parts, entrance.door, request, response, () => response.statusCode);
      const requestId = visits.requestIdOf(request);
      const refuseIt = (refusal: Refusal): void =>
        writeProblem(response, renderProblem(refusal, pathOf(request.url ?? ''), requestId));
      const visit = admit(entrance, request, requestId);
      if (entrance.isSurplus(request.socket)) response.shouldKeepAlive = false;
      if (visit instanceof Refusal) return refuseIt(visit);
      const use = streamUse(request);
      if (use === 'none') return rest(request, response);
      const refusal =
        use === 'events'
          ? await stream.serveEvents(request, response, visit)
          : await stream.refuseOther(request, visit);
      if (refusal !== undefined) refuseIt(refusal);
    },
    async upgrade(entrance, request, socket, head) {
      const requestId = visits.requestIdOf(request);
      const path = pathOf(request.url ?? '');
      let status = 101;
      recordRequest(parts, entrance.door, request, socket, () => status);
      const refuseIt = (refusal: Refusal): void => {
        status = refusals[refusal.code].status;
        refuseSocket(socket, refusal, path, requestId);
      };
      const visit = admit(entrance, request, requestId);
      if (visit instanceof Refusal) return refuseIt(visit);
      if (path !== streamPath) return refuseIt(refuse('not-found', `${path} is no WebSocket`));
      const refusal = await stream.serveWebSocket(request, socket, head, visit);
      if (refusal !== undefined) refuseIt(refusal);
    },
  };
}
