/**
 * Clients that mean harm: requests that two readers understand differently, through nginx and
 * straight on our sockets; bodies and headers without end; slow clients and deaf ones.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { type BehindNginx, startBehindNginx } from '../support/behind-nginx.ts';
import {
  askSite,
  type Connect,
  exchange,
  firstStatus,
  listenByEvents,
  listenByWebSocket,
  rawTls,
  rawUnix,
  statusesOf,
} from '../support/web.ts';

const alertsPath = '/api/v1/monitoring/alerts';
const streamPath = '/api/v1/monitoring/events';

/** What answers: nginx or tocsin behind it, tocsin on api.sock, tocsin on local.sock. */
type Answers = readonly [behindNginx: number | 'closed', api: number | 'closed', local: number];

const line = (target: string): string => `GET ${target} HTTP/1.1\r\n`;
const push = `POST ${alertsPath} HTTP/1.1\r\n`;
const json = 'Content-Type: application/json\r\n';
const refusedAll: Answers = [400, 400, 400];

/** What follows the header lines that all have: Host, Authorization, `Connection: close`. */
const cases: readonly (readonly [name: string, first: string, rest: string, Answers])[] = [
  ['a plain path', line(alertsPath), '\r\n', [200, 200, 200]],
  // Paths that nginx and tocsin would understand differently (CVE-2023-27482).
  ['an encoded slash', line('/api/v1/monitoring%2falerts'), '\r\n', refusedAll],
  ['an encoded letter', line('/api/v1/monit%6fring/alerts'), '\r\n', refusedAll],
  ['dots', line('/api/v1/health/../monitoring/alerts'), '\r\n', refusedAll],
  ['encoded dots', line('/api/v1/health/%2e%2e/monitoring/alerts'), '\r\n', refusedAll],
  ['a dot', line('/api/v1/./health'), '\r\n', refusedAll],
  ['two slashes first', line('//api/v1/monitoring/alerts'), '\r\n', refusedAll],
  ['two slashes inside', line('/api/v1//monitoring/alerts'), '\r\n', refusedAll],
  ['a backslash', line('/api/v1\\monitoring/alerts'), '\r\n', [404, 400, 400]],
  ['an encoded NUL', line('/api/v1/health%00'), '\r\n', refusedAll],
  ['a fragment', line('/api/v1/health#x'), '\r\n', refusedAll],
  ['Latin-1', line('/api/v1/\xe4'), '\r\n', refusedAll],
  ['out of the root', line('/../../etc/passwd'), '\r\n', refusedAll],
  // nginx takes the path out of an absolute address; straight on a socket nobody needs one.
  ['an absolute address', line(`http://localhost${alertsPath}`), '\r\n', [200, 400, 400]],
  ['somebody else’s address', line(`https://evil.example${alertsPath}`), '\r\n', [200, 400, 400]],
  ['a star', 'OPTIONS * HTTP/1.1\r\n', '\r\n', refusedAll],
  ['TRACE', 'TRACE / HTTP/1.1\r\n', '\r\n', [405, 404, 404]],
  ['an unknown method', 'BREW / HTTP/1.1\r\n', '\r\n', refusedAll],
  ['HTTP/2.0 in words', 'GET /livez HTTP/2.0\r\n', '\r\n', [505, 200, 200]],
  // Who asks, twice.
  ['two Hosts', line('/livez'), 'Host: evil.example\r\n\r\n', refusedAll],
  ['two tokens', line('/livez'), 'Authorization: Bearer x\r\n\r\n', refusedAll],
  ['two cookies', line('/livez'), 'Cookie: a=b\r\nCookie: c=d\r\n\r\n', refusedAll],
  // Where the body ends (request smuggling).
  [
    'a length and chunks',
    push,
    `${json}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${line('/livez')}\r\n`,
    refusedAll,
  ],
  ['two lengths', push, 'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ', refusedAll],
  ['the same length twice', push, 'Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}', refusedAll],
  ['a length with a sign', push, 'Content-Length: +2\r\n\r\n{}', refusedAll],
  ['a negative length', push, 'Content-Length: -2\r\n\r\n{}', refusedAll],
  ['unknown chunks', push, 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n', [501, 400, 400]],
  ['twice encoded', push, 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n', [501, 400, 400]],
  ['a space before the colon', push, 'Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n', refusedAll],
  [
    'a chunk of no length',
    push,
    'Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n',
    refusedAll,
  ],
  ['a folded header', line('/livez'), 'X-A: b\r\n c\r\n\r\n', refusedAll],
  ['a NUL in a header', line('/livez'), 'X-A: b\0c\r\n\r\n', refusedAll],
  ['a bare CR', line('/livez'), 'X-A: b\rX-B: c\r\n\r\n', refusedAll],
  // Headers without end.
  ['300 headers', line('/livez'), `${'X-A: 1\r\n'.repeat(300)}\r\n`, [431, 431, 431]],
  ['a header of 100 kB', line('/livez'), `X-A: ${'a'.repeat(100_000)}\r\n\r\n`, [400, 431, 431]],
  ['an address of 9 kB', line(`/livez?${'a'.repeat(9000)}`), '\r\n', [414, 414, 414]],
  // Out of HTTP.
  ['h2c', line('/livez'), 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n', [200, 200, 200]],
  ['no HTTP at all', '\x16\x03\x01\0\0\r\n', '\r\n', refusedAll],
];

/** The resident memory of the daemon, in bytes. */
function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

const mebibyte = 1024 * 1024;

describe('requests that two readers understand differently', { timeout: 60_000 }, () => {
  let house: BehindNginx;
  before(async () => {
    house = await startBehindNginx();
  });
  after(() => house?.end());

  it('mean the same to nginx and to tocsin, or are refused', async () => {
    const common = 'Host: localhost\r\nConnection: close\r\n';
    const token = `Authorization: ${house.admin.authorization}\r\n`;
    const doors: readonly (readonly [string, Connect, string])[] = [
      ['nginx', rawTls(house.nginx), token],
      ['api', rawUnix(house.apiSocket), token],
      ['local', rawUnix(house.daemon().socket), ''],
    ];
    for (const [name, first, rest, wanted] of cases) {
      const told = await Promise.all(
        doors.map(async ([, connect, known]) => {
          // On local.sock nobody shows a token: it takes two there to be two.
          const twice = known === '' && name === 'two tokens' ? 'Authorization: Bearer x\r\n' : '';
          const all = await exchange(connect, first + common + known + twice + rest);
          // One request, one answer: nothing was smuggled behind it.
          const statuses = statusesOf(all);
          assert.ok(statuses.length <= 1, `${name}: ${statuses.join()}`);
          return statuses[0] ?? 'closed';
        }),
      );
      assert.deepEqual(told, wanted, name);
    }
  });

  it('a bare line feed is understood by nginx alone, which makes it plain', async () => {
    const request = 'GET /livez HTTP/1.1\nHost: localhost\nConnection: close\n\n';
    assert.deepEqual(statusesOf(await exchange(rawTls(house.nginx), request)), [200]);
    assert.deepEqual(statusesOf(await exchange(rawUnix(house.apiSocket), request)), [400]);
  });

  it('no upgrade but the stream’s own becomes a tunnel', async () => {
    const upgrade = 'Connection: Upgrade, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
    for (const path of ['/livez', streamPath, alertsPath]) {
      const request = `${line(path)}Host: localhost\r\n${upgrade}\r\n${line('/livez')}\r\n`;
      const told = await exchange(rawTls(house.nginx), request);
      assert.ok(!statusesOf(told).includes(101), path);
    }
  });
});

describe('bodies without end', { timeout: 60_000 }, () => {
  let house: BehindNginx;
  before(async () => {
    house = await startBehindNginx();
  });
  after(() => house?.end());

  const head = () =>
    `${push}Host: localhost\r\n${json}Authorization: ${house.admin.authorization}\r\n`;

  /** Sends chunks until somebody has had enough; the status. */
  async function pour(connect: Connect): Promise<number | undefined> {
    const socket = connect();
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    const told: string[] = [];
    let sent = 0;
    socket.setEncoding('latin1').on('data', (text: string) => told.push(text));
    socket.on('error', () => {});
    const over = new Promise((resolve) => socket.on('close', resolve));
    const more = (): void => {
      while (told.length === 0 && !socket.destroyed && sent < 64 * mebibyte) {
        sent += chunk.length;
        if (!socket.write(chunk)) break;
      }
      if (told.length > 0) socket.end();
    };
    // In a turn of its own: an answer that has come is read before more is written.
    socket.on('drain', () => setImmediate(more));
    socket.write(`${head()}Transfer-Encoding: chunked\r\n\r\n`);
    more();
    await over;
    return statusesOf(told.join(''))[0];
  }

  it('are refused when they are longer than can be meant, and cost no memory', async () => {
    const before = residentBytes(house.daemon().pid);
    const doors = [rawTls(house.nginx), rawUnix(house.apiSocket), rawUnix(house.daemon().socket)];
    for (let round = 0; round < 5; round++) {
      for (const status of await Promise.all(doors.map(pour))) {
        // A reset that comes before the answer is read is a refusal as well.
        assert.ok(status === 413 || status === undefined, `${status}`);
      }
    }
    const grown = residentBytes(house.daemon().pid) - before;
    assert.ok(grown < 48 * mebibyte, `${grown} bytes more`);
  });

  it('are refused by the length that they promise', async () => {
    const request = `${head()}Content-Length: 5000000000\r\n\r\n{`;
    for (const door of [rawTls(house.nginx), rawUnix(house.apiSocket)]) {
      assert.equal(await firstStatus(door, request), 413);
    }
  });
});

/** A WebSocket as bytes: it is opened, and then nobody reads it. */
async function openDeaf(connect: Connect, authorization: string): Promise<Socket> {
  const socket = connect();
  socket.on('error', () => {});
  const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
  const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\n${key}`;
  socket.write(
    `${line(streamPath)}Host: localhost\r\nAuthorization: ${authorization}\r\n${upgrade}\r\n`,
  );
  const [first] = await new Promise<[Buffer]>((resolve) => {
    socket.once('data', (bytes: Buffer) => {
      socket.pause();
      resolve([bytes]);
    });
  });
  assert.match(first.toString('latin1'), /^HTTP\/1\.1 101 /);
  return socket;
}

/** Asks on and on while `attack` lasts: how often, and the longest wait in milliseconds. */
async function askDuring(attack: Promise<unknown>, ask: () => Promise<number>) {
  const over = new AbortController();
  let asked = 0;
  let longest = 0;
  const done = attack.finally(() => over.abort());
  while (!over.signal.aborted) {
    const began = performance.now();
    assert.equal(await ask(), 200);
    longest = Math.max(longest, performance.now() - began);
    asked += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  return { asked, longest };
}

function assertServed(
  t: Pick<TestContext, 'diagnostic'>,
  { asked, longest }: Awaited<ReturnType<typeof askDuring>>,
): void {
  const said = `${asked} answers, the longest took ${longest.toFixed(0)} ms`;
  t.diagnostic(said);
  assert.ok(asked > 5 && longest < 15_000, said);
}

/** Trickles bytes on many connections until all are cut. */
async function trickle(connect: Connect, count: number, first: string): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect();
      socket.on('error', () => {});
      socket.on('data', () => {});
      socket.write(first);
      const drip = setInterval(() => socket.write('X-A: b\r\n'), 500);
      await new Promise((resolve) => socket.on('close', resolve));
      clearInterval(drip);
    }),
  );
}

/** Asks on many connections and reads no answer, until there are no more connections. */
async function readNothing(
  connect: Connect,
  count: number,
  requests: string,
  areGone: () => boolean,
): Promise<void> {
  const sockets = Array.from({ length: count }, () => connect().pause());
  for (const socket of sockets) socket.on('error', () => {}).write(requests);
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (!areGone()) return;
      clearInterval(look);
      resolve();
    }, 200);
  });
  for (const socket of sockets) socket.destroy();
}

describe('clients that take their time', { timeout: 120_000, concurrency: true }, () => {
  describe('clients that do not listen', { concurrency: true }, () => {
    let house: BehindNginx;
    before(async () => {
      house = await startBehindNginx();
    });
    after(() => house?.end());

    it('cost no memory, and hold nobody up', async () => {
      const { authorization } = house.admin;
      const doors = [rawTls(house.nginx), rawUnix(house.apiSocket)];
      const deaf = await Promise.all(
        Array.from({ length: 20 }, (_, i) => openDeaf(doors[i % 2] as Connect, authorization)),
      );
      const listener = await listenByWebSocket(house.nginx, { headers: house.admin });
      const before = residentBytes(house.daemon().pid);
      const text = '€'.repeat(4000);
      let seq = 0;
      // 12 kB each: 200 MB for twenty, if they were kept.
      for (let i = 0; i < 80; i++) {
        const raised = await Promise.all(
          Array.from({ length: 10 }, (_, j) => house.raise(`long ${j}`, `${i} ${text.slice(10)}`)),
        );
        seq = Math.max(...raised.map((alert) => alert.seq));
      }
      await listener.find((message) => message.seq >= seq);
      const grown = residentBytes(house.daemon().pid) - before;
      assert.ok(grown < 100 * mebibyte, `${grown} bytes more`);
      const numbers = listener.numbers();
      assert.deepEqual(
        numbers,
        Array.from({ length: seq - (numbers[0] ?? 0) + 1 }, (_, i) => (numbers[0] ?? 0) + i),
      );
      listener.close();
      for (const socket of deaf) socket.destroy();
      // Whoever was deaf comes again with the last number it saw, and lacks nothing.
      const query = `?since=${(numbers[0] ?? 0) - 1}`;
      const again = await listenByWebSocket(house.nginx, { headers: house.admin, query });
      await again.find((message) => message.seq >= seq);
      assert.deepEqual(again.numbers(), numbers);
      again.close();
    });

    it('are dropped after a minute when they answer no ping', async () => {
      const silent = { headers: house.admin, answersPings: false };
      const began = performance.now();
      const [mute, sound] = await Promise.all([
        listenByWebSocket(house.nginx, silent),
        listenByEvents(house.nginx, silent),
      ]);
      await mute.ended;
      const seconds = (performance.now() - began) / 1000;
      assert.ok(seconds > 50 && seconds < 80, `${seconds} s`);
      // The other one cannot answer; nginx took what it was sent, and it is still told.
      const { seq } = await house.raise('after the silence');
      await sound.find((message) => message.seq >= seq);
      sound.close();
    });
  });

  describe('slow clients', { concurrency: 1 }, () => {
    let house: BehindNginx;
    let other: BehindNginx;
    before(async () => {
      // Who asks as fast as it can, to see who is served, is none of those who ask too often.
      const settings = 'access: {requestsPerSecond: 100000}\n';
      [house, other] = await Promise.all([
        startBehindNginx({ serve: 'site', daemon: { settings } }),
        startBehindNginx({ serve: 'site', daemon: { settings } }),
      ]);
    });
    after(() => Promise.all([house?.end(), other?.end()]));

    /** How each attack ends: nginx cuts those that never come to an end of their headers. */
    const attacks: Readonly<Record<string, readonly [argv: readonly string[], ends: RegExp]>> = {
      headers: [['-H', '-i', '2', '-t', 'GET', '-l', '60'], /No open connections left/],
      bodies: [['-B', '-i', '2', '-s', '65536', '-l', '15'], /Hit test time limit|No open conn/],
      reading: [
        ['-X', '-w', '4096', '-y', '8192', '-n', '2', '-z', '32', '-k', '3', '-l', '15'],
        /Hit test time limit|No open conn/,
      ],
    };
    describe('through nginx', { concurrency: true }, () => {
      for (const [name, [argv, ends]] of Object.entries(attacks)) {
        it(`slowhttptest with slow ${name} holds nginx, not tocsin; others are served`, async (t) => {
          const url = `https://127.0.0.1:${house.nginx.port}/problems`;
          const more = ['-c', '200', '-r', '100', '-p', '5', '-v', '1', '-u', url];
          const attack = promisify(execFile)('slowhttptest', [...argv, ...more]);
          let open = 0;
          let asked = 0;
          const seen = await askDuring(attack, async () => {
            open = Math.max(open, openFiles(house.daemon().pid));
            asked += 1;
            // From as many addresses as people have, so that no limit is met.
            const from = `127.0.${20 + Object.keys(attacks).indexOf(name)}.${(asked % 250) + 1}`;
            return (await askSite(house.nginx, '/livez', { from })).status;
          });
          assert.match((await attack).stdout, ends);
          assertServed(t, seen);
          assert.ok(open < 150, `tocsin had ${open} files and connections open`);
        });
      }
    });

    it('on local.sock are cut, and others are served', async (t) => {
      const { socket } = other.daemon();
      const head = `${line('/livez')}Host: localhost\r\n`;
      const body = `${push}Host: localhost\r\n${json}Content-Length: 9000\r\n\r\n`;
      const pages = `${line('/api/v1/openapi.json')}Host: localhost\r\n\r\n`.repeat(5);
      const { pid } = other.daemon();
      const before = residentBytes(pid);
      const attack = Promise.all([
        trickle(rawUnix(socket), 300, head),
        // 30 s are allowed for a whole request, and for reading its answer.
        trickle(rawUnix(socket), 100, body),
        readNothing(rawUnix(socket), 200, pages, () => openFiles(pid) < 60),
      ]);
      assertServed(
        t,
        await askDuring(attack, async () => (await other.daemon().get('/livez')).status),
      );
      const grown = residentBytes(pid) - before;
      assert.ok(grown < 240 * mebibyte, `${grown} bytes more`);
    });
  });
});
