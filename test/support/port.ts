/** A port for programs that do not tell which one they took. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** One of the loopback that was free a moment ago. */
export async function findPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
