/**
 * The way to tocsind: HTTP over its Unix socket, or over TCP where an address is given. Every wait
 * has an end, and every failure says what to do.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Ms } from '../domain/time.ts';
import { Stop } from './exit.ts';
import type { Io } from './io.ts';

export type Target =
  | { readonly type: 'socket'; readonly path: string }
  | { readonly type: 'url'; readonly url: URL; readonly token: string | undefined };

export interface Question {
  readonly method?: string;
  /** Begins with a slash; with the query. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export interface Transport {
  /** The timeout is for the whole answer. */
  ask(question: Question): Promise<Answer>;
  /** An answer without an end; the timeout is for its beginning. The caller destroys it. */
  open(question: Question): Promise<IncomingMessage>;
}

/** The largest page, 1000 alerts with all their evidence, is far below. */
const answerBytesMax = 256 * 1024 * 1024;
/** The daemon is just restarting, or its backlog is full for a moment. */
const retryAfter: readonly Ms[] = [50, 150, 400];
const isPassing = (code: string): boolean => code === 'EAGAIN' || code === 'ECONNREFUSED';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

const nameOf = (target: Target): string =>
  target.type === 'socket' ? target.path : target.url.origin;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'nobody listens there',
  EAGAIN: 'it has no room for one more connection',
  ENOTFOUND: 'there is no such host',
  ECONNRESET: 'it ended the connection',
};

/** What went wrong on the way, as a way to end. */
function stopFor(target: Target, error: unknown): Stop {
  const code = codeOf(error);
  const name = nameOf(target);
  if (code === 'EACCES' || code === 'EPERM') {
    return new Stop('not-permitted', `you may not connect to ${name}`);
  }
  const why = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  const advice =
    target.type === 'socket'
      ? 'Look at it with: systemctl status tocsin'
      : 'Look at the address, and on its machine at: systemctl status tocsin';
  return new Stop('unreachable', `tocsind cannot be reached at ${name}: ${why}.\n${advice}`);
}

function send(target: Target, question: Question, signal: AbortSignal): ClientRequest {
  const { method = 'GET', path, body } = question;
  const headers: Record<string, string> = { Accept: 'application/json', ...question.headers };
  const payload = body === undefined ? undefined : JSON.stringify(body);
  if (payload !== undefined) {
    headers['Content-Type'] = 'application/json';
    headers['Content-Length'] = String(Buffer.byteLength(payload));
  }
  const common = { method, signal, agent: false };
  if (target.type === 'socket') {
    return httpRequest({ ...common, socketPath: target.path, path, headers }).end(payload);
  }
  if (target.token !== undefined) headers.Authorization = `Bearer ${target.token}`;
  const { url } = target;
  const whole = new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url.origin);
  const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return ask(whole, { ...common, headers }).end(payload);
}

const begin = (target: Target, question: Question, signal: AbortSignal): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    send(target, question, signal).once('response', resolve).once('error', reject);
  });

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length > answerBytesMax) {
      throw new Stop('failed', `the answer is longer than ${answerBytesMax} bytes`);
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function createTransport(target: Target, timeout: Ms, clock: Io['clock']): Transport {
  const late = (): Stop =>
    new Stop('timeout', `${nameOf(target)} did not answer in time (--timeout)`);

  async function connect(question: Question, signal: AbortSignal): Promise<IncomingMessage> {
    for (const delay of retryAfter) {
      try {
        return await begin(target, question, signal);
      } catch (error) {
        if (signal.aborted || !isPassing(codeOf(error))) throw error;
        await clock.sleep(delay, signal);
      }
    }
    return begin(target, question, signal);
  }

  /** Runs it, and turns what goes wrong into a way to end. */
  async function guard<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof Stop) throw error;
      throw signal.aborted ? late() : stopFor(target, error);
    }
  }

  /** Runs it with a signal of its own, which ends it when its time is over. */
  async function within<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const end = new AbortController();
    const timer = clock.after(timeout, () => end.abort());
    try {
      return await guard(end.signal, () => run(end.signal));
    } finally {
      timer.cancel();
    }
  }

  return {
    ask: (question) =>
      within(async (signal) => {
        const response = await connect(question, signal);
        const text = await readText(response);
        const type = response.headers['content-type'] ?? '';
        return { status: response.statusCode ?? 0, type, text };
      }),
    open: (question) => within((signal) => connect(question, signal)),
  };
}
