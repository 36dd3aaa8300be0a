/**
 * The door to mail servers (SMTP): one letter to some recipients, once. nodemailer is loaded on the
 * first letter: it costs 2.4 MB (measured, bundled) that an appliance without mail need not pay.
 */
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { EpochMs, Ms } from '../domain/time.ts';
import { explainError, openConnection, readTrust } from './reach.ts';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** `starttls`: demanded, never given up for plain text. */
  readonly security: 'starttls' | 'tls' | 'none';
  readonly login: { readonly user: string; readonly password: string } | null;
  /** PEM; only what these authorities signed is then trusted. */
  readonly caFile: string | null;
  /** How we introduce ourselves (EHLO). */
  readonly name: string;
  /** For each wait: a connection, a greeting, an answer. */
  readonly timeout: Ms;
  readonly linkLocal: boolean;
}

/** All texts are free of control characters but for the line ends in `text` and `html`. */
export interface Letter {
  /** `box@example.net` or `Box <box@example.net>`; so are `to`. */
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly at: EpochMs;
  /** With angle brackets, as `references` are. */
  readonly messageId: string;
  readonly references: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly html: string;
}

/** A recipient that the server would not take, with its answer. */
export interface RefusedRecipient {
  readonly recipient: string;
  readonly answer: string;
}

export type MailOutcome =
  /** Taken for at least one recipient. */
  | {
      readonly type: 'taken';
      readonly answer: string;
      readonly refused: readonly RefusedRecipient[];
    }
  /** Answered with 4yz or 5yz: `step` says to what. */
  | {
      readonly type: 'answer';
      readonly step: 'session' | 'login' | 'letter';
      /** The worst is a temporary one: 451 where one recipient was deferred and one refused. */
      readonly code: number;
      readonly why: string;
    }
  /** `maybe`: the whole letter was written, and no answer came. */
  | { readonly type: 'lost'; readonly why: string; readonly maybe: boolean };

export interface Mail {
  send(server: MailServer, letter: Letter, signal: AbortSignal): Promise<MailOutcome>;
}

/** The address alone, for the envelope. */
const addressOf = (mailbox: string): string => /<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox;

const load = async () => {
  const [connection, composer] = await Promise.all([
    import('nodemailer/lib/smtp-connection'),
    import('nodemailer/lib/mail-composer'),
  ]);
  return { SmtpConnection: connection.default, MailComposer: composer.default };
};
type Loaded = Awaited<ReturnType<typeof load>>;
type SmtpConnection = InstanceType<Loaded['SmtpConnection']>;

/** What nodemailer throws. */
interface SmtpError extends Error {
  readonly code?: string | undefined;
  readonly originalCode?: string | undefined;
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly recipient?: string | undefined;
}

/** Of an answer that is kept. */
const answerLengthMax = 300;
const oneLine = (text: string): string =>
  text
    .replaceAll(/[^\P{C} ]+/gu, ' ')
    .trim()
    .slice(0, answerLengthMax);

function compose({ MailComposer }: Loaded, letter: Letter): Promise<Buffer> {
  const { references, headers, at, from, to, subject, messageId, text, html } = letter;
  return new MailComposer({
    from,
    to: [...to],
    subject,
    messageId,
    references: [...references],
    ...(references[0] === undefined ? {} : { inReplyTo: references[0] }),
    date: new Date(at),
    headers: { ...headers },
    text,
    html,
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
}

function openSession(
  { SmtpConnection }: Loaded,
  server: MailServer,
  connection: Socket,
): SmtpConnection {
  const secureContext = server.security === 'none' ? undefined : readTrust(server.caFile);
  return new SmtpConnection({
    host: server.host,
    port: server.port,
    connection,
    name: server.name,
    secure: server.security === 'tls',
    requireTLS: server.security === 'starttls',
    ignoreTLS: server.security === 'none',
    greetingTimeout: server.timeout,
    socketTimeout: server.timeout,
    connectionTimeout: server.timeout,
    socketCloseTimeout: 1000,
    maxResponseSize: 64 * 1024,
    tls: { secureContext, minVersion: 'TLSv1.2' },
  });
}

/** The way of one letter, as far as it came. */
interface Way {
  step: 'session' | 'login' | 'letter';
  /** The server has been handed the whole letter. */
  written: boolean;
}

async function deliver(
  session: SmtpConnection,
  server: MailServer,
  letter: Letter,
  bytes: Buffer,
  way: Way,
): Promise<MailOutcome> {
  const { promise: broken, reject: fail } = Promise.withResolvers<never>();
  broken.catch(() => {});
  session.on('error', fail);
  const step = <T>(start: (done: (error?: Error | null, value?: T) => void) => void) => {
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
    start((error, value) => (error ? reject(error) : resolve(value)));
    return Promise.race([promise, broken]);
  };
  await step<void>((done) => session.connect((error) => done(error)));
  const { login } = server;
  if (login !== null) {
    way.step = 'login';
    const auth = { user: login.user, pass: login.password };
    await step((done) => session.login(auth, (error) => done(error)));
  }
  way.step = 'letter';
  // Read by nodemailer only when the server has said "go on" (354).
  const source = Readable.from([bytes]);
  source.once('end', () => {
    way.written = true;
  });
  const envelope = {
    from: addressOf(letter.from),
    to: letter.to.map(addressOf),
    size: bytes.length,
  };
  const info = await step<{ response: string; rejectedErrors?: readonly SmtpError[] | undefined }>(
    (done) => session.send(envelope, source, (error, value) => done(error, value)),
  );
  const refused = (info?.rejectedErrors ?? []).map((error) => ({
    recipient: error.recipient ?? '?',
    answer: oneLine(error.response ?? error.message),
  }));
  return { type: 'taken', answer: oneLine(info?.response ?? ''), refused };
}

function explainFailure(error: unknown, way: Way, place: string): MailOutcome {
  const { code, originalCode, response, responseCode } = error as SmtpError;
  if (responseCode !== undefined && responseCode >= 400) {
    const about = code === 'ETLS' ? 'STARTTLS: ' : '';
    const why = oneLine(about + (response ?? ''));
    return { type: 'answer', step: way.step, code: responseCode, why };
  }
  const why = explainError(
    originalCode === undefined ? error : Object.assign(new Error(''), { code: originalCode }),
  );
  return { type: 'lost', why: `${place}: ${why}`, maybe: way.written };
}

async function send(server: MailServer, letter: Letter, signal: AbortSignal): Promise<MailOutcome> {
  const place = `${server.host}:${server.port}`;
  const way: Way = { step: 'session', written: false };
  let session: SmtpConnection | undefined;
  let socket: Socket | undefined;
  const abort = (): void => void socket?.destroy(new Error('given up'));
  try {
    const loaded = await load();
    const bytes = await compose(loaded, letter);
    if (signal.aborted) return { type: 'lost', why: `${place}: given up`, maybe: false };
    // Opened here and not by nodemailer: /etc/hosts holds, and nothing can have been sent before.
    socket = await openConnection(server, signal);
    signal.addEventListener('abort', abort, { once: true });
    session = openSession(loaded, server, socket);
    return await deliver(session, server, letter, bytes, way);
  } catch (error) {
    return explainFailure(error, way, place);
  } finally {
    signal.removeEventListener('abort', abort);
    if (session === undefined) socket?.destroy();
    else if (way.written) session.quit();
    else session.close();
  }
}

export const systemMail: Mail = { send };
