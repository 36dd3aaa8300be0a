/**
 * The doors in: binds REST, stream and the web page to listening HTTP servers. Every request is
 * first looked at as it is (guard), then its caller is found (identity), then it goes its way.
 */
import type { Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { House } from '../operations/house.ts';
import type { Clock } from '../platform/clock.ts';
import { createClosing } from './closing.ts';
import type { Door } from './doors.ts';
import { type IsSurplus, limitServer } from './guard.ts';
import { type Credentials, createIdentify } from './identity.ts';
import { createLimiter } from './limits.ts';
import { refuseMalformed } from './malformed.ts';
import { addPage } from './page/page.ts';
import { createReception, type RequestRecord } from './reception.ts';
import { createRest } from './rest/rest.ts';
import { limitUsers } from './shares.ts';
import { createStreamDoor } from './stream/door.ts';
import { Hub, type StreamLimits } from './stream/hub.ts';
import { createUnread } from './unread.ts';
import { createVisits } from './visit.ts';
import { keepWrongLogins } from './wrong-logins.ts';

/** As the settings say at the moment. */
export interface AccessLimits {
  /** What one caller may ask in a second. */
  readonly requestsPerSecond: () => number;
  /** Origins of pages that are ours beside that of the Host. */
  readonly origins: () => readonly string[];
}

export interface ApiParts {
  readonly house: House;
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly limits: StreamLimits;
  readonly access: AccessLimits;
  readonly onRequest?: (record: RequestRecord) => void;
  /** A bug met while answering; the caller was told this request id. */
  readonly onBug: (requestId: string, error: unknown) => void;
}

export interface Api {
  /** Serves the doors on this server; call before it listens. */
  attach(server: Server, door: Door): void;
  /** Clients of the stream now. */
  streamClients(): number;
  /** From now on a connection ends with its answer, because `close` will come soon. */
  beginClose(): void;
  /** Ends streams and keeps no connection open; resolves when all are closed. */
  close(): Promise<void>;
}

/** Beside the stream's clients. */
const otherConnectionsMax = 256;

export function createApi(parts: ApiParts): Api {
  const { access, house, clock, credentials, limits, onBug } = parts;
  const { origins, requestsPerSecond } = access;
  const hub = new Hub(house, clock, limits);
  const visits = createVisits(house.startedAt);
  const rest = createRest({ house, clock, visitOf: visits.of, onBug });
  addPage(rest, house, visits.of);
  const reception = createReception({
    ...parts,
    visits,
    identify: keepWrongLogins(
      createIdentify({ ...credentials, origins, admission: house.access }),
      house,
    ),
    limiter: createLimiter(() => clock.monotonic(), requestsPerSecond),
    rest: getRequestListener(rest.fetch, { hostname: 'localhost' }),
    stream: createStreamDoor(house, hub),
  });
  const servers = new Set<Server>();
  const closing = createClosing(servers, clock);
  const unread = createUnread(clock);
  return {
    attach(server, door) {
      servers.add(server);
      const places = limitServer(server, limits.clientsMax + otherConnectionsMax);
      const isOfUser = door === 'local' ? limitUsers(server, credentials) : () => false;
      const isSurplus: IsSurplus = (socket) => places.isSurplus(socket) || isOfUser(socket);
      const entrance = { ...places, door, isSurplus };
      unread.attach(server);
      refuseMalformed(server, visits);
      server.on('request', (request, response) => {
        closing.mark(response);
        if (!unread.watch(response)) return;
        reception.serve(entrance, request, response).catch((error: unknown) => {
          onBug('', error);
          response.destroy();
        });
      });
      server.on('upgrade', (request, socket, head) => {
        // Node gives the socket away without listeners, and an unheard error ends the process.
        socket.on('error', () => socket.destroy());
        reception.upgrade(entrance, request, socket, head).catch((error: unknown) => {
          onBug('', error);
          socket.destroy();
        });
      });
    },
    streamClients: () => hub.count,
    beginClose: () => closing.begin(),
    close: () =>
      closing.finish(
        () => hub.close(),
        () => hub.terminate(),
      ),
  };
}
