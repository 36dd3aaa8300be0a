/**
 * Who asks. Each door has its ways to know, and any doubt means: nobody. What a web server in
 * front says of the caller in headers is never believed: everybody who reaches the socket can say
 * it too.
 *
 * local   the kernel's peer credentials. Only programs come here, so whatever a browser would send
 *         (Origin, Referer, a foreign Host) is refused: CVE-2022-41924.
 * api     a bearer token, or the cookie of a session; behind nginx. For a stream also a ticket.
 * listen  the same, over plain HTTP. Loopback is no wall, web pages can reach it, so the Host must
 *         be our own (DNS rebinding).
 *
 * A request with a bearer is judged by that alone: browsers add the cookie by themselves, and only
 * our own page can add a bearer.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Caller } from '../operations/house.ts';
import type { Admission } from '../operations/house-access.ts';
import { type Refusal, refuse } from '../operations/refusals.ts';
import { anonymous } from '../operations/run.ts';
import { cookieOf } from './cookie.ts';
import type { Door } from './doors.ts';
import { refuseCookieUse, refuseForeign } from './origin.ts';
import { queryOf } from './query.ts';
import { isStream } from './stream/path.ts';

/** The kernel's word on who connected (platform/listen.ts). */
export interface Peer {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** What the doors know callers by. */
export interface Credentials {
  /** Undefined where it cannot be known: then the peer is nobody. */
  readonly peerOf: (socket: Socket) => Peer | undefined;
  /** The daemon's own user, who is admin: it could read the database anyway. */
  readonly ownUid: number;
  /** Numbers of tocsin-admin and tocsin-read; left out where there is no such group. */
  readonly groups: { readonly admin?: number | undefined; readonly read?: number | undefined };
}

export type Identity =
  | { readonly type: 'known'; readonly caller: Caller }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  /** What was shown is not what anybody has. */
  | { readonly type: 'wrong'; readonly refusal: Refusal };

export type Identify = (door: Door, request: IncomingMessage) => Identity;

/** What the ways to know need. */
export interface IdentityParts extends Credentials {
  readonly admission: Admission;
  /** Origins that are ours beside that of the Host. */
  readonly origins: () => readonly string[];
}

/** What curl, Node, Python and our CLI call a Unix socket. */
const localHosts = ['', 'localhost', 'local.sock', 'tocsin'];

const refused = (refusal: Refusal): Identity => ({ type: 'refused', refusal });
const foreign = (what: string): Identity => refused(refuse('origin-refused', what));
const known = (caller: Caller): Identity => ({ type: 'known', caller });
const wrong = (what: string): Identity => ({
  type: 'wrong',
  refusal: refuse('unauthenticated', what),
});

function identifyPeer(request: IncomingMessage, parts: IdentityParts): Identity {
  const { host = '', origin, referer } = request.headers;
  if (origin !== undefined || referer !== undefined) {
    return foreign('this socket is for programs: no Origin, no Referer');
  }
  if (!localHosts.includes(host.toLowerCase())) {
    return foreign(`the Host of this socket is localhost, not ${host.slice(0, 100)}`);
  }
  const peer = parts.peerOf(request.socket);
  if (peer === undefined) return known({ role: 'none', name: 'uid:unknown' });
  const isIn = (gid: number | undefined): boolean =>
    gid !== undefined && (peer.gid === gid || peer.groups.includes(gid));
  const isAdmin = peer.uid === 0 || peer.uid === parts.ownUid || isIn(parts.groups.admin);
  const role = isAdmin ? 'admin' : isIn(parts.groups.read) ? 'viewer' : 'none';
  return known({ role, name: `uid:${peer.uid}` });
}

function identifyBearer(authorization: string, { admission }: IdentityParts): Identity {
  const secret = /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  const caller = secret === undefined ? undefined : admission.findBearer(secret);
  if (caller !== undefined) return known(caller);
  return wrong(secret === undefined ? 'the Authorization is no bearer' : 'the token is not valid');
}

function identifyTicket(tickets: readonly string[], { admission }: IdentityParts): Identity {
  const [ticket = ''] = tickets;
  const caller = tickets.length === 1 ? admission.takeTicket(ticket) : undefined;
  if (caller !== undefined) return known(caller);
  return wrong('the ticket is not valid: it is good for one stream, within 30 s');
}

function identifyToken(door: Door, request: IncomingMessage, parts: IdentityParts): Identity {
  const origins = parts.origins();
  const stranger = refuseForeign(door, request, origins);
  if (stranger !== undefined) return refused(stranger);
  const { authorization } = request.headers;
  if (authorization !== undefined) return identifyBearer(authorization, parts);
  const { ticket } = isStream(request) ? queryOf(request.url ?? '') : {};
  if (ticket !== undefined) return identifyTicket(ticket, parts);
  const secret = cookieOf(door, request);
  const caller = secret === undefined ? undefined : parts.admission.findCookie(secret);
  // An old cookie is not held against the visitor of a public page.
  if (caller === undefined) return known(anonymous);
  const misuse = refuseCookieUse(request, origins);
  return misuse === undefined ? known(caller) : refused(misuse);
}

export const createIdentify =
  (parts: IdentityParts): Identify =>
  (door, request) =>
    door === 'local' ? identifyPeer(request, parts) : identifyToken(door, request, parts);
