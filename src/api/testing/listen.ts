/** For tests: clients of the stream that gather what they are told, and wait for facts. */
import { get, type IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Door } from '../doors.ts';
import { promised } from './promised.ts';
import { type Served, valueAt } from './serve.ts';

export interface Heard {
  readonly type: string;
  readonly seq: number;
  readonly time: string;
  readonly data: unknown;
}

export interface Listener {
  readonly heard: Heard[];
  /** The raw text of each message. */
  readonly texts: string[];
  /** Resolves when what was heard satisfies the condition. */
  until(holds: (heard: readonly Heard[]) => boolean): Promise<void>;
  /** Resolves with the close code, or 0, when the connection has ended. */
  readonly ended: Promise<number>;
  close(): void;
}

export interface Opening {
  readonly door?: Door;
  readonly headers?: Readonly<Record<string, string>>;
}

const path = '/api/v1/monitoring/events';

class Gathering {
  readonly heard: Heard[] = [];
  readonly texts: string[] = [];
  #waiting: { holds: (heard: readonly Heard[]) => boolean; resolve: () => void }[] = [];

  take(text: string): void {
    promised().checkMessage(text);
    this.texts.push(text);
    this.heard.push(JSON.parse(text) as Heard);
    for (const { holds, resolve } of this.#waiting) if (holds(this.heard)) resolve();
    this.#waiting = this.#waiting.filter(({ holds }) => !holds(this.heard));
  }

  until(holds: (heard: readonly Heard[]) => boolean): Promise<void> {
    if (holds(this.heard)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ holds, resolve }));
  }
}

export function openWebSocket(
  served: Served,
  query = '',
  { door = 'local', headers = {} }: Opening = {},
): WebSocket {
  const target = `${path}${query}`;
  const address =
    door === 'listen'
      ? `ws://127.0.0.1:${served.port}${target}`
      : `ws+unix:${served.socketOf(door)}:${target}`;
  return new WebSocket(address, { headers, perMessageDeflate: false });
}

/** Resolves when hello is in. */
export async function listen(served: Served, query = '', opening: Opening = {}): Promise<Listener> {
  const webSocket = openWebSocket(served, query, opening);
  const gathering = new Gathering();
  webSocket.on('message', (bytes: Buffer) => gathering.take(bytes.toString()));
  const ended = new Promise<number>((resolve) => webSocket.on('close', resolve));
  await new Promise((resolve, reject) => {
    webSocket.on('open', resolve);
    webSocket.on('error', reject);
  });
  const until = gathering.until.bind(gathering);
  await until((heard) => heard.length > 0);
  const { heard, texts } = gathering;
  return { heard, texts, until, ended, close: () => webSocket.terminate() };
}

/** The same over server-sent events; `ids` are the ids of the events. */
export async function listenEvents(
  served: Served,
  query = '',
  { door = 'local', headers = {} }: Opening = {},
): Promise<Listener & { readonly ids: string[]; readonly headers: IncomingMessage['headers'] }> {
  const where = door === 'listen' ? { port: served.port } : { socketPath: served.socketOf(door) };
  const all = { accept: 'text/event-stream', ...headers };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ ...where, path: `${path}${query}`, headers: all, agent: false }, resolve).on(
      'error',
      reject,
    );
  });
  const gathering = new Gathering();
  const ids: string[] = [];
  let rest = '';
  answer.setEncoding('utf8');
  answer.on('data', (chunk: string) => {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const lines of blocks.map((block) => block.split('\n'))) {
      const id = lines.find((line) => line.startsWith('id: '));
      const data = lines.find((line) => line.startsWith('data: '));
      if (id !== undefined) ids.push(id.slice(4));
      if (data !== undefined) gathering.take(data.slice(6));
    }
  });
  answer.on('error', () => undefined);
  const ended = new Promise<number>((resolve) => answer.on('close', () => resolve(0)));
  const { heard, texts } = gathering;
  const until = gathering.until.bind(gathering);
  if (answer.statusCode === 200) await until((all) => all.length > 0);
  return {
    heard,
    texts,
    ids,
    until,
    ended,
    headers: answer.headers,
    close: () => answer.destroy(),
  };
}

/** What the daemon tells of an event. */
export const happening = (type: 'tape' | 'vtl', after: Readonly<Record<string, number>> = {}) => ({
  type,
  at: 0,
  data: {
    event: 'changed',
    resource: { kind: `${type}.drive`, id: 'SN1' },
    foundBy: 'signal',
    before: null,
    after,
  },
});

/** What a message is, in a word: `raised 3`, `hello`, `resync`, `tape`. */
export function gist({ type, seq, data }: Heard): string {
  const reason = valueAt(data, 'reason');
  if (type === 'alert') return `${String(reason)} ${seq}`;
  const event = valueAt(data, 'event');
  return type === 'system' && typeof event === 'string' ? event : type;
}
