/**
 * Which web pages may ask. A browser sends a cookie whoever makes it ask, so the page must be
 * shown to be ours, by the Origin that the browser says, to the letter: another port of the same
 * host is another page.
 */
import type { IncomingMessage } from 'node:http';
import { type Refusal, refuse } from '../operations/refusals.ts';
import type { Door } from './doors.ts';

/** A header that no form and no image can send, and no foreign script without our leave. */
const ownHeader = 'x-tocsin-csrf';
const safeMethods = ['GET', 'HEAD', 'OPTIONS'];
/** Names of this machine, where plain HTTP is as good as HTTPS. */
const loopback = ['localhost', '127.0.0.1', '[::1]'];

const foreign = (what: string): Refusal => refuse('origin-refused', what);
const shown = (text: string): string => text.slice(0, 100);

/** Whether an Origin is that of the page which this host serves, or one of the settings. */
function isOwn(origin: string, host: string, origins: readonly string[]): boolean {
  if (origins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const { protocol, host: whole, hostname, origin: exact } = new URL(origin);
  const isPlain = protocol === 'http:' && loopback.includes(hostname);
  return (protocol === 'https:' || isPlain) && whole === host.toLowerCase() && origin === exact;
}

/** The refusal of a request that no page of ours makes, whoever may ask. */
export function refuseForeign(
  door: Door,
  request: IncomingMessage,
  origins: readonly string[],
): Refusal | undefined {
  const { host = '', origin } = request.headers;
  if (door === 'listen') {
    const own = loopback.map((name) => `${name}:${request.socket.localPort}`);
    if (!own.includes(host.toLowerCase())) return foreign(`the Host is ${own[0]} or ${own[1]}`);
  } else if (host === '') {
    return refuse('invalid-request', 'the header Host is missing');
  }
  if (origin === undefined || isOwn(origin, host, origins)) return undefined;
  return refuse('origin-refused', `the Origin ${shown(origin)} is not ${shown(host)}`, {
    hint: 'a web server in front must pass the Host on as it came (nginx: $http_host), or the setting access.origins name the Origin',
  });
}

/** The refusal of a request that is made with a cookie, and not by our page. */
export function refuseCookieUse(
  request: IncomingMessage,
  origins: readonly string[],
): Refusal | undefined {
  const { host = '', origin, 'sec-fetch-site': site, 'sec-fetch-dest': goal } = request.headers;
  const isSafe = safeMethods.includes(request.method ?? '');
  const isUpgrade = request.headers.upgrade !== undefined;
  // A link that somebody followed: whoever made it cannot read where it leads. Another program on
  // this machine has such links, and for a browser its port is the same site.
  if (isSafe && !isUpgrade && goal === 'document') return undefined;
  // The Origin of the settings may be another site's.
  const isNamed = origin !== undefined && origins.includes(origin);
  const sites = isSafe ? ['same-origin', 'none'] : ['same-origin'];
  if (site !== undefined && !isNamed && !sites.includes(site))
    return foreign('a cookie counts only on our own pages');
  if (isSafe && !isUpgrade) return undefined;
  if (origin === undefined || !isOwn(origin, host, origins))
    return foreign('with a cookie this needs an Origin header');
  if (isUpgrade || request.headers[ownHeader] === '1') return undefined;
  return refuse('origin-refused', 'with a cookie this needs the header X-Tocsin-CSRF', {
    hint: 'send X-Tocsin-CSRF: 1 with whatever is no GET',
  });
}
