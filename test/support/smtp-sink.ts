/**
 * A small mail server on the loopback (RFC 5321, with STARTTLS and AUTH). It records what arrived,
 * in order, and misbehaves as it is told: `next` for one connection, `always` for all that follow.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { TestCertificate } from './certificate.ts';

export interface SunkMail {
  /** From 1, in the order in which the mails were whole. */
  readonly number: number;
  readonly from: string;
  readonly to: readonly string[];
  /** As sent, without the dots of RFC 5321, 4.5.2. */
  readonly raw: string;
  /** Names in lower case, folded lines joined; encoded words as they are. */
  readonly headers: ReadonlyMap<string, string>;
  /** Whether it came over TLS, and who had logged in. */
  readonly secured: boolean;
  readonly user: string | null;
  /** Whether the sink said that it took it. */
  readonly accepted: boolean;
}

export type SmtpStep =
  | 'greeting'
  | 'EHLO'
  | 'STARTTLS'
  | 'AUTH'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'body';

export interface SmtpFault {
  /** The step that goes wrong; `body`: the mail has arrived, what is the answer? */
  readonly at: SmtpStep;
  /** A whole answer such as `451 4.3.0 try later`, or silence, or the end of the connection. */
  readonly how: 'hang' | 'break' | { readonly say: string };
  /** Only for this recipient (at RCPT). */
  readonly recipient?: string;
}

export interface SmtpSink {
  readonly port: number;
  /** All mails that came whole, in order; those that were not accepted among them. */
  readonly mails: readonly SunkMail[];
  /** Lines that clients said, of all connections. */
  readonly lines: readonly string[];
  next(...faults: readonly (readonly SmtpFault[])[]): void;
  always(faults: readonly SmtpFault[]): void;
  /** Resolves when so many mails have come. */
  wait(count: number): Promise<readonly SunkMail[]>;
  close(): Promise<void>;
}

export interface SmtpSinkOptions {
  /** Offers STARTTLS, or TLS from the first byte. */
  readonly tls?: TestCertificate;
  readonly tlsFromStart?: boolean;
  /** Mails are taken only from this user. */
  readonly login?: { readonly user: string; readonly password: string };
  /** The same port again, for a server that comes back. */
  readonly port?: number;
}

function headersOf(raw: string): Map<string, string> {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');
  return new Map(
    head.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

/** The decoded text of the part of this type (`text/plain`): quoted-printable, base64 or plain. */
export function partOf(raw: string, type: string): string {
  const boundary = /boundary="([^"]+)"/.exec(headersOf(raw).get('content-type') ?? '')?.[1];
  for (const part of boundary === undefined ? [raw] : raw.split(`\r\n--${boundary}`)) {
    const headers = headersOf(part);
    if (!(headers.get('content-type') ?? '').startsWith(type)) continue;
    const body = part.slice(part.indexOf('\r\n\r\n') + 4);
    const encoding = headers.get('content-transfer-encoding');
    if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
    if (encoding !== 'quoted-printable') return body;
    const bytes = body
      .replaceAll(/=\r\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    return Buffer.from(bytes, 'latin1').toString('utf8');
  }
  return '';
}

/** One connection: answers line by line. */
function converse(
  first: Socket,
  options: SmtpSinkOptions,
  faults: readonly SmtpFault[],
  heard: (line: string) => void,
  take: (mail: Omit<SunkMail, 'number'>) => void,
): void {
  let socket = first;
  let pending = '';
  let secured = false;
  let user: string | null = null;
  let from = '';
  let to: string[] = [];
  let reading: 'lines' | 'body' | 'login' | 'nothing' = 'lines';

  /** Answers, unless a fault is planned for this step; true when all went well. */
  function answer(step: SmtpStep, said: string, about = ''): boolean {
    const fault = faults.find(
      ({ at, recipient }) => at === step && (recipient === undefined || about.includes(recipient)),
    );
    if (fault === undefined) socket.write(`${said}\r\n`);
    else if (fault.how === 'break') socket.destroy();
    else if (fault.how === 'hang') reading = 'nothing';
    else socket.write(`${fault.how.say}\r\n`);
    return fault === undefined;
  }

  function logIn(encoded: string): void {
    reading = 'lines';
    const [, given = '', password = ''] = Buffer.from(encoded, 'base64').toString().split('\0');
    const right = given === options.login?.user && password === options.login.password;
    if (answer('AUTH', right ? '235 2.7.0 welcome' : '535 5.7.8 wrong password') && right)
      user = given;
  }

  function secure(): void {
    if (!answer('STARTTLS', '220 go ahead')) return;
    socket.removeAllListeners('data');
    const secureContext = createSecureContext(options.tls);
    listen(new TLSSocket(socket, { isServer: true, secureContext }));
    secured = true;
  }

  function command(line: string): void {
    heard(line);
    const verb = line.split(/[ :]/)[0]?.toUpperCase() ?? '';
    if (verb === 'EHLO') {
      const offers = [
        ...(options.tls !== undefined && !secured ? ['STARTTLS'] : []),
        ...(options.login === undefined ? [] : ['AUTH PLAIN']),
        '8BITMIME',
      ];
      const lines = ['sink.test', ...offers];
      const said = lines.map((one, i) => `250${i === lines.length - 1 ? ' ' : '-'}${one}`);
      answer('EHLO', said.join('\r\n'));
    } else if (verb === 'STARTTLS' && options.tls !== undefined) secure();
    else if (verb === 'AUTH') {
      const encoded = line.split(' ')[2];
      if (encoded !== undefined) logIn(encoded);
      else {
        reading = 'login';
        socket.write('334 \r\n');
      }
    } else if (verb === 'MAIL') {
      if (options.login !== undefined && user === null) socket.write('530 5.7.0 log in first\r\n');
      else if (answer('MAIL', '250 2.1.0 fine')) from = /<(.*?)>/.exec(line)?.[1] ?? '';
    } else if (verb === 'RCPT') {
      const recipient = /<(.*?)>/.exec(line)?.[1] ?? '';
      if (answer('RCPT', '250 2.1.5 fine', recipient)) to.push(recipient);
    } else if (verb === 'DATA') {
      if (to.length === 0) socket.write('554 5.5.1 no valid recipients\r\n');
      else if (answer('DATA', '354 go on')) reading = 'body';
    } else if (verb === 'RSET' || verb === 'NOOP') socket.write('250 fine\r\n');
    else if (verb === 'QUIT') socket.end('221 bye\r\n');
    else socket.write('502 5.5.2 what?\r\n');
  }

  function takeBody(text: string): void {
    reading = 'lines';
    const raw = text.replaceAll('\r\n..', '\r\n.');
    const bad = faults.some(({ at }) => at === 'body');
    const headers = headersOf(raw);
    take({ from, to, raw, headers, secured, user, accepted: !bad });
    to = [];
    answer('body', '250 2.0.0 taken');
  }

  /** Takes the next line or body out of what has come; false: there is none yet. */
  function advance(): boolean {
    const end = reading === 'body' ? '\r\n.\r\n' : '\r\n';
    const at = reading === 'nothing' ? -1 : pending.indexOf(end);
    if (at < 0) return false;
    const text = pending.slice(0, at);
    pending = pending.slice(at + end.length);
    if (reading === 'body') takeBody(text);
    else if (reading === 'login') logIn(text);
    else command(text);
    return true;
  }

  function listen(to: Socket): void {
    socket = to;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      while (advance());
    });
  }

  const isTls = options.tlsFromStart === true && options.tls !== undefined;
  secured = isTls;
  listen(
    isTls
      ? new TLSSocket(first, { isServer: true, secureContext: createSecureContext(options.tls) })
      : first,
  );
  answer('greeting', '220 sink.test ESMTP');
}

export async function openSmtpSink(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
  const mails: SunkMail[] = [];
  const lines: string[] = [];
  const plans: (readonly SmtpFault[])[] = [];
  let usual: readonly SmtpFault[] = [];
  let waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const open = new Set<Socket>();

  const take = (mail: Omit<SunkMail, 'number'>): void => {
    mails.push({ number: mails.length + 1, ...mail });
    waiting = waiting.filter(({ count, resolve }) => {
      if (count <= mails.length) resolve();
      return count > mails.length;
    });
  };
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    converse(socket, options, plans.shift() ?? usual, (line) => lines.push(line), take);
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    lines,
    next: (...more) => void plans.push(...more),
    always: (faults) => {
      usual = faults;
    },
    wait: async (count) => {
      if (mails.length < count)
        await new Promise<void>((resolve) => waiting.push({ count, resolve }));
      return mails;
    },
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
