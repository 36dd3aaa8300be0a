/** Refusals as RFC 9457 problem documents. */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { seconds } from '../domain/time.ts';
import { type Refusal, refusals } from '../operations/refusals.ts';

export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Headers that belong to a status, whatever the case. */
const headersOf: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { 'WWW-Authenticate': 'Bearer realm="tocsin"' },
  // What is left of the body is not read.
  413: { Connection: 'close' },
  426: { Upgrade: 'websocket' },
  503: { 'Retry-After': '5' },
};

/** Clients of Alertmanager read an error as a JSON text and know no problem documents. */
const isAlertmanager = (path: string): boolean => path === '/am' || path.startsWith('/am/');

export function renderProblem(refusal: Refusal, path: string, requestId: string): Problem {
  const { status, title } = refusals[refusal.code];
  const headers = {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': requestId,
    ...headersOf[status],
    ...(refusal.retryAfter !== undefined && {
      'Retry-After': String(Math.ceil(refusal.retryAfter / seconds(1))),
    }),
  };
  if (isAlertmanager(path)) {
    const body = JSON.stringify(`${title}: ${refusal.message}`);
    return { status, headers: { ...headers, 'Content-Type': 'application/json' }, body };
  }
  const body = {
    type: `/problems/${refusal.code}`,
    title,
    status,
    detail: refusal.message,
    code: refusal.code,
    instance: path,
    requestId,
    ...(refusal.errors.length > 0 && { errors: refusal.errors }),
    ...(refusal.hint !== null && { hint: refusal.hint }),
  };
  return { status, headers, body: JSON.stringify(body) };
}

/** Answers a request that did not get as far as the routes. */
export function writeProblem(response: ServerResponse, problem: Problem): void {
  response.writeHead(problem.status, {
    ...problem.headers,
    'Content-Length': Buffer.byteLength(problem.body),
  });
  // Node leaves the body out for HEAD.
  response.end(problem.body);
}

/** The same where there is no response object: an upgrade, or what is no request at all. */
export function refuseSocket(
  socket: Duplex,
  refusal: Refusal,
  path: string,
  requestId: string,
): void {
  const { status, headers, body } = renderProblem(refusal, path, requestId);
  const all = { ...headers, Connection: 'close', 'Content-Length': Buffer.byteLength(body) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  // Destroyed when it is sent: the client could keep its half of the connection open.
  socket.end(`HTTP/1.1 ${status} ${refusal.code}\r\n${lines.join('')}\r\n${body}`, () =>
    socket.destroy(),
  );
}
