/**
 * The door to listening sockets: those that the service manager holds for us (sd_listen_fds(3)),
 * those we make ourselves, and who is at the other end of an accepted connection (SO_PEERCRED).
 */
import { chmodSync, chownSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { type Native, native } from './native.ts';

/** The first descriptor the service manager passes: SD_LISTEN_FDS_START. */
const firstInherited = 3;
/** sizeof(sockaddr_un.sun_path) less the closing NUL: unix(7). */
const pathBytesMax = 107;

/**
 * Descriptors of the inherited listening sockets by their FileDescriptorName=. By name and never
 * by number, because the order changes between starts. Nothing when they are meant for another
 * process. Throws when two have the same name: one of them would hang its clients.
 */
export function inheritedSockets(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): Readonly<Record<string, number>> {
  const count = Number(env.LISTEN_FDS ?? 0);
  if (Number(env.LISTEN_PID ?? Number.NaN) !== pid || !Number.isSafeInteger(count)) return {};
  const names = (env.LISTEN_FDNAMES ?? '').split(':');
  const sockets: Record<string, number> = {};
  for (let i = 0; i < count; i += 1) {
    const name = names[i] || 'unknown';
    if (Object.hasOwn(sockets, name)) throw new Error(`two inherited sockets are named ${name}`);
    sockets[name] = firstInherited + i;
  }
  return sockets;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

/** What is at the path: nothing, a socket that nobody serves, one that somebody serves. */
function whoServes(path: string): Promise<'nobody' | 'stale' | 'somebody'> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return Promise.resolve('nobody');
  if (!found.isSocket()) return Promise.reject(new Error(`${path} is there and is not a socket`));
  return new Promise((resolve, reject) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve('somebody');
    });
    probe.on('error', (error) => {
      const code = codeOf(error);
      if (code === 'ECONNREFUSED') resolve('stale');
      else if (code === 'ENOENT') resolve('nobody');
      // A full backlog: somebody listens, and is slow.
      else if (code === 'EAGAIN') resolve('somebody');
      else reject(new Error(`${path}: cannot tell whether somebody serves it: ${code}`));
    });
  });
}

/** Nobody may connect before mode and group are right; bind happens within the call of listen. */
function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const before = process.umask(0o777);
    try {
      server.once('error', reject);
      server.listen({ path, backlog: 4096 }, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

/**
 * Makes the server listen on a Unix socket with exactly this mode. A socket that a dead process
 * left behind is replaced; one that somebody serves is left alone and refused.
 */
export async function bindUnixSocket(
  server: Server,
  path: string,
  mode: number,
  gid?: number,
): Promise<void> {
  if (Buffer.byteLength(path) > pathBytesMax) {
    throw new Error(`${path}: longer than the ${pathBytesMax} bytes that a Unix socket can have`);
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const serving = await whoServes(path);
  if (serving === 'somebody') throw new Error(`${path}: another program serves this socket`);
  if (serving === 'stale') unlinkSync(path);
  await listenPrivately(server, path);
  if (gid !== undefined) chownSync(path, -1, gid);
  chmodSync(path, mode);
}

/** The kernel's word on who connected. */
export interface Peer {
  readonly uid: number;
  readonly gid: number;
  /** All groups, the primary one included. */
  readonly groups: readonly number[];
}

/** Node keeps the descriptor in the handle of the socket; there is no public way to it. */
function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null && Reflect.get(handle, 'fd');
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}

/**
 * Who is at the other end of a Unix socket; undefined when that cannot be known (the addon was
 * not built, the connection is closed, no Unix socket).
 */
export function peerOf(
  socket: Socket,
  by: Pick<Native, 'peerCredentials'> | null = native ?? null,
): Peer | undefined {
  const fd = descriptorOf(socket);
  if (fd === undefined || by === null) return undefined;
  try {
    const { uid, gid, groups } = by.peerCredentials(fd);
    return { uid, gid, groups: [...new Set([gid, ...groups])] };
  } catch {
    return undefined;
  }
}
