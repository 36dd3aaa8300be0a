/** A client of the stream that keeps everything it was told, and waits for what is still to come. */
import { listenTo } from './daemon.ts';
import type { Json, StreamMessage } from './gathering.ts';

/** No fact that a test waits for takes this long, on a busy machine neither. */
const patienceMs = 40_000;

export interface FollowOptions {
  /** Everything after the change with this number. */
  readonly since?: number;
}

export interface Follower {
  readonly messages: readonly StreamMessage[];
  /** Number of the last change it was told. */
  readonly seq: number;
  /** Changes of the alerts of one resource, as `RULE REASON`; not those of texts and causes. */
  story(resource: string): readonly string[];
  /** Waits for the first change like that, past or coming; resolves with the alert as it was then. */
  alert(resource: string, rule: string, reason: string): Promise<Json>;
  /** Waits until the evidence of an alert of a resource holds this text. */
  evidence(resource: string, rule: string, text: string): Promise<void>;
  /** Waits for the first event (`run-failed`, …) of a resource; resolves with its data. */
  event(resource: string, event: string): Promise<Json>;
  /** Waits until it holds. */
  until(what: string, holds: () => boolean): Promise<void>;
  close(): void;
}

const untold = new Set(['updated', 'cause']);

const storyOf = (messages: readonly StreamMessage[], resource: string): readonly string[] =>
  messages.flatMap(({ type, data }) =>
    type === 'alert' && data.resource.id === resource && !untold.has(data.reason)
      ? [`${data.rule} ${data.reason}`]
      : [],
  );

/** `12 alert a.service unit-failed raised`: for the message of a test that waited in vain. */
function lineOf({ seq, type, data }: StreamMessage): string {
  const what = type === 'alert' ? `${data.rule} ${data.reason}` : data.event;
  return `${seq} ${type} ${data.resource?.id ?? ''} ${what}`;
}

/** Listens on a socket; resolves when the daemon has said hello. */
export async function follow(socket: string, options: FollowOptions = {}): Promise<Follower> {
  const query = options.since === undefined ? '' : `?since=${options.since}`;
  const client = await listenTo(socket, query);
  const { messages } = client;

  async function wait(what: string, fits: (message: StreamMessage) => boolean) {
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      limit = setTimeout(() => {
        const heard = messages.slice(-30).map(lineOf).join('\n');
        reject(new Error(`${what}: not within ${patienceMs / 1000} s; heard\n${heard}`));
      }, patienceMs);
    });
    try {
      return await Promise.race([client.find(fits), late]);
    } finally {
      clearTimeout(limit);
    }
  }

  await wait('hello', ({ data }) => data.event === 'hello');
  return {
    messages,
    get seq() {
      return messages.findLast(({ type }) => type === 'alert')?.seq ?? messages[0]?.seq ?? 0;
    },
    story: (resource) => storyOf(messages, resource),
    alert: async (resource, rule, reason) => {
      const told = await wait(
        `${rule} ${reason} for ${resource}`,
        ({ type, data }) =>
          type === 'alert' &&
          data.resource.id === resource &&
          data.rule === rule &&
          data.reason === reason,
      );
      return told.data;
    },
    evidence: async (resource, rule, text) => {
      await wait(
        `evidence for ${resource} with "${text}"`,
        ({ type, data }) =>
          type === 'alert' &&
          data.resource.id === resource &&
          data.rule === rule &&
          data.evidence.some((one: Json) => one.lines.join('\n').includes(text)),
      );
    },
    event: async (resource, event) => {
      const told = await wait(
        `${event} of ${resource}`,
        ({ type, data }) =>
          type !== 'alert' && data.event === event && data.resource?.id === resource,
      );
      return told.data;
    },
    until: async (what, holds) => {
      if (!holds()) await wait(what, () => holds());
    },
    close: () => client.close(),
  };
}
