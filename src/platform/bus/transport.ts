/**
 * From a bus address to an open, authenticated stream. Source: D-Bus specification 0.43,
 * "Server Addresses" and "Authentication Protocol".
 */
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { Ms } from '../../domain/time.ts';

export const systemBusAddressDefault = 'unix:path=/run/dbus/system_bus_socket';

/** Of the server's answers before BEGIN; more is no bus. */
const handshakeBytesMax = 16 * 1024;

export type TransportAnswer =
  /** Paused: nothing is read before the caller listens and resumes. */
  | { readonly type: 'open'; readonly socket: Socket }
  | { readonly type: 'refused'; readonly why: string };

/** One address of the list: `unix:path=/run/dbus/system_bus_socket`. */
function parseAddress(address: string): NetConnectOpts | undefined {
  const colon = address.indexOf(':');
  const transport = address.slice(0, colon);
  const values = new Map<string, string>();
  try {
    for (const pair of address.slice(colon + 1).split(',')) {
      const [key = '', value = ''] = pair.split('=');
      values.set(key, decodeURIComponent(value));
    }
  } catch {
    return undefined;
  }
  const path = values.get('path');
  if (transport === 'unix' && path) return { path };
  const abstract = values.get('abstract');
  if (transport === 'unix' && abstract) return { path: `\0${abstract}` };
  const port = Number(values.get('port'));
  if (transport !== 'tcp' || !Number.isInteger(port)) return undefined;
  return { host: values.get('host') ?? 'localhost', port };
}

const external = (): string => {
  const uid = process.getuid?.() ?? 0;
  return `\0AUTH EXTERNAL ${Buffer.from(String(uid)).toString('hex')}\r\n`;
};

function openOne(address: string, timeout: Ms): Promise<TransportAnswer> {
  const target = parseAddress(address);
  if (target === undefined) {
    return Promise.resolve({ type: 'refused', why: `not a bus address: ${address}` });
  }
  return new Promise((resolve) => {
    const socket = connect(target);
    const answer = (outcome: TransportAnswer): void => {
      clearTimeout(deadline);
      socket.removeAllListeners();
      if (outcome.type === 'refused') {
        // A late error of a socket that is given up is of no interest.
        socket.on('error', () => {}).destroy();
      }
      resolve(outcome);
    };
    const refuse = (why: string): void => answer({ type: 'refused', why: `${address}: ${why}` });
    const deadline = setTimeout(() => refuse(`no answer within ${timeout} ms`), timeout);
    let text = '';
    const greeted = (): void => {
      // The bus says nothing more before it has got BEGIN.
      if (text.startsWith('OK ')) {
        socket.pause();
        socket.write('BEGIN\r\n');
        answer({ type: 'open', socket });
      } else refuse(`authentication refused: ${text.trim()}`);
    };
    socket.on('connect', () => socket.write(external()));
    socket.on('error', (error) => refuse(error.message));
    socket.on('close', () => refuse('closed during authentication'));
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (text.length > handshakeBytesMax) refuse('not a bus: its greeting has no end');
      else if (text.endsWith('\r\n')) greeted();
    });
  });
}

/** Tries the addresses of the list in order; says of each why not. */
export async function openTransport(addresses: string, timeout: Ms): Promise<TransportAnswer> {
  const whys: string[] = [];
  for (const address of addresses.split(';').filter((part) => part !== '')) {
    const answer = await openOne(address, timeout);
    if (answer.type === 'open') return answer;
    whys.push(answer.why);
  }
  return { type: 'refused', why: whys.join('; ') || 'no bus address' };
}
