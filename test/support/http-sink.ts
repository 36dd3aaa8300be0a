/**
 * A receiver of HTTP requests on the loopback. It records what arrived, in order, and misbehaves
 * as it is told: `next` for one request, `always` for all that follow.
 */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TestCertificate } from './certificate.ts';

export interface SunkRequest {
  /** From 1, in the order in which the requests were whole. */
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Whether it was answered with 2xx. */
  readonly accepted: boolean;
}

export type HttpPlan =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** Takes the request and never answers. */
  | 'hang'
  /** Takes the request, then breaks the connection: it has arrived, and nobody is told so. */
  | 'break'
  /** Resets the connection at the first byte of the request. */
  | 'reset'
  /** Answers what is no HTTP. */
  | 'garbage'
  /** Answers 200 and then a body that never ends. */
  | 'flood'
  /** Answers the head of a 200, and a body that hangs. */
  | 'stall';

export interface HttpSink {
  readonly url: string;
  readonly port: number;
  /** All requests that came whole, in order; those that were not accepted among them. */
  readonly requests: readonly SunkRequest[];
  /** For the next request that has no plan yet. */
  next(...plans: readonly HttpPlan[]): void;
  /** For all requests without a plan of their own; 200 at first. */
  always(plan: HttpPlan): void;
  /** Resolves when so many requests have come. */
  wait(count: number): Promise<readonly SunkRequest[]>;
  /** Ends all connections too. */
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Plays the plans that misbehave. */
function misbehave(plan: HttpPlan, socket: Socket): void {
  if (plan === 'break') socket.destroy();
  if (plan === 'garbage') socket.end('220 this is no HTTP\u0000\u001b[2J\r\n\r\n');
  if (plan === 'stall') socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of');
  if (plan === 'flood') {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n');
    const pour = (): void => {
      while (!socket.destroyed && socket.write('x'.repeat(65_536)));
    };
    socket.on('drain', pour).on('error', () => {});
    pour();
  }
}

/** `port`: the same port again, for a receiver that comes back. */
export async function openHttpSink({
  tls,
  port = 0,
}: {
  readonly tls?: TestCertificate;
  readonly port?: number;
} = {}): Promise<HttpSink> {
  const requests: SunkRequest[] = [];
  const plans: HttpPlan[] = [];
  let usual: HttpPlan = { status: 200 };
  let waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  const server = tls === undefined ? createServer() : createTlsServer(tls);
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const plan = plans.shift() ?? usual;
    request.socket.on('error', () => {});
    request.on('error', () => {});
    if (plan === 'reset') request.socket.resetAndDestroy();
    const body = await bodyOf(request).catch(() => undefined);
    if (body === undefined) return;
    const { method = '', url: path = '', headers } = request;
    const accepted = typeof plan === 'object' && plan.status < 300;
    requests.push({ number: requests.length + 1, method, path, headers, body, accepted });
    if (typeof plan === 'object') response.writeHead(plan.status, plan.headers).end(plan.body);
    else misbehave(plan, request.socket);
    waiting = waiting.filter(({ count, resolve }) => {
      if (count <= requests.length) resolve();
      return count > requests.length;
    });
  }
  server.on('request', (request: IncomingMessage, response) => void take(request, response));
  server.on('tlsClientError', () => {});
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${bound}`,
    port: bound,
    requests,
    next: (...more) => void plans.push(...more),
    always: (plan) => {
      usual = plan;
    },
    wait: async (count) => {
      if (requests.length < count)
        await new Promise<void>((resolve) => waiting.push({ count, resolve }));
      return requests;
    },
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
