/**
 * The way to tocsind: HTTP over its Unix socket, or over TCP where an address is given. One
 * connection for each request; every wait has an end.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { Late, TooLong, Unreachable } from './errors.ts';

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

/** Milliseconds. Tests hand in a clock of their own. */
export interface Timing {
  after(delay: number, call: () => void): { cancel(): void };
  sleep(delay: number, signal?: AbortSignal): Promise<void>;
}

export const realTiming: Timing = {
  after(delay, call) {
    const timer = setTimeout(call, delay);
    return { cancel: () => clearTimeout(timer) };
  },
  sleep: (delay, signal) => pause(delay, undefined, signal === undefined ? {} : { signal }),
};

/** The largest page, 1000 alerts with all their evidence, is far below. */
const answerBytesMax = 256 * 1024 * 1024;
/** The daemon is just restarting, or its backlog is full for a moment. */
const retryAfter: readonly number[] = [50, 150, 400];
const isPassing = (code: string): boolean => code === 'EAGAIN' || code === 'ECONNREFUSED';

const nameOf = (target: Target): string =>
  target.type === 'socket' ? target.path : target.url.origin;

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

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length > answerBytesMax)
      throw new TooLong(`the answer is longer than ${answerBytesMax} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Attempts again what fails for a moment only. */
async function begin(
  target: Target,
  question: Question,
  signal: AbortSignal,
  timing: Timing,
): Promise<IncomingMessage> {
  const attempt = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      send(target, question, signal).once('response', resolve).once('error', reject);
    });
  for (const delay of retryAfter) {
    try {
      return await attempt();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (signal.aborted || !isPassing(code)) throw error;
      await timing.sleep(delay, signal);
    }
  }
  return attempt();
}

/** `timeout`: milliseconds that one answer may take. */
export function createTransport(
  target: Target,
  { timeout = 30_000, timing = realTiming }: { timeout?: number; timing?: Timing } = {},
): Transport {
  const name = nameOf(target);

  /** Runs it with a signal of its own, which ends it when its time is over. */
  async function within<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const end = new AbortController();
    const timer = timing.after(timeout, () => end.abort());
    try {
      return await run(end.signal);
    } catch (error) {
      if (end.signal.aborted) throw new Late(name);
      throw error instanceof TooLong ? error : new Unreachable(name, error);
    } finally {
      timer.cancel();
    }
  }

  return {
    ask: (question) =>
      within(async (signal) => {
        const response = await begin(target, question, signal, timing);
        const text = await readText(response);
        const type = response.headers['content-type'] ?? '';
        return { status: response.statusCode ?? 0, type, text };
      }),
    open: (question) => within((signal) => begin(target, question, signal, timing)),
  };
}
