/** Opens the listening sockets: those systemd passed by name, else our own. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import type { Api } from '../api/api.ts';
import type { Door } from '../api/doors.ts';
import type { Options } from '../config/options.ts';
import type { RelayDoor } from '../delivery/relay/server.ts';
import { groupId } from '../platform/accounts.ts';
import { bindUnixSocket, inheritedSockets } from '../platform/listen.ts';
import type { Log } from '../platform/log.ts';
import { native } from '../platform/native.ts';

const listenOn = (server: Server, where: { fd: number } | { host: string; port: number }) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** Without the addon nobody's identity can be known: then only our own user may connect. */
const localMode = native === undefined ? 0o600 : 0o666;

/** A relay has one connection for each channel; more than this are a mistake. */
const relayConnectionsMax = 512;

/** Node looks each 30 s for requests that are late; with headers due in 10 s that is 40. */
const connectionsCheckingInterval = 2000;

/** Whatever else a client would change to (curl --http2: h2c) is passed over: RFC 9110, 7.8. */
const isWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket';

/** The doors that systemd may pass, and that are made where it does not. */
const doorNames = ['local', 'api', 'relay'] as const;

/** relay.sock, and how to close it. */
export interface RelaySocket {
  readonly server: Server;
  close(): Promise<void>;
}

export function createRelaySocket(door: RelayDoor): RelaySocket {
  const server = createServer(door);
  server.maxConnections = relayConnectionsMax;
  server.keepAliveTimeout = 65_000;
  return {
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Where one can ask, for people. */
export async function openDoors(
  api: Api,
  options: Pick<Options, 'runtimeDir' | 'listen'>,
  environment: Readonly<Record<string, string | undefined>>,
  log: Log,
  relay: Server,
): Promise<readonly string[]> {
  const inherited = inheritedSockets(environment, process.pid);
  const addresses: string[] = [];

  const make = (door: Door): Server => {
    const server = createServer({
      connectionsCheckingInterval,
      shouldUpgradeCallback: isWebSocket,
    });
    api.attach(server, door);
    return server;
  };

  async function openUnix(
    name: (typeof doorNames)[number],
    server: Server,
    mode: number,
    gid?: number,
  ): Promise<string> {
    const path = join(options.runtimeDir, `${name}.sock`);
    const fd = inherited[name];
    if (fd !== undefined) await listenOn(server, { fd });
    else await bindUnixSocket(server, path, mode, gid);
    return path;
  }

  addresses.push(await openUnix('local', make('local'), localMode));
  const groupIfRoot = (name: string): number | undefined =>
    process.getuid?.() === 0 ? groupId(name) : undefined;
  addresses.push(await openUnix('api', make('api'), 0o660, groupIfRoot('www-data')));
  // The alarm bell rings on without a relay: who asks, and the channels of the core, are served.
  await openUnix('relay', relay, 0o660, groupIfRoot('tocsin-relay')).catch((error: Error) =>
    log.error(`nothing can go out over the network: ${error.message}, ignoring`),
  );
  if (options.listen !== undefined) {
    const server = make('listen');
    await listenOn(server, options.listen);
    const address = server.address();
    const port =
      typeof address === 'object' && address !== null ? address.port : options.listen.port;
    addresses.push(`http://${options.listen.host}:${port}/`);
  }
  for (const name of Object.keys(inherited))
    if (!doorNames.some((known) => known === name))
      log.warning(`socket "${name}" is not known, ignoring`);
  return addresses;
}
