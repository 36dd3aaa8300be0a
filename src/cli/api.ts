/** What the commands ask of tocsind. Answers have the types that its operations declare. */
import { type ExitName, Stop } from './exit.ts';
import { pathOf, type Query, routes } from './routes.ts';
import type { Answer, Transport } from './transport.ts';
import type {
  AlertView,
  BacktestProgressView,
  BundleView,
  Deeds,
  ExplainView,
  HealthView,
  MetricsView,
  RecordingView,
  Rows,
  RuleDeltaView,
  RuleView,
  TimelineEntry,
  TopologyView,
} from './views.ts';

/** Rows of one page; the most that tocsind gives. */
const pageRows = 1000;

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly code?: string;
}

const exitOfStatus: Readonly<Record<number, ExitName>> = {
  400: 'usage',
  401: 'not-permitted',
  403: 'not-permitted',
  404: 'unknown',
  409: 'conflict',
  412: 'conflict',
  414: 'usage',
};
export const exitOf = (status: number): ExitName => exitOfStatus[status] ?? 'failed';

const advice: Readonly<Record<string, string>> = {
  unauthenticated: 'Give a token with TOCSIN_TOKEN.',
  'not-permitted':
    'On the socket root and the group tocsin-admin may do everything, tocsin-read may look.',
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Stop('failed', 'tocsind answered something that is not JSON');
  }
}

/** The way to end that a problem document asks for. */
export function stopOf({ status, type, text }: Answer): Stop {
  if (!type.startsWith('application/problem+json')) {
    return new Stop(exitOf(status), `the answer is HTTP ${status}, and not tocsind's`);
  }
  const { title = `HTTP ${status}`, detail, hint, code = '' } = parse(text) as Problem;
  const said = detail === undefined ? title : `${title}: ${detail}`;
  const more = [hint, advice[code]].filter((line) => line !== undefined);
  return new Stop(exitOf(status), [said, ...more].join('\n'));
}

export interface Api {
  health(since?: string): Promise<HealthView>;
  metrics(): Promise<MetricsView>;
  alert(id: string): Promise<AlertView>;
  rule(id: string): Promise<RuleView>;
  ruleDelta(): Promise<{ readonly items: readonly RuleDeltaView[] }>;
  /** Who needs whom; with kind and id, what depends on that one. */
  topology(of?: { readonly kind: string; readonly id: string }): Promise<TopologyView>;
  timeline(id: string): Promise<readonly TimelineEntry[]>;
  explain(id: string): Promise<ExplainView>;
  /** At most `limit` rows, over as many pages as that takes; `more`: there are others. */
  list<N extends keyof Rows>(
    name: N,
    query: Query,
    limit?: number,
    id?: string,
  ): Promise<{ readonly rows: readonly Rows[N][]; readonly more: boolean }>;
  /** Runs an operation that changes something. */
  act<N extends keyof Deeds>(
    name: N,
    body: unknown,
    id?: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Deeds[N]>;
  bundle(id: string): Promise<BundleView>;
  backtestProgress(): Promise<BacktestProgressView>;
  recording(id: string, query: Query): Promise<RecordingView>;
  /** Where a stream of messages is. */
  readonly transport: Transport;
}

export function createApi(transport: Transport): Api {
  /** `also`: statuses that are answers too. */
  async function get<T>(path: string, also: readonly number[] = []): Promise<T> {
    const answer = await transport.ask({ path });
    const isGood = answer.status === 200 || also.includes(answer.status);
    if (!isGood || answer.type.startsWith('application/problem')) throw stopOf(answer);
    return parse(answer.text) as T;
  }
  const api: Api = {
    transport,
    // 503 says that tocsin is unhealthy, and says why.
    health: (since) => get(pathOf('health.status', { since }), [503]),
    metrics: () => get(pathOf('metrics.show')),
    alert: (id) => get(pathOf('alert.get', {}, id)),
    rule: (id) => get(pathOf('rule.get', {}, id)),
    ruleDelta: () => get(pathOf('rule.delta')),
    topology: (of) => get(pathOf('topology.show', { ...of })),
    bundle: (id) => get(pathOf('alert.bundle', {}, id)),
    backtestProgress: () => get(pathOf('rule.backtestProgress')),
    recording: (id, query) => get(pathOf('recording.read', query, id)),
    explain: (id) => get(pathOf('alert.explain', {}, id)),
    timeline: async (id) => (await api.list('alert.timeline', {}, undefined, id)).rows,
    async list<N extends keyof Rows>(name: N, query: Query, limit = Infinity, id?: string) {
      const rows: Rows[N][] = [];
      let cursor: string | undefined;
      do {
        const wanted = Math.min(pageRows, limit - rows.length);
        const path = pathOf(name, { ...query, limit: wanted, cursor }, id);
        const page = await get<{
          readonly items: readonly Rows[N][];
          readonly nextCursor: string | null;
        }>(path);
        rows.push(...page.items);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined && rows.length < limit);
      return { rows, more: cursor !== undefined };
    },
    async act<N extends keyof Deeds>(
      name: N,
      body: unknown,
      id?: string,
      headers: Readonly<Record<string, string>> = {},
    ) {
      const [method] = routes[name];
      const answer = await transport.ask({ method, path: pathOf(name, {}, id), body, headers });
      if (answer.status >= 300) throw stopOf(answer);
      return parse(answer.text) as Deeds[N];
    },
  };
  return api;
}
