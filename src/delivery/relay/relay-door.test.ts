import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { Attempt } from '../../domain/message.ts';
import { seconds } from '../../domain/time.ts';
import { bindUnixSocket } from '../../platform/listen.ts';
import { unixHttp } from '../../platform/unix-http.ts';
import { memoryOutbox } from '../outbox.fixture.ts';
import { createRelayClient } from './client.ts';
import { attemptBytesMax, channelsMax, readAttempt } from './protocol.ts';
import { createRelayDoor } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-relay-'));
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close().closeAllConnections();
  rmSync(folder, { recursive: true });
});

async function open(name: string) {
  const clock = new FakeClock();
  const outbox = memoryOutbox(clock);
  const path = join(folder, `${name}.sock`);
  let mayAsk = true;
  const bugs: unknown[] = [];
  const server = createServer(
    createRelayDoor({
      outbox,
      serves: (channel) => channel === 'mail' || channel === 'webhook',
      alive: () => ({ alive: true, why: null, health: 'healthy' }),
      mayAsk: () => mayAsk,
      onAsked: () => {},
      onBug: (error) => bugs.push(error),
    }),
  );
  servers.push(server);
  await bindUnixSocket(server, path, 0o600);
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const http = unixHttp(path);
  after(() => http.close());
  const log = { error: say, warning: say, notice: say, info: say };
  return {
    bugs,
    clock,
    lines,
    outbox,
    path,
    server,
    client: createRelayClient(http, log),
    forbid: () => {
      mayAsk = false;
    },
  };
}

const signal = new AbortController().signal;
const attempt = (channel: string, key: string): Attempt => ({
  key,
  channel,
  at: 1,
  took: 2,
  outcome: { type: 'delivered', detail: 'ok' },
});

/** One request as it is; the body is sent in one piece. */
const ask = (path: string, method: string, target: string, body = '') =>
  new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const sent = request({ socketPath: path, method, path: target, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });

test('what waits is given out and goes when it is reported', async () => {
  const { client, outbox } = await open('given');
  outbox.add('mail', 2);
  const first = await client.next(['mail'], 0, signal);
  assert.deepEqual(first, outbox.waiting('mail').slice(0, 1));
  assert.deepEqual(await client.next(['mail'], 0, signal), first, 'not reported: the same again');
  await client.report(attempt('mail', 'mail-1'));
  assert.equal((await client.next(['mail'], 0, signal))[0]?.key, 'mail-2');
});

test('who asks before there is a message gets it when it comes', async () => {
  const { client, outbox } = await open('poll');
  const asked = client.next(['mail', 'webhook'], seconds(30), signal);
  outbox.add('webhook');
  assert.equal((await asked)[0]?.key, 'webhook-1');
});

test('who stops asking frees the question at the other side', async () => {
  const { client, outbox } = await open('freed');
  const { promise: freed, resolve } = Promise.withResolvers<void>();
  const { promise: came, resolve: come } = Promise.withResolvers<void>();
  outbox.next = (_channels, _patience, gone) => {
    gone.addEventListener('abort', () => resolve());
    come();
    return new Promise(() => {});
  };
  const stopping = new AbortController();
  const asked = client.next(['mail'], seconds(30), stopping.signal);
  await came;
  stopping.abort();
  assert.deepEqual(await asked, []);
  await freed;
});

test('channels of the core are neither given out nor reported on', async () => {
  const { client, lines, outbox } = await open('core');
  outbox.add('journal');
  assert.deepEqual(await client.next(['journal'], 0, signal), []);
  await client.report(attempt('journal', 'journal-1'));
  assert.equal(outbox.attempts.length, 0);
  assert.match(lines[0] ?? '', /"journal\\?" is no channel of the relay/);
});

test('two relays at once get the same message under the same key', async () => {
  const { client, outbox, path } = await open('two');
  const other = unixHttp(path);
  const second = createRelayClient(other, { error() {}, warning() {}, notice() {}, info() {} });
  outbox.add('mail');
  const [one, two] = await Promise.all([
    client.next(['mail'], 0, signal),
    second.next(['mail'], 0, signal),
  ]);
  other.close();
  assert.deepEqual(one, two);
  await client.report(attempt('mail', 'mail-1'));
  await second.report(attempt('mail', 'mail-1'));
  assert.deepEqual(outbox.waiting('mail'), []);
});

test('an outbox that fails is said to be so, and asked again', async () => {
  const { bugs, client, outbox } = await open('down');
  outbox.down = true;
  await assert.rejects(client.next(['mail'], 0, signal), /answered 503/);
  await assert.rejects(client.report(attempt('mail', 'mail-1')), /answered 503/);
  assert.equal(bugs.length, 2);
});

test('a daemon that is away is said once, and once that it is back', async () => {
  const { client, lines, path, server } = await open('away');
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
  await assert.rejects(client.next(['mail'], 0, signal));
  await assert.rejects(client.next(['mail'], 0, signal));
  await assert.rejects(client.report(attempt('mail', 'mail-1')));
  assert.equal(await client.alive(), undefined);
  assert.match(client.trouble() ?? '', /ENOENT|ECONNREFUSED/);
  await bindUnixSocket(server, path, 0o600);
  assert.deepEqual(await client.next(['journal'], 0, signal), []);
  assert.deepEqual([lines.length, client.trouble()], [2, null]);
});

test('the pulse is told', async () => {
  const { client } = await open('pulse');
  assert.deepEqual(await client.alive(), { alive: true, why: null, health: 'healthy' });
});

test('a stranger is told nothing', async () => {
  const { client, forbid, outbox } = await open('stranger');
  outbox.add('mail');
  forbid();
  await assert.rejects(client.next(['mail'], 0, signal), /answered 403/);
  assert.equal(await client.alive(), undefined);
});

const channels = 'channel=mail&'.repeat(channelsMax + 1);
const refusals: readonly (readonly [string, string, string, number, RegExp])[] = [
  ['GET', '/api/v1/health', '', 404, /known here/],
  ['POST', '/messages?channel=mail', '', 404, /known here/],
  ['DELETE', '/attempts', '', 404, /known here/],
  ['GET', '/messages', '', 400, /1 to 200 names/],
  ['GET', `/messages?${channels}`, '', 400, /1 to 200 names/],
  ['GET', '/messages?channel=mail&patience=-1', '', 400, /milliseconds/],
  ['POST', '/attempts', '{', 400, /not JSON/],
  ['POST', '/attempts', '[]', 400, /an object/],
  [
    'POST',
    '/attempts',
    '{"key":"a","channel":"mail","at":1,"took":1}',
    400,
    /^\{"detail":"outcome/,
  ],
  ['POST', '/attempts', ' '.repeat(attemptBytesMax + 1), 413, /at most 65536 bytes/],
];
for (const [method, target, body, status, says] of refusals) {
  test(`${method} ${target.slice(0, 40)} with ${body.slice(0, 40)} is refused with ${status}`, async () => {
    const { outbox, path } = await open(`refused-${refusals.findIndex((one) => one[4] === says)}`);
    const answer = await ask(path, method, target, body);
    assert.equal(answer.status, status);
    assert.match(answer.text, says);
    assert.deepEqual(outbox.attempts, []);
  });
}

const whole = { ...attempt('mail', 'k'), more: 1 };
const readings: readonly (readonly [string, unknown, unknown])[] = [
  ['an attempt is read without what does not belong to it', whole, attempt('mail', 'k')],
  [
    'a retry may say after what time',
    { ...whole, outcome: { type: 'retry', why: 'x', maybe: true, after: 5 } },
    { ...attempt('mail', 'k'), outcome: { type: 'retry', why: 'x', maybe: true, after: 5 } },
  ],
  ['a key is not empty', { ...whole, key: '' }, /^key: /],
  ['a channel is a text', { ...whole, channel: 7 }, /^channel: /],
  ['an instant is one that has a name', { ...whole, at: 1e16 }, /^at: /],
  ['a time is a number', { ...whole, at: 'now' }, /^at: /],
  ['a length of time is not negative', { ...whole, took: -1 }, /^took: /],
  ['an outcome is one of three', { ...whole, outcome: { type: 'lost' } }, /^outcome: /],
  [
    'a retry says whether it may have arrived',
    { ...whole, outcome: { type: 'retry', why: 'x' } },
    /^outcome: /,
  ],
  [
    'a reason has an end',
    { ...whole, outcome: { type: 'refused', why: 'x'.repeat(4001) } },
    /^outcome: /,
  ],
];
for (const [name, given, expected] of readings) {
  test(name, () => {
    const read = readAttempt(JSON.stringify(given));
    if (expected instanceof RegExp) assert.match(typeof read === 'string' ? read : '', expected);
    else assert.deepEqual(read, expected);
  });
}
