/**
 * Alertmanager's door under /am. Requests become what the rows of operations.ts take; answers are
 * plain JSON, never problem documents, and an unknown path is 404 whatever lies below it.
 */
import type { IncomingMessage } from 'node:http';
import type { House } from '../../operations/house.ts';
import { mayRun } from '../../operations/operation.ts';
import { Refusal } from '../../operations/refusals.ts';
import { runOperation } from '../../operations/run.ts';
import { contentTypes } from '../metrics/page.ts';
import { queryOf } from '../query.ts';
import { bodyBytesDefault, readBody } from '../rest/body.ts';
import { type App, addMethods, respondRefused } from '../rest/routes.ts';
import type { VisitOf } from '../visit.ts';
import { alertmanagerOperations } from './operations.ts';
import type { Reply } from './reply.ts';

/** How the caller reaches us, for links: nginx says in X-Forwarded-Proto what it speaks. */
function baseOf({ headers }: IncomingMessage): string {
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  const { host = '' } = headers;
  return `${scheme}://${/^[\w.:[\]-]{1,255}$/.test(host) ? host : 'localhost'}`;
}

const mediaTypes = {
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
  metrics: contentTypes.text,
} as const;

function respond({ status, body, type = 'json' }: Reply, requestId: string): Response {
  const isEmpty = body === undefined;
  const text = type === 'json' ? JSON.stringify(body) : String(body);
  return new Response(isEmpty ? null : text, {
    status,
    headers: {
      ...(!isEmpty && { 'Content-Type': mediaTypes[type] }),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': requestId,
    },
  });
}

function addRow(
  app: App,
  house: House,
  operation: (typeof alertmanagerOperations)[number],
  visitOf: VisitOf,
): void {
  const { bodyBytesMax = bodyBytesDefault, method, name, path } = operation;
  app.on(method, [path], async (context) => {
    const { incoming } = context.env;
    const visit = visitOf(incoming);
    visit.operation = name;
    try {
      const isTaken = method === 'POST' && mayRun(visit.caller, operation.permission);
      const body = isTaken ? await readBody(incoming, bodyBytesMax) : undefined;
      const id = context.req.param('id') ?? '';
      const json = { query: queryOf(incoming.url ?? ''), body, id, base: baseOf(incoming) };
      const answer = await runOperation(house, operation, { json }, visit.caller);
      if (answer.type === 'done') return respond(answer.output, visit.requestId);
      if (answer.type === 'refused') return respondRefused(context, visit, answer.refusal);
      throw new Error(`${name} has no versions`);
    } catch (error) {
      // Of the body; what an operation refuses is a value already.
      if (error instanceof Refusal) return respondRefused(context, visit, error);
      throw error;
    }
  });
}

export function addAlertmanager(app: App, house: House, visitOf: VisitOf): void {
  for (const operation of alertmanagerOperations) addRow(app, house, operation, visitOf);
  const byPath = Map.groupBy(alertmanagerOperations, ({ path }) => path);
  for (const [path, rows] of byPath) {
    const methods = rows.map(({ method }) => method);
    addMethods(app, path, methods, visitOf);
  }
}
