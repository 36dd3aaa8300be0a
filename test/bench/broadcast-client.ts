/**
 * A process with many clients of the stream, as bare sockets: each looks for a mark in what comes,
 * and does nothing else with it, so that the clients take little of the machine.
 */
import { connect, type Socket } from 'node:net';

export interface Clients {
  readonly type: 'connect';
  readonly socketPath: string;
  readonly count: number;
  readonly over: 'WebSocket' | 'events';
}

export type Told =
  | Clients
  /** To look for from now on. */
  | { readonly type: 'mark'; readonly mark: string };

/** All clients have seen the mark. Microseconds on CLOCK_MONOTONIC. */
export interface Seen {
  readonly firstUsec: number;
  readonly lastUsec: number;
}

const path = '/api/v1/monitoring/events?types=alert';
const upgrade =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const ask = {
  WebSocket: `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${upgrade}\r\n`,
  events: `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`,
} as const;
/** A pong that nobody asked for, masked with zeros: a sign of life (RFC 6455, 5.5.3). */
const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
const pongEveryMs = 20_000;
/** So many are on their way at once; the socket's queue of those who wait is finite. */
const atOnce = 50;

const monotonicUsec = (): number => Number(process.hrtime.bigint() / 1000n);

let mark = Buffer.from('\0');
let missing = 0;
let clients = 0;
let firstUsec = 0;

function see(): void {
  const now = monotonicUsec();
  if (missing === clients) firstUsec = now;
  missing -= 1;
  if (missing === 0) process.send?.({ firstUsec, lastUsec: now } satisfies Seen);
}

/** Resolves when the stream has begun: its first message says hello. */
function open({ socketPath, over }: Clients): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath, () => socket.write(ask[over]));
    let rest: Buffer = Buffer.alloc(0);
    let seen = mark;
    let hasBegun = false;
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the stream has ended')));
    socket.on('data', (chunk: Buffer) => {
      if (!hasBegun && chunk.includes('"hello"')) {
        hasBegun = true;
        resolve(socket);
      }
      if (seen === mark) return;
      // A mark that was cut in two stands in neither half.
      const found = chunk.includes(mark) || Buffer.concat([rest, chunk]).includes(mark);
      rest = found ? Buffer.alloc(0) : chunk.subarray(-mark.length);
      if (!found) return;
      seen = mark;
      see();
    });
  });
}

async function openAll(asked: Clients): Promise<void> {
  const sockets: Socket[] = [];
  async function openSome(): Promise<void> {
    while (clients < asked.count) {
      clients += 1;
      sockets.push(await open(asked));
    }
  }
  await Promise.all(Array.from({ length: atOnce }, openSome));
  if (asked.over === 'WebSocket')
    setInterval(() => {
      for (const socket of sockets) socket.write(pong);
    }, pongEveryMs);
  process.send?.({ firstUsec: 0, lastUsec: 0 } satisfies Seen);
}

process.on('message', (told: Told) => {
  if (told.type === 'connect') void openAll(told);
  else {
    mark = Buffer.from(told.mark);
    missing = clients;
    process.send?.({ firstUsec: 0, lastUsec: 0 } satisfies Seen);
  }
});
process.on('disconnect', () => process.exit(0));
