import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { seconds } from '../domain/time.ts';
import { anonymous } from '../operations/run.ts';
import { Buckets, createLimiter } from './limits.ts';
import { type Served, serve, tokenOf } from './testing/serve.ts';

const read = '/api/v1/monitoring/alerts';
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test('in no span of time does a bucket give more than it holds and gains', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.constantFrom('a', 'b')), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20 }), (asked, perSecond) => {
      let now = 0;
      const buckets = new Buckets(() => now);
      const given: Record<string, number[]> = { a: [], b: [] };
      for (const [time, name] of asked) {
        now += time;
        const wait = buckets.take(name, { perSecond, burst: 5 });
        if (wait === undefined) given[name]?.push(now);
        else assert.ok(wait > 0 && wait <= seconds(1) / perSecond);
      }
      for (const times of Object.values(given))
        for (const [i, from] of times.entries())
          for (const [k, to] of times.entries())
            assert.ok(k - i + 1 <= 5 + ((to - from) / 1000) * perSecond + 1e-6 || k < i);
    }),
    { numRuns: 100 },
  );
});

test('after the time that was told there is one, and not before', () => {
  let now = 0;
  const buckets = new Buckets(() => now);
  const take = () => buckets.take('a', { perSecond: 0.5, burst: 1 });
  assert.equal(take(), undefined);
  const wait = take() ?? 0;
  now += wait - 1;
  assert.notEqual(take(), undefined);
  now += 1;
  assert.equal(take(), undefined);
});

test('a flood of names does not grow without bound', () => {
  const buckets = new Buckets(() => 0);
  for (let i = 0; i < 10_000; i++) buckets.take(`n${i}`, { perSecond: 1, burst: 1 });
  assert.equal(buckets.count, 4096);
});

test('strangers at one door take nothing from those at another', () => {
  const limiter = createLimiter(
    () => 0,
    () => 1,
  );
  const ask = (door: 'api' | 'listen') => limiter.refuseCaller(door, anonymous)?.code;
  while (ask('api') === undefined);
  assert.equal(ask('listen'), undefined);
});

test('wrong tokens are slowed down, and who has a valid one does not notice', async (t) => {
  const served = await serve(t);
  const statusOf = async (token: string) =>
    (await served.askAt('api', read, { headers: bearer(token) })).status;
  const guesses: number[] = [];
  for (let i = 0; i < 20; i++) guesses.push(await statusOf(`toc_testadmin0_${'x'.repeat(43)}`));
  assert.deepEqual(guesses, [...Array(10).fill(401), ...Array(10).fill(429)]);
  assert.equal(await statusOf(tokenOf('viewer')), 200);
  const answer = await served.askAt('api', read, { headers: bearer('x') });
  assert.deepEqual([answer.at('code'), answer.headers['retry-after']], ['too-many-requests', '2']);
  await served.clock.advance(seconds(2));
  assert.equal(await statusOf('x'), 401);
});

test('who asks too often is told when to come again, and nobody else is', async (t) => {
  const served = await serve(t, { access: { requestsPerSecond: () => 2 } });
  const statusOf = async (role: 'viewer' | 'admin') =>
    (await served.askAt('api', read, { headers: bearer(tokenOf(role)) })).status;
  const statuses: number[] = [];
  for (let i = 0; i < 9; i++) statuses.push(await statusOf('viewer'));
  assert.deepEqual(statuses, [...Array(8).fill(200), 429]);
  assert.equal(await statusOf('admin'), 200);
  await served.clock.advance(seconds(0.5));
  assert.deepEqual([await statusOf('viewer'), await statusOf('viewer')], [200, 429]);
});

test('nobody asks too often on the page either; root on local.sock may ask as it likes', async (t) => {
  const served = await serve(t, { access: { requestsPerSecond: () => 1 } });
  const statuses = new Set<number>();
  for (let i = 0; i < 10; i++) {
    statuses.add((await served.askAt('api', '/livez')).status);
    assert.equal((await served.ask('/livez')).status, 200);
  }
  assert.deepEqual([...statuses], [200, 429]);
});

/** Connects and asks nothing. */
const connectTo = (served: Served): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(served.socketOf('api'), () => resolve(socket));
    socket.on('error', reject);
  });
const lines = (...all: readonly string[]): string => `${all.join('\r\n')}\r\n\r\n`;
/** Sends this on a connection; what is answered first. */
const tell = (socket: Socket, text: string): Promise<string> =>
  new Promise((resolve) => {
    socket.once('data', (bytes) => resolve(String(bytes)));
    socket.write(text);
  });
const asViewer = lines(
  `GET ${read} HTTP/1.1`,
  'Host: localhost',
  `Authorization: ${bearer(tokenOf('viewer')).authorization}`,
);
/** One client of the stream and 256 others. */
const few = { limits: { clientsMax: 1 } };
const placesMax = 257;

test('a connection too many is answered 503, and those who have a token are served on', async (t) => {
  const served = await serve(t, few);
  const open: Socket[] = [];
  for (let i = 0; i < placesMax; i++) {
    const socket = await connectTo(served);
    open.push(socket);
    assert.match(await tell(socket, asViewer), /^HTTP\/1.1 200 /);
  }
  const path = '/api/v1/session';
  const answer = await served.askAt('api', path);
  assert.deepEqual([answer.status, answer.at('code')], [503, 'too-busy']);
  assert.equal(answer.headers.connection, 'close');
  for (const socket of open) assert.match(await tell(socket, asViewer), /^HTTP\/1.1 200 /);
  for (const socket of open) socket.destroy();
  let { status } = answer;
  while (status === 503) ({ status } = await served.askAt('api', path));
  assert.equal(status, 200);
});

test('strangers who hold every place keep nobody out: the one who waits longest makes room', async (t) => {
  const served = await serve(t, few);
  const first = await connectTo(served);
  const second = await connectTo(served);
  // Who has asked for something public has shown nothing either.
  const livez = lines('GET /livez HTTP/1.1', 'Host: localhost');
  assert.match(await tell(first, livez), /^HTTP\/1.1 200 /);
  assert.match(await tell(second, asViewer), /^HTTP\/1.1 200 /);
  const strangers = [first];
  while (strangers.length < placesMax - 1) strangers.push(await connectTo(served));
  const gone = new Promise((resolve) => first.once('close', resolve));
  const headers = bearer(tokenOf('viewer'));
  assert.equal((await served.askAt('api', read, { headers })).status, 200);
  await gone;
  assert.match(await tell(second, asViewer), /^HTTP\/1.1 200 /);
  // However many come: each takes the place of another stranger.
  for (let i = 0; i < 2 * placesMax; i++) strangers.push(await connectTo(served));
  assert.equal((await served.askAt('api', read, { headers })).status, 200);
  assert.match(await tell(second, asViewer), /^HTTP\/1.1 200 /);
  for (const socket of [second, ...strangers]) socket.destroy();
});
