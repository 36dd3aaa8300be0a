/** The REST door: routes of the operations, and the few pages that are none. */
import { Hono } from 'hono';
import type { House } from '../../operations/house.ts';
import { isRefusalCode, refusals, refuse } from '../../operations/refusals.ts';
import { operations } from '../../operations/registry.ts';
import type { Clock } from '../../platform/clock.ts';
import { addAlertmanager } from '../alertmanager/door.ts';
import { addMetrics } from '../metrics/route.ts';
import { renderAsyncApi } from '../specs/asyncapi.ts';
import { renderOpenApi } from '../specs/openapi.ts';
import type { VisitOf } from '../visit.ts';
import { addProbes } from './probes.ts';
import { type App, addOperations, type Env, respondRefused } from './routes.ts';

export interface RestParts {
  readonly house: House;
  readonly clock: Clock;
  readonly visitOf: VisitOf;
  /** A bug in an operation: with the request id that the caller was told. */
  readonly onBug: (requestId: string, error: unknown) => void;
}

const json = (value: unknown, status = 200): Response =>
  new Response(typeof value === 'string' ? value : JSON.stringify(value), {
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' },
  });

/** `/problems/CODE`, where the `type` of every problem document points: explained offline. */
function addProblems(app: App, visitOf: VisitOf): void {
  const explain = (code: keyof typeof refusals) => ({
    type: `/problems/${code}`,
    code,
    ...refusals[code],
  });
  app.get('/problems', () =>
    json({ items: Object.keys(refusals).filter(isRefusalCode).map(explain), nextCursor: null }),
  );
  app.get('/problems/:code', (context) => {
    const code = context.req.param('code');
    if (isRefusalCode(code)) return json(explain(code));
    const refusal = refuse('problem-unknown', `there is no problem ${code}`);
    return respondRefused(context, visitOf(context.env.incoming), refusal);
  });
}

/** Rendered when somebody asks, and kept: they are the same until the daemon ends. */
function addSpecifications(app: App, version: string): void {
  const documents = {
    '/api/v1/openapi.json': () => renderOpenApi(operations, version),
    '/api/v1/asyncapi.json': () => renderAsyncApi(version),
  };
  for (const [path, render] of Object.entries(documents)) {
    let rendered: string | undefined;
    app.get(path, () => {
      rendered ??= JSON.stringify(render());
      return json(rendered);
    });
  }
}

export function createRest({ house, clock, visitOf, onBug }: RestParts): App {
  const app = new Hono<Env>();
  addOperations(app, house, visitOf);
  addMetrics(app, house, clock, visitOf);
  addAlertmanager(app, house, visitOf);
  addProbes(app, house, visitOf);
  addProblems(app, visitOf);
  addSpecifications(app, house.version);
  app.notFound((context) => {
    const refusal = refuse('not-found', `there is nothing at ${context.req.path}`);
    return respondRefused(context, visitOf(context.env.incoming), refusal);
  });
  app.onError((error, context) => {
    const { incoming } = context.env;
    const visit = visitOf(incoming);
    // Who leaves in the middle of the body is no fault of ours.
    if (incoming.errored !== error) onBug(visit.requestId, error);
    return respondRefused(context, visit, refuse('internal', 'a fault in tocsin; see its log'));
  });
  return app;
}
