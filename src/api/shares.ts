/**
 * The share of one user in local.sock. Everybody on the machine may connect there, so without one
 * a single user could hold all connections and keep the administrator out.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { IsSurplus } from './guard.ts';
import type { Credentials } from './identity.ts';

/** Connections of one user; root and the daemon's own user have no limit but that of the door. */
export const userConnectionsMax = 256;
/** Above it: so many are still answered that there are too many; further ones are just closed. */
const userSurplusMax = 32;

/** Whether a connection is one too many of its user. */
export function limitUsers(
  server: Server,
  { peerOf, ownUid }: Pick<Credentials, 'peerOf' | 'ownUid'>,
  connectionsMax = userConnectionsMax,
): IsSurplus {
  const counts = new Map<number, number>();
  const surplus = new WeakSet<Socket>();
  server.on('connection', (socket: Socket) => {
    // Whoever cannot be known shares with all who cannot.
    const uid = peerOf(socket)?.uid ?? -1;
    if (uid === 0 || uid === ownUid) return;
    const count = (counts.get(uid) ?? 0) + 1;
    counts.set(uid, count);
    socket.once('close', () => {
      const left = (counts.get(uid) ?? 1) - 1;
      if (left > 0) counts.set(uid, left);
      else counts.delete(uid);
    });
    if (count > connectionsMax + userSurplusMax) socket.destroy();
    else if (count > connectionsMax) surplus.add(socket);
  });
  return (socket) => surplus.has(socket);
}
