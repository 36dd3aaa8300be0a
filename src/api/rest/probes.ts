/** What supervisors ask: does it live, is it ready. Plain text, as Kubernetes' servers answer. */
import type { House } from '../../operations/house.ts';
import type { VisitOf } from '../visit.ts';
import type { App } from './routes.ts';

const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' };

const answer = (isGood: boolean, text: string): Response =>
  new Response(text, { status: isGood ? 200 : 503, headers });

/** A line per component. Why one is not healthy is for those who may read: /api/v1/health. */
function describeReadiness(house: House): string {
  const { components } = house.health();
  const lines = Object.entries(components).map(
    ([name, { status }]) => `[${status === 'unhealthy' ? '-' : '+'}]${name} ${status}`,
  );
  const ready = house.ready();
  const first = ready ? '[+]first-reading ok' : '[-]first-reading not complete yet';
  return `${[first, ...lines].join('\n')}\n${ready ? 'ready' : 'not ready'}\n`;
}

/** The name of both in the figures: a 503 of theirs is no error. */
const operation = 'probe';

export function addProbes(app: App, house: House, visitOf: VisitOf): void {
  app.get('/livez', (context) => {
    visitOf(context.env.incoming).operation = operation;
    const why = house.alive();
    return answer(why === null, `${why === null ? 'ok' : 'no progress'}\n`);
  });
  app.get('/readyz', (context) => {
    visitOf(context.env.incoming).operation = operation;
    const isVerbose = context.req.query('verbose') !== undefined;
    const ready = house.ready();
    return answer(ready, isVerbose ? describeReadiness(house) : `${ready ? 'ok' : 'not ready'}\n`);
  });
}
