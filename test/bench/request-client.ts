/**
 * A process that asks for one thing again and again over connections that it keeps, and says how
 * long each answer took. In a process of its own: its work is not the daemon's.
 */
import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

export interface Asking {
  readonly socketPath?: string;
  /** Of https://127.0.0.1:PORT, whose certificate `ca` has signed. */
  readonly port?: number;
  readonly ca?: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
}

export interface Asked {
  /** Milliseconds until the last byte of each answer. */
  readonly took: readonly number[];
  readonly seconds: number;
  readonly bytes: number;
}

/** What everybody has to compile at first does not count. */
const warmUpShare = 0.2;

function createSend(asking: Asking): () => ClientRequest {
  const { socketPath, port, ca, path, headers, connections } = asking;
  const kept = { keepAlive: true, maxSockets: connections };
  if (socketPath !== undefined) {
    const agent = new Agent(kept);
    return () => request({ socketPath, path, headers, agent });
  }
  const agent = new TlsAgent({ ...kept, ca });
  return () => tlsRequest({ host: '127.0.0.1', port, path, headers, agent });
}

async function askOnce(send: () => ClientRequest): Promise<number> {
  const sent = send();
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`the answer is ${response.statusCode}`);
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(response, 'end');
  return bytes;
}

async function askAll(asking: Asking): Promise<Asked> {
  const send = createSend(asking);
  const began = performance.now();
  const counts = began + asking.seconds * 1000 * warmUpShare;
  const end = began + asking.seconds * 1000;
  const took: number[] = [];
  let bytes = 0;
  async function ask(): Promise<void> {
    for (let at = performance.now(); at < end; at = performance.now()) {
      bytes = await askOnce(send);
      if (at >= counts) took.push(performance.now() - at);
    }
  }
  await Promise.all(Array.from({ length: asking.connections }, ask));
  return { took, seconds: (performance.now() - counts) / 1000, bytes };
}

process.once('message', (asking: Asking) => {
  void askAll(asking).then((asked) => process.send?.(asked, () => process.exit(0)));
});
