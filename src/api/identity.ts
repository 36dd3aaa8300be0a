/**
 * Who asks. Each door has one way to know, and any doubt means: nobody.
 *
 * local   the kernel's peer credentials. Only programs come here, so whatever a browser would send
 *         (Origin, Referer, a foreign Host) is refused: CVE-2022-41924.
 * api     a bearer token; behind nginx.
 * listen  a bearer token, or the cookie that GET /?token=… sets. Loopback is no wall, web pages
 *         can reach it, so Host and Origin must be our own (DNS rebinding).
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Caller, Role } from '../operations/house.ts';
import { type Refusal, refuse } from '../operations/refusals.ts';
import { anonymous } from '../operations/run.ts';

export type Door = 'local' | 'api' | 'listen';

/** The kernel's word on who connected (platform/listen.ts). */
export interface Peer {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

export interface Token {
  /** For records: `token:NAME`. */
  readonly name: string;
  /** SHA-256 of the token, in hex: 256 random bits need no slow hash. */
  readonly secretSha256: string;
  readonly role: Role;
}

/** What the doors know callers by. */
export interface Credentials {
  /** Undefined where it cannot be known: then the peer is nobody. */
  readonly peerOf: (socket: Socket) => Peer | undefined;
  /** The daemon's own user, who is admin: it could read the database anyway. */
  readonly ownUid: number;
  /** Numbers of tocsin-admin and tocsin-read; left out where there is no such group. */
  readonly groups: { readonly admin?: number | undefined; readonly read?: number | undefined };
  readonly tokens: readonly Token[];
}

export type Identity =
  | { readonly type: 'known'; readonly caller: Caller }
  | { readonly type: 'refused'; readonly refusal: Refusal };

export type Identify = (door: Door, request: IncomingMessage) => Identity;

const cookieName = 'tocsin';
const tokenPattern = /^[A-Za-z0-9._~+/=-]{1,512}$/;
/** What curl, Node, Python and our CLI call a Unix socket. */
const localHosts = ['', 'localhost', 'local.sock', 'tocsin'];
const safeMethods = ['GET', 'HEAD', 'OPTIONS'];

const refused = (refusal: Refusal): Identity => ({ type: 'refused', refusal });
const foreign = (what: string): Identity => refused(refuse('origin-refused', what));

/** The caller with this token; every token is compared, in constant time. */
export function findTokenCaller(tokens: readonly Token[], secret: string): Caller | undefined {
  if (!tokenPattern.test(secret)) return undefined;
  const digest = createHash('sha256').update(secret).digest();
  let found: Caller | undefined;
  for (const token of tokens) {
    const expected = Buffer.from(token.secretSha256, 'hex');
    if (expected.length === digest.length && timingSafeEqual(expected, digest)) {
      found = { role: token.role, name: `token:${token.name}` };
    }
  }
  return found;
}

/** Sets the token as a cookie that scripts cannot read and other sites do not send. */
export const renderCookie = (secret: string): string =>
  `${cookieName}=${secret}; Path=/; HttpOnly; SameSite=Strict`;

function cookieOf(request: IncomingMessage): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const prefix = `${cookieName}=`;
  return pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length);
}

function identifyPeer(request: IncomingMessage, known: Credentials): Identity {
  const { host = '', origin, referer } = request.headers;
  if (origin !== undefined || referer !== undefined) {
    return foreign('this socket is for programs: no Origin, no Referer');
  }
  if (!localHosts.includes(host.toLowerCase())) {
    return foreign(`the Host of this socket is localhost, not ${host.slice(0, 100)}`);
  }
  const peer = known.peerOf(request.socket);
  if (peer === undefined) return { type: 'known', caller: { role: 'none', name: 'uid:unknown' } };
  const isIn = (gid: number | undefined): boolean =>
    gid !== undefined && (peer.gid === gid || peer.groups.includes(gid));
  const isAdmin = peer.uid === 0 || peer.uid === known.ownUid || isIn(known.groups.admin);
  const role = isAdmin ? 'admin' : isIn(known.groups.read) ? 'viewer' : 'none';
  return { type: 'known', caller: { role, name: `uid:${peer.uid}` } };
}

/** Whether an Origin is the page's own host. nginx passes the name without the port. */
function isOwnOrigin(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: whole, hostname } = new URL(origin);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  const own = host.toLowerCase();
  return whole === own || hostname === own;
}

/** The refusal of a request that a foreign page makes with somebody's browser. */
function refuseForeign(door: Door, request: IncomingMessage): Identity | undefined {
  const { host = '', origin } = request.headers;
  if (door === 'listen') {
    const port = request.socket.localPort;
    const own = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${port}`);
    if (!own.includes(host.toLowerCase())) return foreign(`the Host is ${own[0]} or ${own[1]}`);
  } else if (host === '') {
    return refused(refuse('invalid-request', 'the header Host is missing'));
  }
  const isForeign = origin !== undefined && !isOwnOrigin(origin, host);
  return isForeign ? foreign(`the Origin ${origin.slice(0, 100)} is not this host`) : undefined;
}

/** A cookie is sent by the browser whoever asks it to: the page must be shown to be ours. */
function refuseCookieUse(request: IncomingMessage): Identity | undefined {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return foreign('a cookie counts only on our own pages');
  }
  const changes =
    !safeMethods.includes(request.method ?? '') || request.headers.upgrade !== undefined;
  return changes && origin === undefined
    ? foreign('with a cookie this needs an Origin header')
    : undefined;
}

function identifyToken(door: Door, request: IncomingMessage, known: Credentials): Identity {
  const stranger = refuseForeign(door, request);
  if (stranger !== undefined) return stranger;
  const { authorization } = request.headers;
  const cookie = door === 'listen' && authorization === undefined ? cookieOf(request) : undefined;
  if (cookie !== undefined) {
    const caller = findTokenCaller(known.tokens, cookie);
    // An old cookie is not held against the visitor of a public page.
    if (caller === undefined) return { type: 'known', caller: anonymous };
    return refuseCookieUse(request) ?? { type: 'known', caller };
  }
  if (authorization === undefined) return { type: 'known', caller: anonymous };
  const secret = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  const caller = secret === undefined ? undefined : findTokenCaller(known.tokens, secret);
  return caller === undefined
    ? refused(refuse('unauthenticated', 'the token is not valid'))
    : { type: 'known', caller };
}

export const createIdentify =
  (known: Credentials): Identify =>
  (door, request) =>
    door === 'local' ? identifyPeer(request, known) : identifyToken(door, request, known);
