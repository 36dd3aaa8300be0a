/** GET /metrics, for Prometheus and whatever reads its format. */
import { Type } from 'typebox';
import type { House } from '../../operations/house.ts';
import { defineOperation } from '../../operations/operation.ts';
import { runOperation } from '../../operations/run.ts';
import type { Clock } from '../../platform/clock.ts';
import { type App, addMethods, respondRefused } from '../rest/routes.ts';
import type { VisitOf } from '../visit.ts';
import { chooseFormat } from './accept.ts';
import { createExposition } from './expose.ts';
import { contentTypes } from './page.ts';

/** Who may, and its name in the figures; the answer is text, in a format the door chooses. */
const scrapeMetrics = defineOperation({
  name: 'metrics.scrape',
  summary: 'Everything in numbers, as Prometheus reads it.',
  permission: 'read',
  method: 'GET',
  path: '/metrics',
  input: Type.Object({}),
  output: Type.Object({}),
  run: async () => ({}),
});

export function addMetrics(app: App, house: House, clock: Clock, visitOf: VisitOf): void {
  const exposition = createExposition(house);
  const breathe = (): Promise<void> => new Promise((resolve) => clock.soon(resolve));
  const { method, name, path } = scrapeMetrics;
  app.get(path, async (context) => {
    const { incoming } = context.env;
    const visit = visitOf(incoming);
    visit.operation = name;
    const answer = await runOperation(house, scrapeMetrics, { json: {} }, visit.caller);
    if (answer.type === 'refused') return respondRefused(context, visit, answer.refusal);
    const format = chooseFormat(incoming.headers.accept);
    return new Response(await exposition.renderInSlices(format, breathe), {
      headers: {
        'Content-Type': contentTypes[format],
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        'X-Request-Id': visit.requestId,
        Vary: 'Accept',
      },
    });
  });
  addMethods(app, path, [method], visitOf);
}
