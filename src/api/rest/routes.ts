/** Routes of the operations: a request becomes input, an answer becomes a response. */
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { House } from '../../operations/house.ts';
import { mayRun, type Operation } from '../../operations/operation.ts';
import { Refusal, refuse } from '../../operations/refusals.ts';
import { operations } from '../../operations/registry.ts';
import { type Answer, runOperation } from '../../operations/run.ts';
import { cookieHeaders } from '../cookie.ts';
import { renderProblem } from '../problem.ts';
import { queryOf } from '../query.ts';
import type { Visit, VisitOf } from '../visit.ts';
import { bodyBytesDefault, readBody } from './body.ts';
import { digestOfRequest, Replies, readKey } from './idempotency.ts';

/** Hono's environment: the request as Node has it, and what the door found out about it. */
export interface Env {
  readonly Bindings: HttpBindings;
}
export type App = Hono<Env>;

const tagsOf = (header: string): readonly string[] => header.split(',').map((tag) => tag.trim());

/** Whether If-None-Match holds the version, strong or weak (RFC 9110, 13.1.2). */
function holdsVersion(header: string | undefined, version: string): boolean {
  const tags = tagsOf(header ?? '').map((tag) => tag.replace(/^W\//, ''));
  return tags.includes(`"${version}"`) || tags.includes('*');
}

/** Whether If-Match names the version; a weak tag never does (RFC 9110, 13.1.1). */
const meansVersion =
  (header: string) =>
  (version: string): boolean =>
    tagsOf(header).some((tag) => tag === `"${version}"` || tag === '*');

const hasField = <N extends string>(value: unknown, name: N): value is Record<N, unknown> =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name);

/** The same address with the next page's cursor (RFC 8288). */
function linkOf(url: string, output: unknown): Readonly<Record<string, string>> {
  if (!hasField(output, 'nextCursor') || typeof output.nextCursor !== 'string') return {};
  const next = new URL(url, 'http://localhost');
  next.searchParams.set('cursor', output.nextCursor);
  return { Link: `<${next.pathname}${next.search}>; rel="next"` };
}

function headersOf(visit: Visit, version: string | undefined) {
  return {
    'Content-Type': 'application/json',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': visit.requestId,
    ...(version === undefined
      ? { 'Cache-Control': 'no-store' }
      : { 'Cache-Control': 'private, no-cache', ETag: `"${version}"` }),
  };
}

export function respondRefused(
  context: Context<Env>,
  visit: Visit,
  refusal: Refusal,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const problem = renderProblem(refusal, context.req.path, visit.requestId);
  return new Response(problem.body, {
    status: problem.status,
    headers: { ...problem.headers, ...headers },
  });
}

function respond(context: Context<Env>, visit: Visit, operation: Operation, answer: Answer) {
  const url = context.env.incoming.url ?? '';
  if (answer.type === 'refused') return respondRefused(context, visit, answer.refusal);
  const headers = headersOf(visit, answer.version);
  if (answer.type === 'unchanged') return new Response(null, { status: 304, headers });
  const { output, status } = answer;
  const location =
    status === 201 && hasField(output, 'id')
      ? { Location: `${context.req.path}/${String(output.id)}` }
      : {};
  return new Response(JSON.stringify(output), {
    status,
    headers: {
      ...headers,
      ...linkOf(url, output),
      ...location,
      ...cookieHeaders(visit.door, operation, Object(output)),
    },
  });
}

interface Routing {
  readonly app: App;
  readonly house: House;
  readonly visitOf: VisitOf;
  readonly replies: Replies;
}

async function answer(
  { house, replies }: Routing,
  operation: Operation,
  context: Context<Env>,
  visit: Visit,
): Promise<Response> {
  const { incoming } = context.env;
  const params = Object.entries(context.req.param()).map(([name, value]) => [name, [value]]);
  const texts = { ...queryOf(incoming.url ?? ''), ...Object.fromEntries(params) };
  const may = mayRun(visit.caller, operation.permission);
  const bytesMax = operation.bodyBytesMax ?? bodyBytesDefault;
  // Nobody who may not do it makes us hold a body.
  const json = operation.method === 'GET' || !may ? undefined : await readBody(incoming, bytesMax);
  const { 'if-none-match': none, 'if-match': match, 'idempotency-key': given } = incoming.headers;
  const conditions = {
    holds: (version: string) => holdsVersion(none, version),
    means: match === undefined ? undefined : meansVersion(match),
  };
  const run = async (): Promise<Response> =>
    respond(
      context,
      visit,
      operation,
      await runOperation(house, operation, { texts, json }, visit.caller, conditions),
    );
  // Whoever may not do it is told so, whatever was answered to others; what changes nothing needs
  // no key, and whoever may only read writes nothing.
  const isDeed = operation.permission === 'write' || operation.permission === 'admin';
  const isKept = operation.method === 'POST' && isDeed && operation.shownOnce !== true;
  const key = isKept && may ? readKey(given) : undefined;
  if (key === undefined) return run();
  const { requestId, caller } = visit;
  const digest = digestOfRequest([operation.name, texts, json]);
  return replies.answer({ caller: caller.name, key, digest, requestId }, run);
}

function addOperation(routing: Routing, operation: Operation): void {
  const { app, visitOf } = routing;
  app.on(operation.method, [operation.path], async (context) => {
    const visit = visitOf(context.env.incoming);
    visit.operation = operation.name;
    try {
      return await answer(routing, operation, context, visit);
    } catch (error) {
      // Of the body or the key; what an operation refuses is a value already.
      if (error instanceof Refusal) return respondRefused(context, visit, error);
      throw error;
    }
  });
}

/** Answers other methods on a path: 405, and OPTIONS with what there is. */
export function addMethods(
  app: App,
  path: string,
  methods: readonly string[],
  visitOf: VisitOf,
): void {
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
  app.all(path, (context) => {
    if (context.req.method === 'OPTIONS') {
      return new Response(null, { status: 204, headers: { Allow: allow } });
    }
    const detail = `${context.req.method} is not known here; ${allow} are`;
    const visit = visitOf(context.env.incoming);
    return respondRefused(context, visit, refuse('method-not-allowed', detail), { Allow: allow });
  });
}

export function addOperations(app: App, house: House, visitOf: VisitOf): void {
  const routing = { app, house, visitOf, replies: new Replies(house) };
  for (const operation of operations) addOperation(routing, operation);
  // After all operations, or `alerts/:id` would hide `alerts/acknowledge`.
  const byPath = Map.groupBy(operations, ({ path }) => path);
  for (const [path, rows] of byPath) {
    addMethods(
      app,
      path,
      rows.map(({ method }) => method),
      visitOf,
    );
  }
}
