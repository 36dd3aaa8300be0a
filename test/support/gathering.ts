/** What a client of the stream was told, and those who wait for a message that is still to come. */
import { createInterface } from 'node:readline';

/** A test looks at what came, whatever its shape. */
export type Json = ReturnType<typeof JSON.parse>;

/** One message of the stream: `{type, seq, time, data}`. */
export type StreamMessage = { type: string; seq: number; time: string; data: Json };

export interface Listener {
  /** All messages so far. */
  readonly messages: readonly StreamMessage[];
  /** The numbers of all alerts told, in order. */
  numbers(): readonly number[];
  /** The first message, past or coming, that fits; fails when the stream ends before. */
  find(fits: (message: StreamMessage) => boolean): Promise<StreamMessage>;
  /** Resolves when it is over, whoever ended it. */
  readonly ended: Promise<void>;
  close(): void;
}

export interface Gathering {
  readonly listener: Listener;
  /** One message, as it came. */
  readonly take: (text: string) => void;
  readonly end: () => void;
}

export function gather(close: () => void): Gathering {
  const messages: StreamMessage[] = [];
  const over = Promise.withResolvers<void>();
  let waiting: {
    readonly fits: (message: StreamMessage) => boolean;
    readonly resolve: (message: StreamMessage) => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  const listener: Listener = {
    messages,
    numbers: () => messages.filter(({ type }) => type === 'alert').map(({ seq }) => seq),
    find(fits) {
      const there = messages.find(fits);
      if (there !== undefined) return Promise.resolve(there);
      return new Promise((resolve, reject) => waiting.push({ fits, resolve, reject }));
    },
    ended: over.promise,
    close,
  };
  return {
    listener,
    take(text) {
      const message = JSON.parse(text) as StreamMessage;
      messages.push(message);
      const met = waiting.filter(({ fits }) => fits(message));
      waiting = waiting.filter((one) => !met.includes(one));
      for (const one of met) one.resolve(message);
    },
    end() {
      over.resolve();
      for (const { reject } of waiting) reject(new Error('the stream has ended'));
      waiting = [];
    },
  };
}

/** Hands over the data of server-sent events; whoever sends them may be killed meanwhile. */
export function takeEvents(response: NodeJS.ReadableStream, take: (data: string) => void): void {
  response.on('error', () => {});
  const lines = createInterface({ input: response });
  lines.on('error', () => {});
  lines.on('line', (line) => {
    if (line.startsWith('data: ')) take(line.slice('data: '.length));
  });
}
