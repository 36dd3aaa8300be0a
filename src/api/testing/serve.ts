/** For tests: the doors on real HTTP servers, on Unix sockets in a folder of their own. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Ms } from '../../domain/time.ts';
import { FakeHouse } from '../../operations/fake-house.ts';
import type { Role } from '../../operations/house.ts';
import type { Clock, Timer } from '../../platform/clock.ts';
import { type Api, createApi } from '../api.ts';
import type { Door, Peer, Token } from '../identity.ts';
import type { RequestRecord } from '../reception.ts';
import type { StreamLimits } from '../stream/hub.ts';

/** A clock that stands until the test moves it. */
export class FakeClock implements Clock {
  #now: Ms = 1000;
  #waiting: { readonly due: Ms; readonly call: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  monotonic(): Ms {
    return this.#now;
  }

  after(delay: Ms, call: () => void): Timer {
    const entry = { due: this.#now + delay, call };
    this.#waiting.push(entry);
    return {
      cancel: () => {
        this.#waiting = this.#waiting.filter((one) => one !== entry);
      },
    };
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('nothing here sleeps'));
  }

  /** Moves the time on and calls what has become due, in order. */
  advance(delay: Ms): void {
    const end = this.#now + delay;
    for (;;) {
      const next = this.#waiting.toSorted((a, b) => a.due - b.due)[0];
      if (next === undefined || next.due > end) break;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.#now = next.due;
      next.call();
    }
    this.#now = end;
  }
}

export const tokenOf = (role: Role): string => `toc_test_${role}`;
const tokens: readonly Token[] = (['viewer', 'operator', 'admin', 'none'] as const).map((role) => ({
  name: role,
  secretSha256: createHash('sha256').update(tokenOf(role)).digest('hex'),
  role,
}));

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes.
  readonly json: any;
}

export interface Served {
  readonly house: FakeHouse;
  readonly clock: FakeClock;
  readonly api: Api;
  readonly records: RequestRecord[];
  readonly bugs: unknown[];
  /** Who the kernel says is at the other end of local.sock. */
  peer: Peer | undefined;
  socketOf(door: Door): string;
  readonly port: number;
  /** As root on local.sock; with a token on the others. */
  ask(path: string, asked?: Asked): Promise<Told>;
  askAt(door: Door, path: string, asked?: Asked): Promise<Told>;
}

/** A request as it stands: no path is normalised, no header added but Host. */
export function ask(
  where: { readonly socketPath: string } | { readonly port: number },
  path: string,
  { method = 'GET', body, headers = {} }: Asked = {},
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const payload = typeof body === 'string' ? body : body && JSON.stringify(body);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const all = { ...type, ...headers } as Record<string, string | string[]>;
    const sent = request({ ...where, path, method, headers: all, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = /json/.test(answer.headers['content-type'] ?? '') && text !== '';
        const json = isJson ? JSON.parse(text) : undefined;
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json });
      });
    });
    sent.on('error', reject);
    sent.end(payload);
  });
}

const listening = (server: Server, where: string | number): Promise<void> =>
  new Promise((resolve) => {
    if (typeof where === 'string') server.listen(where, resolve);
    else server.listen(where, '127.0.0.1', resolve);
  });

/** All three doors, closed when the test ends. */
export async function serve(
  test: Pick<TestContext, 'after'>,
  more: { readonly house?: FakeHouse; readonly limits?: Partial<StreamLimits> } = {},
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-api-'));
  const house = more.house ?? new FakeHouse();
  const clock = new FakeClock();
  const records: RequestRecord[] = [];
  const bugs: unknown[] = [];
  const limits = { clientsMax: 1000, clientBufferBytesMax: 1024 * 1024, ...more.limits };
  const socketOf = (door: Door): string => join(folder, `${door}.sock`);
  const listener = createServer();
  const peers = { peerOf: () => served.peer, ownUid: 990, groups: { admin: 500, read: 501 } };
  const api = createApi({
    house,
    clock,
    credentials: { ...peers, tokens },
    limits,
    onRequest: (record) => records.push(record),
    onBug: (_, error) => bugs.push(error),
  });
  for (const door of ['local', 'api'] as const) {
    const server = createServer();
    api.attach(server, door);
    await listening(server, socketOf(door));
  }
  api.attach(listener, 'listen');
  await listening(listener, 0);
  const { port } = listener.address() as AddressInfo;
  const served: Served = {
    house,
    clock,
    api,
    records,
    bugs,
    peer: { uid: 0, gid: 0, groups: [0] },
    socketOf,
    port,
    ask: (path, asked) => ask({ socketPath: socketOf('local') }, path, asked),
    askAt: (door, path, asked) =>
      ask(door === 'listen' ? { port } : { socketPath: socketOf(door) }, path, asked),
  };
  test.after(async () => {
    const closed = api.close();
    clock.advance(1000);
    await closed;
    rmSync(folder, { recursive: true, force: true });
  });
  return served;
}
