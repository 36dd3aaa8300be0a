/**
 * Callers who never pause, while something is done to the daemon: with a connection for each
 * request, with connections that are kept, and one who writes. What they meet is counted.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface Load {
  /** Requests that were answered with 2xx. */
  readonly answered: number;
  /** Everything else that a caller met: `keeper: ECONNRESET`, `writer: 503`. */
  readonly faults: readonly string[];
  /** The longest that a caller waited for an answer, in milliseconds. */
  readonly slowestMs: number;
  /** Keys of the alerts whose raising was answered. */
  readonly raised: readonly string[];
  /** Resolves when each caller has asked once more, from now on. */
  round(): Promise<void>;
  /** Ends when what is on its way is answered. */
  stop(): Promise<void>;
}

const callersOfAKind = 3;
const breathMs = 3;

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

/** Resolves with the status, when all of the answer is here. */
function askWhole(socketPath: string, agent: Agent | false, ask: Ask): Promise<number> {
  return new Promise((resolve, reject) => {
    const { method, path, body } = ask;
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request(
      { socketPath, method, path, headers, agent },
      (answer: IncomingMessage) => {
        answer.on('error', reject);
        answer.on('end', () => resolve(answer.statusCode ?? 0));
        answer.resume();
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const reading: Ask = { method: 'GET', path: '/api/v1/monitoring/alerts?limit=5' };

const raising = (key: string): Ask => ({
  method: 'POST',
  path: '/api/v1/monitoring/alerts',
  body: JSON.stringify({ severity: 'info', source: 'system', title: key, key }),
});

/** Begins at once. `name` keeps the keys of two loads apart. */
export function startLoad(socketPath: string, name = 'load'): Load {
  const faults: string[] = [];
  const raised: string[] = [];
  const rounds = new Map<string, number>();
  let [answered, slowestMs] = [0, 0];
  const ending = new AbortController();

  async function call(who: string, agent: Agent | false, ask: () => Ask): Promise<boolean> {
    const begun = performance.now();
    try {
      const status = await askWhole(socketPath, agent, ask());
      slowestMs = Math.max(slowestMs, performance.now() - begun);
      if (status >= 200 && status < 300) answered += 1;
      else faults.push(`${who}: ${status}`);
      return status >= 200 && status < 300;
    } catch (error) {
      faults.push(`${who}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
      return false;
    }
  }

  async function loop(who: string, once: (turn: number) => Promise<unknown>): Promise<void> {
    for (let turn = 1; !ending.signal.aborted; turn += 1) {
      await once(turn);
      rounds.set(who, turn);
      await pause(breathMs);
    }
  }

  const callers: Promise<void>[] = [];
  const agents: Agent[] = [];
  for (let i = 0; i < callersOfAKind; i += 1) {
    callers.push(loop(`comer ${i}`, () => call('comer', false, () => reading)));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    agents.push(agent);
    callers.push(loop(`keeper ${i}`, () => call('keeper', agent, () => reading)));
  }
  callers.push(
    loop('writer', async (turn) => {
      const key = `${name}-${turn}`;
      if (await call('writer', false, () => raising(key))) raised.push(key);
    }),
  );
  return {
    faults,
    raised,
    get answered() {
      return answered;
    },
    get slowestMs() {
      return slowestMs;
    },
    async round() {
      const before = new Map(rounds);
      // The second turn after now began after now.
      const isDone = (who: string): boolean => (rounds.get(who) ?? 0) >= (before.get(who) ?? 0) + 2;
      while (before.size < callers.length || ![...before.keys()].every(isDone)) {
        await pause(breathMs);
        for (const who of rounds.keys()) if (!before.has(who)) before.set(who, 0);
      }
    },
    async stop() {
      ending.abort();
      await Promise.all(callers);
      for (const agent of agents) agent.destroy();
    },
  };
}
