/**
 * Refuses requests that mean different things to different readers, before anything else looks at
 * them. nginx matches the normalised path and forwards the raw one, and Node takes a Host or an
 * Authorization twice: both have been ways past a check (CVE-2023-27482).
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { type Refusal, refuse } from '../operations/refusals.ts';

/** Path and query together. */
const urlLengthMax = 8192;
/** Headers that decide who asks, from where, and how long the body is. */
const singleHeaders = ['host', 'authorization', 'origin', 'cookie', 'content-length'] as const;

/** Printable ASCII in segments that are neither empty nor dots; the last one may be empty. */
const plainPath = /^(?:\/(?!\.{1,2}(?:\/|$))(?:[!"$&-.0-[\]^-~]+(?=\/|$)|$))+$/;

/** The path of a request target, without its query. */
export const pathOf = (url: string): string => {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

function refuseHeaders(rawHeaders: readonly string[]): Refusal | undefined {
  const seen = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const header = rawHeaders[i]?.toLowerCase() ?? '';
    if (seen.has(header) && singleHeaders.some((single) => single === header)) {
      return refuse('invalid-request', `the header ${header} is given twice`);
    }
    seen.add(header);
  }
  return undefined;
}

/** Nothing, a name or an address, with or without a port: what an origin is compared with. */
const plainHost = /^(?:(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?)?$/i;

/** What a URL could not be made of, and codings of a body that would be passed on as it came. */
function refuseMeaning(headers: IncomingMessage['headers']): Refusal | undefined {
  const { host = '', 'transfer-encoding': coding = 'chunked' } = headers;
  if (!plainHost.test(host)) return refuse('invalid-request', 'the header Host is no host');
  return coding.toLowerCase() === 'chunked'
    ? undefined
    : refuse('invalid-request', 'of transfer codings only chunked is known');
}

/** The refusal of a request that is not plain; undefined when it may go on. */
export function refuseRequest(request: IncomingMessage): Refusal | undefined {
  const { url = '', headers, rawHeaders } = request;
  if (url.length > urlLengthMax) {
    return refuse('uri-too-long', `path and query have more than ${urlLengthMax} characters`);
  }
  if (!plainPath.test(pathOf(url))) {
    return refuse('invalid-request', 'the path is not plain: %, \\, //, /../ or other than ASCII', {
      hint: 'put names with such characters into the query: /api/v1/resources?kind=KIND&id=ID',
    });
  }
  return refuseHeaders(rawHeaders) ?? refuseMeaning(headers);
}

/** Above what is served: so many are still answered that there are too many. */
const surplusMax = 256;

/** Whether a connection is one too many; what was there before is served on. */
export type IsSurplus = (socket: Socket) => boolean;

/** The places of a server's clients. */
export interface Places {
  readonly isSurplus: IsSurplus;
  /** Whoever has shown a role here keeps the place; others leave when places run out. */
  readonly keep: (socket: Socket) => void;
}

/**
 * What a server lets clients hold open or send. A connection too many takes the place of the one
 * that has been longest without showing a role, so that no flood of strangers keeps out who has
 * one; where there is none, it is surplus. Beyond the surplus connections are just closed.
 */
export function limitServer(server: Server, connectionsMax: number): Places {
  server.maxConnections = connectionsMax + surplusMax;
  server.maxHeadersCount = 64;
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  // Longer than nginx keeps an upstream connection (60 s), so that nginx closes first.
  server.keepAliveTimeout = 65_000;
  const surplus = new WeakSet<Socket>();
  const strangers = new Set<Socket>();
  let count = 0;
  server.on('connection', (socket: Socket) => {
    count += 1;
    socket.once('close', () => {
      count -= 1;
      strangers.delete(socket);
    });
    if (count > connectionsMax) {
      const [oldest] = strangers;
      if (oldest === undefined) surplus.add(socket);
      else {
        strangers.delete(oldest);
        oldest.destroy();
      }
    }
    strangers.add(socket);
  });
  return {
    isSurplus: (socket) => surplus.has(socket),
    keep: (socket) => void strangers.delete(socket),
  };
}
