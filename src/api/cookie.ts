/**
 * The cookie of a session. Behind TLS it is `__Host-tocsin`: no other host or path can set it, and
 * it never travels in the clear. The development door speaks plain HTTP on loopback, where browsers
 * take no such cookie: there it is `tocsin`.
 */
import type { IncomingMessage } from 'node:http';
import type { Operation } from '../operations/operation.ts';
import { closeSession, openSession, secretOf } from '../operations/session.ts';
import type { Door } from './doors.ts';

/** Behind TLS, as the API's documents say. */
export const sessionCookie = '__Host-tocsin';

const names: Readonly<Record<Door, string | undefined>> = {
  local: undefined,
  api: sessionCookie,
  listen: 'tocsin',
};
const attributes: Readonly<Record<Door, string>> = {
  local: '',
  api: 'Path=/; Secure; HttpOnly; SameSite=Strict',
  listen: 'Path=/; HttpOnly; SameSite=Strict',
};
/** As we make them; whatever else a cookie holds is not looked at further (CVE-2019-3804). */
const secretPattern = /^[A-Za-z0-9_-]{1,128}$/;

/** The secret in the cookie; undefined without a cookie, or with one that is none of ours. */
export function cookieOf(door: Door, request: IncomingMessage): string | undefined {
  const name = names[door];
  if (name === undefined) return undefined;
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const own = pairs.filter((pair) => pair.startsWith(`${name}=`));
  const secret = own[0]?.slice(name.length + 1) ?? '';
  // Two of one name: somebody has put one beside ours.
  return own.length === 1 && secretPattern.test(secret) ? secret : undefined;
}

/** Scripts cannot read it and other sites do not send it. It ends with the browser. */
export const renderCookie = (door: Door, secret: string): string =>
  `${names[door]}=${secret}; ${attributes[door]}`;

/** Headers of an answer that opens or ends a session. */
export function cookieHeaders(
  door: Door,
  { name }: Operation,
  output: object,
): Readonly<Record<string, string>> {
  if (names[door] === undefined) return {};
  const secret = name === openSession.name ? secretOf(output) : undefined;
  if (secret !== undefined) return { 'Set-Cookie': renderCookie(door, secret) };
  if (name !== closeSession.name) return {};
  return { 'Set-Cookie': `${renderCookie(door, '')}; Max-Age=0` };
}
