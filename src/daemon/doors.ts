/** Opens the listening sockets: those systemd passed by name, else our own. */
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Api } from '../api/api.ts';
import type { Door } from '../api/identity.ts';
import type { Options } from '../config/options.ts';
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

/** Where one can ask, for people. */
export async function openDoors(
  api: Api,
  options: Pick<Options, 'runtimeDir' | 'listen'>,
  environment: Readonly<Record<string, string | undefined>>,
  log: Log,
): Promise<readonly string[]> {
  const inherited = inheritedSockets(environment, process.pid);
  const addresses: string[] = [];

  const make = (door: Door): Server => {
    const server = createServer();
    api.attach(server, door);
    return server;
  };

  async function openUnix(door: 'local' | 'api', mode: number, gid?: number): Promise<void> {
    const path = join(options.runtimeDir, `${door}.sock`);
    const fd = inherited[door];
    if (fd !== undefined) await listenOn(make(door), { fd });
    else await bindUnixSocket(make(door), path, mode, gid);
    addresses.push(path);
  }

  await openUnix('local', localMode);
  const webGroup = process.getuid?.() === 0 ? groupId('www-data') : undefined;
  await openUnix('api', 0o660, webGroup);
  if (options.listen !== undefined) {
    const server = make('listen');
    await listenOn(server, options.listen);
    const address = server.address();
    const port =
      typeof address === 'object' && address !== null ? address.port : options.listen.port;
    addresses.push(`http://${options.listen.host}:${port}/`);
  }
  for (const name of Object.keys(inherited))
    if (name !== 'local' && name !== 'api') log.warning(`socket "${name}" is not known, ignoring`);
  return addresses;
}
