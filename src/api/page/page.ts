/**
 * The web page at `/`: says what this is and shows firing alerts as they come. Static text; what
 * alerts say is put in as text nodes only (CVE-2023-40577 and its like), and the policy allows no
 * inline script.
 */
import { refuse } from '../../operations/refusals.ts';
import { findTokenCaller, renderCookie, type Token } from '../identity.ts';
import { type App, respondRefused } from '../rest/routes.ts';
import type { VisitOf } from '../visit.ts';
import { pageHtml, pageScript, pageStyle } from './assets.ts';

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

export function addPage(app: App, visitOf: VisitOf, tokens: readonly Token[]): void {
  app.get('/', (context) => {
    const visit = visitOf(context.env.incoming);
    const secret = context.req.query('token');
    if (secret === undefined || visit.door !== 'listen') return asset(pageHtml, 'text/html');
    if (findTokenCaller(tokens, secret) === undefined) {
      return respondRefused(context, visit, refuse('unauthenticated', 'the token is not valid'));
    }
    // Away from the address with the token in it, which would stay in the history.
    return new Response(null, {
      status: 303,
      headers: {
        Location: '/',
        'Set-Cookie': renderCookie(secret),
        'Cache-Control': 'no-store',
        'Referrer-Policy': 'no-referrer',
      },
    });
  });
  app.get('/page.js', () => asset(pageScript, 'text/javascript'));
  app.get('/page.css', () => asset(pageStyle, 'text/css'));
}
