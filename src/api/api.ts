/**
 * The doors in: binds REST, stream and the web page to listening HTTP servers. Every request is
 * first looked at as it is (guard), then its caller is found (identity), then it goes its way.
 */
import type { Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Ms } from '../domain/time.ts';
import type { House } from '../operations/house.ts';
import type { Clock } from '../platform/clock.ts';
import { limitServer } from './guard.ts';
import { type Credentials, createIdentify, type Door } from './identity.ts';
import { addPage } from './page/page.ts';
import { createReception, type RequestRecord } from './reception.ts';
import { createRest } from './rest/rest.ts';
import { createStreamDoor } from './stream/door.ts';
import { Hub, type StreamLimits } from './stream/hub.ts';
import { createVisits } from './visit.ts';

export interface ApiParts {
  readonly house: House;
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly limits: StreamLimits;
  readonly onRequest?: (record: RequestRecord) => void;
  /** A bug met while answering; the caller was told this request id. */
  readonly onBug: (requestId: string, error: unknown) => void;
}

export interface Api {
  /** Serves the doors on this server; call before it listens. */
  attach(server: Server, door: Door): void;
  /** Clients of the stream now. */
  streamClients(): number;
  /** Ends streams and keeps no connection open; resolves when all are closed. */
  close(): Promise<void>;
}

/** Beside the stream's clients. */
const otherConnectionsMax = 256;
/** Streams that have not ended by then, after they were asked to, are cut. */
const closingTime: Ms = 500;

/** Closes the servers: streams are asked to end, and cut when they do not. */
async function closeAll(servers: ReadonlySet<Server>, hub: Hub, clock: Clock): Promise<void> {
  const closed = [...servers].map(
    (server) => new Promise<void>((resolve) => server.close(() => resolve())),
  );
  hub.close();
  const cut = clock.after(closingTime, () => {
    hub.terminate();
    for (const server of servers) server.closeAllConnections();
  });
  await Promise.all(closed);
  cut.cancel();
}

export function createApi(parts: ApiParts): Api {
  const { house, clock, credentials, limits, onBug } = parts;
  const hub = new Hub(house, clock, limits);
  const visits = createVisits(house.startedAt);
  const rest = createRest({ house, clock, visitOf: visits.of, onBug });
  addPage(rest, visits.of, credentials.tokens);
  const reception = createReception({
    ...parts,
    visits,
    identify: createIdentify(credentials),
    rest: getRequestListener(rest.fetch, { hostname: 'localhost' }),
    stream: createStreamDoor(house, hub),
  });
  const servers = new Set<Server>();
  return {
    attach(server, door) {
      servers.add(server);
      limitServer(server, limits.clientsMax + otherConnectionsMax);
      server.on('request', (request, response) => {
        reception.serve(door, request, response).catch((error: unknown) => {
          onBug('', error);
          response.destroy();
        });
      });
      server.on('upgrade', (request, socket, head) => {
        // Node gives the socket away without listeners, and an unheard error ends the process.
        socket.on('error', () => socket.destroy());
        reception.upgrade(door, request, socket, head).catch((error: unknown) => {
          onBug('', error);
          socket.destroy();
        });
      });
    },
    streamClients: () => hub.count,
    close: () => closeAll(servers, hub, clock),
  };
}
