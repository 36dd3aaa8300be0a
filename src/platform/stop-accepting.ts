/** A listening server that takes nobody in any more, and leaves alone who is in. */
import { Server } from 'node:net';

/**
 * What net.Server.close does, without what http.Server.close adds to it: the end of connections
 * that it takes for idle. Resolves when the last connection has ended.
 */
export const stopAccepting = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    Server.prototype.close.call(server, () => resolve());
  });
