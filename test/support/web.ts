/** Clients as they come over a network: through TLS, or straight to a socket, byte by byte. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import type { Answer } from './daemon.ts';
import { gather, type Json, type Listener, takeEvents } from './gathering.ts';

export interface Site {
  readonly port: number;
  readonly ca: string;
}

type Headers = Readonly<Record<string, string>>;

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Headers;
  readonly body?: unknown;
  /** Our own address: the loopback is 127.0.0.0/8. */
  readonly from?: string;
}

/** One request over a connection of its own. */
export async function askSite(site: Site, path: string, options: AskOptions = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, from } = options;
  const sent = request({
    host: '127.0.0.1',
    port: site.port,
    ca: site.ca,
    method,
    path,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    agent: false,
    ...(from === undefined ? {} : { localAddress: from }),
  });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const isJson = /json/.test(response.headers['content-type'] ?? '');
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: isJson && text !== '' ? JSON.parse(text) : text,
  };
}

export interface ListenOptions {
  readonly headers?: Headers;
  /** `?since=7`. */
  readonly query?: string;
  readonly from?: string;
  /** False: it never answers a ping, as a client whose machine has lost its power. */
  readonly answersPings?: boolean;
}

const streamPath = '/api/v1/monitoring/events';

/** Follows the stream by WebSocket; resolves after the hello. */
export async function listenByWebSocket(
  site: Site,
  { headers = {}, query = '', from, answersPings = true }: ListenOptions = {},
): Promise<Listener> {
  const socket = new WebSocket(`wss://127.0.0.1:${site.port}${streamPath}${query}`, {
    ca: site.ca,
    headers,
    autoPong: answersPings,
    ...(from === undefined ? {} : { localAddress: from }),
  });
  const { listener, take, end } = gather(() => socket.terminate());
  const refused = Promise.withResolvers<never>();
  socket.on('message', (bytes: Buffer) => take(bytes.toString()));
  socket.on('close', end);
  socket.on('error', refused.reject);
  refused.promise.catch(() => {});
  await Promise.race([listener.find(isHello), refused.promise]);
  return listener;
}

/** Follows the stream by server-sent events; resolves after the hello. */
export async function listenByEvents(
  site: Site,
  { headers = {}, query = '', from }: ListenOptions = {},
): Promise<Listener> {
  const sent = request({
    host: '127.0.0.1',
    port: site.port,
    ca: site.ca,
    path: streamPath + query,
    headers: { accept: 'text/event-stream', ...headers },
    agent: false,
    ...(from === undefined ? {} : { localAddress: from }),
  });
  sent.on('error', () => {});
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`the stream answered ${response.statusCode}`);
  const { listener, take, end } = gather(() => response.destroy());
  takeEvents(response, take);
  response.on('close', end);
  await listener.find(isHello);
  return listener;
}

const isHello = ({ data }: { readonly data: Json }): boolean => data.event === 'hello';

export type Connect = () => Socket;

/** A raw connection through TLS, or to a Unix socket. */
export const rawTls =
  ({ port, ca }: Site): Connect =>
  () =>
    connectTls({ host: '127.0.0.1', port, ca, servername: 'localhost' });
export const rawUnix =
  (path: string): Connect =>
  () =>
    connectPlain(path);

/** Writes the bytes as they are and reads to the end of the connection: all that came back. */
export async function exchange(connect: Connect, bytes: string): Promise<string> {
  const socket = connect();
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  // A refusal may come as a reset when we are still writing.
  socket.on('error', () => {});
  socket.write(bytes, 'latin1');
  // Not `once`, which takes an error for its own.
  await new Promise((resolve) => socket.on('close', resolve));
  return text;
}

/** The status of the first answer, without waiting for the end of the connection. */
export async function firstStatus(connect: Connect, bytes: string): Promise<number | undefined> {
  const socket = connect();
  socket.on('error', () => {});
  socket.write(bytes, 'latin1');
  const [text] = (await once(socket.setEncoding('latin1'), 'data')) as [string];
  socket.destroy();
  return statusesOf(text)[0];
}

/** The statuses of all answers in what came back. */
export const statusesOf = (text: string): readonly number[] =>
  [...text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status));
