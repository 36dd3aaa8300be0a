/**
 * What the commands ask of tocsind: the client, with every failure as a way to end. What people
 * typed goes as it is: tocsind checks it, and its complaint names the field.
 */
import {
  createClient,
  type InputOf,
  type ListName,
  type OperationName,
  type OutputOf,
  pageRows,
  type RowOf,
} from '../../client/client.ts';
import { places } from '../../client/generated.ts';
import type { FollowOptions, StreamMessage } from '../../client/stream.ts';
import type { Timing, Transport } from '../../client/transport.ts';
import type { Query } from './routes.ts';
import { stopOf, stopping } from './stop-of.ts';
import type { AuditVerdictView, HealthView, MetricsView, TimelineEntry } from './views.ts';

export interface Following {
  readonly query: Query;
  /** Resumes after this message. */
  readonly after?: number | undefined;
  readonly clock: Timing;
  /** Tells people that the connection was lost, or is back. */
  readonly tell: (text: string) => Promise<void>;
}

export interface Api {
  health(since?: string): Promise<HealthView>;
  metrics(): Promise<MetricsView>;
  alert(id: string): Promise<OutputOf<'alert.get'>>;
  rule(id: string): Promise<OutputOf<'rule.get'>>;
  ruleDelta(): Promise<OutputOf<'rule.delta'>>;
  /** Who needs whom; with kind and id, what depends on that one. */
  topology(of?: { readonly kind: string; readonly id: string }): Promise<OutputOf<'topology.show'>>;
  timeline(id: string): Promise<readonly TimelineEntry[]>;
  explain(id: string): Promise<OutputOf<'alert.explain'>>;
  /** At most `limit` rows, over as many pages as that takes; `more`: there are others. */
  list<N extends ListName>(
    name: N,
    query: Query,
    limit?: number,
    id?: string,
  ): Promise<{ readonly rows: readonly RowOf<N>[]; readonly more: boolean }>;
  /** Runs an operation that changes something. */
  act<N extends OperationName>(
    name: N,
    body: unknown,
    id?: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<OutputOf<N>>;
  bundle(id: string): Promise<OutputOf<'alert.bundle'>>;
  auditVerdict(): Promise<AuditVerdictView>;
  backtestProgress(): Promise<OutputOf<'rule.backtestProgress'>>;
  recording(id: string, query: Query): Promise<OutputOf<'recording.read'>>;
  /** Reports a run; throws what the client throws, so that its caller can tell why. */
  report(body: unknown): Promise<void>;
  /** Messages of the stream, without an end; it comes again when the connection is lost. */
  follow(following: Following): AsyncGenerator<StreamMessage>;
}

/** The input with what stands in the path: `id`, or whatever the path calls it. */
function withId(name: OperationName, input: unknown, id: string | undefined): object {
  const [, field = 'id'] = /\{(\w+)\}/.exec(places[name][1]) ?? [];
  return { ...Object(input), ...(id !== undefined && { [field]: id }) };
}

export function createApi(transport: Transport): Api {
  const client = createClient(transport);
  const call = <N extends OperationName>(name: N, input: unknown, ifMatch?: string) =>
    stopping(async () => {
      const options = ifMatch === undefined ? {} : { ifMatch };
      return client.call(name, Object(input) as InputOf<N>, options);
    });
  const api: Api = {
    health: (since) => call('health.status', { since }),
    metrics: () => call('metrics.show', {}),
    alert: (id) => call('alert.get', { id }),
    rule: (id) => call('rule.get', { id }),
    ruleDelta: () => call('rule.delta', {}),
    topology: (of) => call('topology.show', { ...of }),
    auditVerdict: () => call('audit.verify', {}),
    bundle: (id) => call('alert.bundle', { id }),
    backtestProgress: () => call('rule.backtestProgress', {}),
    recording: (id, query) => call('recording.read', { ...query, id }),
    explain: (id) => call('alert.explain', { id }),
    timeline: async (id) => (await api.list('alert.timeline', {}, undefined, id)).rows,
    list: <N extends ListName>(name: N, query: Query, limit = Infinity, id?: string) =>
      stopping(async () => {
        const rows: RowOf<N>[] = [];
        const input = { ...withId(name, query, id), limit: Math.min(pageRows, limit) };
        for await (const { items, nextCursor } of client.pages(name, input)) {
          rows.push(...items);
          const more = typeof nextCursor === 'string' || rows.length > limit;
          if (rows.length >= limit) return { rows: rows.slice(0, limit), more };
        }
        return { rows, more: false };
      }),
    act: (name, body, id, headers = {}) => call(name, withId(name, body, id), headers['If-Match']),
    report: async (body) => {
      await client.call('task.report', body as InputOf<'task.report'>);
    },
    async *follow({ query, after, clock, tell }) {
      const onConnection = (state: 'lost' | 'back'): Promise<void> =>
        tell(
          state === 'back'
            ? 'tocsin: connected again'
            : 'tocsin: the connection was lost, trying again …',
        );
      try {
        const wanted = query as FollowOptions['query'];
        yield* client.follow({ query: wanted, after, timing: clock, onConnection });
      } catch (error) {
        throw stopOf(error) ?? error;
      }
    },
  };
  return api;
}
