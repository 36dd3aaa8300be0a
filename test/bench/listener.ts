/** A client of the stream that does little more than note when a message came. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/** A change of an alert, as far as it is read here. */
export interface Heard {
  readonly rule: string;
  readonly unit: string;
  readonly reason: string;
  readonly seq: number;
  /** Microseconds on CLOCK_MONOTONIC, when its bytes were in this process. */
  readonly arrivedUsec: number;
}

export interface Listener {
  /** Every change so far, in order. */
  readonly heard: readonly Heard[];
  /** Resolves when there were changes of all these units that `fits` takes, past or coming. */
  reached(units: readonly string[], fits: (heard: Heard) => boolean): Promise<void>;
  stop(): void;
}

interface Told {
  readonly type: string;
  readonly seq: number;
  readonly data: {
    readonly reason: string;
    readonly rule: string;
    readonly resource: { readonly id: string };
  };
}

const monotonicUsec = (): number => Number(process.hrtime.bigint() / 1000n);

/** Cuts what comes into lines; the stamp is that of the chunk that ended the line. */
export function createLines(take: (line: string, arrivedUsec: number) => void) {
  let rest = '';
  return (chunk: string, arrivedUsec: number): void => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line, arrivedUsec);
  };
}

/** Of a line of server-sent events; undefined when it tells of no alert. */
export function parseHeard(line: string, arrivedUsec: number): Heard | undefined {
  if (!line.startsWith('data: ')) return undefined;
  const told = JSON.parse(line.slice('data: '.length)) as Told;
  if (told.type !== 'alert') return undefined;
  const { rule, resource, reason } = told.data;
  return { rule, unit: resource.id, reason, seq: told.seq, arrivedUsec };
}

/** Follows the changes of alerts on a Unix socket; resolves when the daemon has answered. */
export async function startListener(socketPath: string): Promise<Listener> {
  const path = '/api/v1/monitoring/events?types=alert,system';
  const headers = { accept: 'text/event-stream' };
  const sent = request({ socketPath, path, headers, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`the stream answers ${response.statusCode}`);
  const heard: Heard[] = [];
  const takers = new Set<(one: Heard) => void>();
  const lines = createLines((line, arrivedUsec) => {
    const found = parseHeard(line, arrivedUsec);
    if (found === undefined) return;
    heard.push(found);
    for (const take of takers) take(found);
  });
  response.setEncoding('utf8').on('data', (chunk: string) => lines(chunk, monotonicUsec()));
  return {
    heard,
    reached: (units, fits) =>
      new Promise((resolve) => {
        const missing = new Set(units);
        const take = (one: Heard): void => {
          if (missing.size > 0 && fits(one)) missing.delete(one.unit);
          if (missing.size > 0) return;
          takers.delete(take);
          resolve();
        };
        takers.add(take);
        for (const one of heard) take(one);
      }),
    stop: () => response.destroy(),
  };
}
