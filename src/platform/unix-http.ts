/** The door to HTTP over a Unix socket: how tocsin-relay asks tocsind. */
import { Agent, request } from 'node:http';
import type { Ms } from '../domain/time.ts';

export interface UnixRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Of the whole, answer included. */
  readonly timeout: Ms;
  /** An answer that is longer is no answer. */
  readonly answerBytesMax: number;
  readonly signal?: AbortSignal;
}

export type UnixOutcome =
  | { readonly type: 'answer'; readonly status: number; readonly text: string }
  | { readonly type: 'unreachable'; readonly why: string };

export interface UnixHttp {
  ask(request: UnixRequest): Promise<UnixOutcome>;
  close(): void;
}

/** One server, whose connections are kept for the next question. */
export function unixHttp(socketPath: string): UnixHttp {
  const agent = new Agent({ keepAlive: true });
  return {
    ask({ method, path, body, timeout, answerBytesMax, signal }) {
      const { promise, resolve } = Promise.withResolvers<UnixOutcome>();
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers =
        text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      const limit = AbortSignal.timeout(timeout);
      const sent = request({
        socketPath,
        agent,
        method,
        path,
        headers: { host: 'localhost', ...headers },
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      });
      const fail = (error: Error): void => {
        const why = limit.aborted ? `no answer within ${timeout / 1000} s` : error.message;
        resolve({ type: 'unreachable', why });
      };
      sent.on('error', fail);
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          chunks.push(chunk);
          if (bytes <= answerBytesMax) return;
          fail(new Error('the answer is too long'));
          sent.destroy();
        });
        response.on('error', fail);
        response.on('end', () => {
          const said = Buffer.concat(chunks).toString('utf8');
          resolve({ type: 'answer', status: response.statusCode ?? 0, text: said });
        });
      });
      sent.end(text);
      return promise;
    },
    close: () => agent.destroy(),
  };
}
