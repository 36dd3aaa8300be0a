/** What the commands ask of tocsind. Answers have the types that its operations declare. */
import type { Static } from 'typebox';
import type { acknowledgeAlerts } from '../operations/alert.ts';
import type { alertTimeline } from '../operations/alert-timeline.ts';
import type { listEvents } from '../operations/event.ts';
import type { showHealth } from '../operations/health.ts';
import type { showMetrics } from '../operations/metrics.ts';
import type { listResources } from '../operations/resource.ts';
import type { listRules } from '../operations/rule.ts';
import type { AlertView } from '../operations/schemas.ts';
import type { task } from '../operations/task-view.ts';
import type { showTopology } from '../operations/topology.ts';
import { type ExitName, Stop } from './exit.ts';
import type { Answer, Transport } from './transport.ts';

export type { AlertView };
export type EventView = Static<(typeof listEvents)['output']>['items'][number];
export type ResourceView = Static<(typeof listResources)['output']>['items'][number];
export type RuleView = Static<(typeof listRules)['output']>['items'][number];
export type TimelineEntry = Static<(typeof alertTimeline)['output']>['items'][number];
export type TaskView = Static<typeof task>;
export type AcknowledgedItem = Static<(typeof acknowledgeAlerts)['output']>['items'][number];
export type TopologyView = Static<(typeof showTopology)['output']>;
export type MetricsView = Static<(typeof showMetrics)['output']>;
type HealthAnswer = Static<(typeof showHealth)['output']>;
type Instant = string;

export interface ComponentView {
  readonly status: HealthAnswer['status'];
  readonly reason: string | null;
  readonly since: Instant;
  readonly blindSince: Instant | null;
}
/** Without the right to read there is the status alone. */
export type HealthView = Omit<HealthAnswer, 'components'> & {
  readonly components?: Readonly<Record<string, ComponentView>>;
};

/** Where each operation is; a test holds this against the operations themselves. */
export const routes = {
  'health.status': ['GET', '/api/v1/health'],
  'alert.list': ['GET', '/api/v1/monitoring/alerts'],
  'alert.get': ['GET', '/api/v1/monitoring/alerts/:id'],
  'alert.timeline': ['GET', '/api/v1/monitoring/alerts/:id/timeline'],
  'alert.raise': ['POST', '/api/v1/monitoring/alerts'],
  'alert.acknowledgeMany': ['POST', '/api/v1/monitoring/alerts/acknowledge'],
  'alert.unacknowledge': ['POST', '/api/v1/monitoring/alerts/:id/unacknowledge'],
  'alert.resolve': ['POST', '/api/v1/monitoring/alerts/:id/resolve'],
  'alert.comment': ['POST', '/api/v1/monitoring/alerts/:id/comment'],
  'metrics.show': ['GET', '/api/v1/monitoring/metrics'],
  'event.list': ['GET', '/api/v1/events'],
  'resource.list': ['GET', '/api/v1/resources'],
  'topology.show': ['GET', '/api/v1/topology'],
  'task.list': ['GET', '/api/v1/tasks'],
  'task.report': ['POST', '/api/v1/tasks'],
  'rule.list': ['GET', '/api/v1/rules'],
  'rule.get': ['GET', '/api/v1/rules/:id'],
  'stream.follow': ['GET', '/api/v1/monitoring/events'],
} as const;
export type RouteName = keyof typeof routes;

/** Values of the query; a list is a name that comes more than once. */
export type Query = Readonly<
  Record<string, string | readonly string[] | number | boolean | undefined>
>;

/** Rows of one page; the most that tocsind gives. */
const pageRows = 1000;

/** What a path may hold: tocsind refuses a path with a percent sign. */
const plainId = /^(?!\.{1,2}$)[A-Za-z0-9._~:@!$&'()*+,;=-]+$/;

export function pathOf(name: RouteName, query: Query = {}, id?: string): string {
  if (id !== undefined && !plainId.test(id)) throw new Stop('unknown', `there is no "${id}"`);
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) search.append(key, String(one));
    }
  }
  const path = routes[name][1].replace(':id', () => id ?? '');
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

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

/** What the lists are of. */
interface Rows {
  readonly 'alert.list': AlertView;
  readonly 'alert.timeline': TimelineEntry;
  readonly 'event.list': EventView;
  readonly 'resource.list': ResourceView;
  readonly 'rule.list': RuleView;
  readonly 'task.list': TaskView;
}

/** What changes something, and what it answers. */
interface Deeds {
  readonly 'alert.acknowledgeMany': { readonly items: readonly AcknowledgedItem[] };
  readonly 'alert.unacknowledge': AlertView;
  readonly 'alert.resolve': AlertView;
  readonly 'alert.comment': AlertView;
  readonly 'alert.raise': AlertView;
}

export interface Api {
  health(since?: string): Promise<HealthView>;
  metrics(): Promise<MetricsView>;
  alert(id: string): Promise<AlertView>;
  rule(id: string): Promise<RuleView>;
  /** Who needs whom; with kind and id, what depends on that one. */
  topology(of?: { readonly kind: string; readonly id: string }): Promise<TopologyView>;
  timeline(id: string): Promise<readonly TimelineEntry[]>;
  /** At most `limit` rows, over as many pages as that takes; `more`: there are others. */
  list<N extends keyof Rows>(
    name: N,
    query: Query,
    limit?: number,
    id?: string,
  ): Promise<{ readonly rows: readonly Rows[N][]; readonly more: boolean }>;
  /** Runs an operation that changes something. */
  act<N extends keyof Deeds>(name: N, body: unknown, id?: string): Promise<Deeds[N]>;
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
    topology: (of) => get(pathOf('topology.show', { ...of })),
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
    async act<N extends keyof Deeds>(name: N, body: unknown, id?: string) {
      const [method] = routes[name];
      const answer = await transport.ask({ method, path: pathOf(name, {}, id), body });
      if (answer.status >= 300) throw stopOf(answer);
      return parse(answer.text) as Deeds[N];
    },
  };
  return api;
}
