/** For tests: the doors on real HTTP servers, on Unix sockets in a folder of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { fakeBearer } from '../../operations/fake-access.ts';
import { FakeHouse } from '../../operations/fake-house.ts';
import type { GivenRole } from '../../operations/house-access.ts';
import { type AccessLimits, type Api, createApi } from '../api.ts';
import type { Door } from '../doors.ts';
import type { Peer } from '../identity.ts';
import type { RequestRecord } from '../reception.ts';
import type { StreamLimits } from '../stream/hub.ts';
import { promised } from './promised.ts';

/** What a caller of the role sends as a bearer. */
export const tokenOf: (role: GivenRole) => string = fakeBearer;

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** What stands at a place of the JSON: `items.0.id`. */
  at(place: string): unknown;
  /** That field of each entry of `items`. */
  each(field: string): readonly unknown[];
}

/** The value at a place such as `items.0.id`; undefined where there is none. */
export function valueAt(value: unknown, place: string): unknown {
  return place
    .split('.')
    .reduce<unknown>((found, name) => found && Reflect.get(Object(found), name), value);
}

const told = (status: number, headers: IncomingHttpHeaders, text: string): Told => {
  const json = (): unknown => JSON.parse(text);
  const each = (field: string): readonly unknown[] => {
    const items = valueAt(json(), 'items');
    return Array.isArray(items) ? items.map((one) => valueAt(one, field)) : [];
  };
  return { status, headers, text, at: (place) => valueAt(json(), place), each };
};

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

/**
 * A request as it stands: no path is normalised, no header added but Host. The answer is held
 * against the documents.
 */
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
        const { statusCode: status = 0, headers: given } = answer;
        const text = Buffer.concat(chunks).toString();
        try {
          promised().check({ method, path, status, headers: given, body: text });
          resolve(told(status, given, text));
        } catch (error) {
          reject(error);
        }
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
  more: {
    readonly house?: FakeHouse;
    readonly limits?: Partial<StreamLimits>;
    readonly access?: Partial<AccessLimits>;
  } = {},
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
    credentials: peers,
    access: { requestsPerSecond: () => 10_000, origins: () => [], ...more.access },
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
    await clock.advance(1000);
    await closed;
    rmSync(folder, { recursive: true, force: true });
  });
  return served;
}

/** The cookie of a new session, as a browser sends it. */
export async function logIn(
  served: Served,
  door: 'api' | 'listen',
  role: GivenRole,
): Promise<string> {
  const headers = { authorization: `Bearer ${tokenOf(role)}` };
  const answer = await served.askAt(door, '/api/v1/session', { method: 'POST', headers });
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}
