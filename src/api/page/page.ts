/**
 * The web page at `/`: says what this is, lets people in, and shows firing alerts as they come.
 * Static text; what alerts say is put in as text nodes only (CVE-2023-40577 and its like), and the
 * policy allows no inline script.
 */
import type { House } from '../../operations/house.ts';
import { refuse } from '../../operations/refusals.ts';
import { anonymous, runOperation } from '../../operations/run.ts';
import { openSession } from '../../operations/session.ts';
import { cookieHeaders } from '../cookie.ts';
import { type App, respondRefused } from '../rest/routes.ts';
import type { VisitOf } from '../visit.ts';
import { pageHtml, pageStyle } from './assets.ts';
import { pageScript } from './script.ts';

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function asset(text: string, type: string): Response {
  return new Response(text, {
    headers: {
      'Content-Type': `${type}; charset=utf-8`,
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': policy,
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    },
  });
}

/** Away from the address with the token in it, which would stay in the history. */
const leadAway = (cookie: Readonly<Record<string, string>>): Response =>
  new Response(null, {
    status: 303,
    headers: {
      ...cookie,
      Location: '/',
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
    },
  });

export function addPage(app: App, house: House, visitOf: VisitOf): void {
  app.get('/', async (context) => {
    const visit = visitOf(context.env.incoming);
    const { door } = visit;
    const secret = context.req.query('token');
    if (secret === undefined || door !== 'listen') return asset(pageHtml, 'text/html');
    // For who has just started the daemon: a session, as the form would open one.
    const caller = house.access.findBearer(secret) ?? anonymous;
    const answer = await runOperation(house, openSession, {}, { ...caller, door });
    if (answer.type === 'done') return leadAway(cookieHeaders(door, openSession, answer.output));
    const refusal = refuse('unauthenticated', 'the token is not valid');
    return respondRefused(context, visit, refusal);
  });
  app.get('/page.js', () => asset(pageScript, 'text/javascript'));
  app.get('/page.css', () => asset(pageStyle, 'text/css'));
}
