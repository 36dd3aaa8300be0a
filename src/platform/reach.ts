/**
 * How the network is reached, for HTTP and mail alike: which addresses, whose certificates, and
 * what went wrong in words that never hold a path or a secret.
 */

import dns from 'node:dns';
import { readFileSync, statSync } from 'node:fs';
import { BlockList, connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Ms } from '../domain/time.ts';

/**
 * Addresses that are nobody's mail server or webhook: link-local ones, behind which clouds hand
 * out the machine's credentials (169.254.169.254; fd00:ec2::254 at Amazon), "this network" and
 * multicast. Private addresses are not among them: an appliance tells its neighbours in the LAN.
 */
const neverMeant = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
] as const) {
  neverMeant.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::254', 128],
] as const) {
  neverMeant.addSubnet(net, prefix, 'ipv6');
}

/** Whether nothing is ever sent to this address, unless it is allowed by name. */
export function isNeverMeant(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && neverMeant.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

const refusal = (address: string): Error =>
  Object.assign(new Error(`${address} is a link-local, multicast or void address`), {
    code: 'ERR_TOCSIN_ADDRESS',
  });

/** Refuses a literal address that is never meant; names are looked at when they are resolved. */
export const refuseAddress = (host: string, linkLocal: boolean): Error | undefined =>
  !linkLocal && isNeverMeant(host.replace(/^\[|\]$/g, '')) ? refusal(host) : undefined;

/**
 * Resolves as getaddrinfo does (/etc/hosts first) and drops what is never meant, at the moment of
 * connecting: a name that answers otherwise the second time gains nothing.
 */
export const guardedLookup =
  (linkLocal: boolean): LookupFunction =>
  (hostname, options, done) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, [], 0);
      const meant = addresses.filter(({ address }) => linkLocal || !isNeverMeant(address));
      const [first] = meant;
      if (first === undefined) return done(refusal(addresses[0]?.address ?? hostname), [], 0);
      return options.all === true ? done(null, meant) : done(null, first.address, first.family);
    });
  };

export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly timeout: Ms;
  readonly linkLocal: boolean;
}

/** A connection, or the error that there is none. */
export function openConnection(
  { host, port, timeout, linkLocal }: Destination,
  signal: AbortSignal,
): Promise<Socket> {
  const refused = refuseAddress(host, linkLocal);
  if (refused !== undefined) return Promise.reject(refused);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ host, port, lookup: guardedLookup(linkLocal) });
  const end = (why: string): void => void socket.destroy(new Error(why));
  const tooLate = setTimeout(() => end(`no connection within ${timeout / 1000} s`), timeout);
  const abort = (): void => end('given up');
  const done = (): void => {
    clearTimeout(tooLate);
    signal.removeEventListener('abort', abort);
  };
  signal.addEventListener('abort', abort, { once: true });
  socket.once('error', (error) => {
    done();
    reject(error);
  });
  socket.once('connect', () => {
    done();
    resolve(socket);
  });
  return promise;
}

/** Where update-ca-certificates(8) gathers what this machine trusts. */
const systemAuthorities = '/etc/ssl/certs/ca-certificates.crt';
/** Parsing 140 authorities takes some 10 ms, so each file is kept until it changes. */
const contexts = new Map<string, { readonly mtime: number; readonly context: SecureContext }>();

/**
 * Whom to trust: the authorities of this file and no others; without one those of the machine,
 * and where it has none, Node's own. Throws when the file cannot be read.
 */
export function readTrust(caFile: string | null): SecureContext | undefined {
  const path = caFile ?? systemAuthorities;
  const found = statSync(path, { throwIfNoEntry: caFile !== null });
  if (found === undefined) return undefined;
  const mtime = Number(found.mtimeMs);
  const known = contexts.get(path);
  if (known?.mtime === mtime) return known.context;
  const context = createSecureContext({ ca: readFileSync(path) });
  contexts.set(path, { mtime, context });
  return context;
}

const untrusted =
  'its certificate is signed by nobody this machine trusts; name its authority in caFile';

/** Codes of Node, OpenSSL and getaddrinfo(3). */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused: nothing listens there',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ENETDOWN: 'the network is down',
  EADDRNOTAVAIL: 'the network is down',
  ENOTFOUND: 'nobody knows that name',
  EAI_AGAIN: 'the name server does not answer',
  EDNS: 'the name cannot be resolved',
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; is the clock of this machine right?',
  CERT_SIGNATURE_FAILURE: 'its certificate is not what its authority signed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  EPROTO: 'it does not speak TLS there',
  EPROTOCOL: 'what it answers is no SMTP',
  ECONNECTION: 'the connection was closed',
};

/** Why something failed, in plain words, without addresses' paths. */
export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  // One for each address that was tried: the first stands for all.
  const first: unknown = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const { code = '', message } = (first instanceof Error ? first : error) as NodeJS.ErrnoException;
  const known = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  if (known !== undefined) return known;
  if (code.startsWith('HPE_')) return 'what it answers is no HTTP';
  if (code.startsWith('ERR_SSL_')) return 'it does not speak TLS there, or none that we speak';
  return message.replaceAll(/[^\P{C} ]+/gu, ' ').slice(0, 300) || code || 'failed';
}
