/** The client against the real doors, with a fake house behind them. */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { serve, tokenOf } from '../src/api/testing/serve.ts';
import { createClient } from './client.ts';
import { Foreign, Late, NoSuchPath, Refused, Unreachable } from './errors.ts';
import { createTransport, realTiming, type Timing } from './transport.ts';

const clientOf = (path: string, timeout = 5000) =>
  createClient(createTransport({ type: 'socket', path }, { timeout }));

test('an operation is called by its name, with path, query and body as one', async (t) => {
  const served = await serve(t);
  const client = clientOf(served.socketOf('local'));
  const raised = await client.call('alert.raise', {
    severity: 'warning',
    source: 'task',
    title: 'Tape order is due',
  });
  const { id } = raised;
  const told = await client.call('alert.comment', { id, comment: 'ordered' });
  assert.equal(told.comment, 'ordered');
  const { items } = await client.call('alert.list', { severity: ['warning', 'info'], limit: 5 });
  assert.deepEqual(
    items.map((one) => one.title),
    ['Tape order is due'],
  );
});

test('a list comes over all its pages, and only as far as one reads', async (t) => {
  const served = await serve(t);
  for (let i = 0; i < 25; i++) served.house.fire();
  const client = clientOf(served.socketOf('local'));
  const all: string[] = [];
  for await (const { id } of client.rows('alert.list', { limit: 10 })) all.push(id);
  assert.equal(new Set(all).size, 25);
  const before = served.records.length;
  for await (const { items } of client.pages('alert.list', { limit: 10 })) {
    assert.equal(items.length, 10);
    break;
  }
  assert.equal(served.records.length, before + 1);
});

test('a refusal is thrown with what the problem document says', async (t) => {
  const served = await serve(t);
  const asked = clientOf(served.socketOf('local')).call('alert.get', { id: 'nobody' });
  await assert.rejects(asked, (error) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual([error.problem.code, error.problem.status], ['alert-unknown', 404]);
    return true;
  });
});

test('over an address a token says who asks', async (t) => {
  const served = await serve(t);
  const url = new URL(`http://127.0.0.1:${served.port}`);
  const asked = (token: string | undefined) =>
    createClient(createTransport({ type: 'url', url, token })).call('rule.list', {});
  await assert.rejects(asked(undefined), /Nobody has said who is asking/);
  assert.deepEqual((await asked(tokenOf('viewer'))).items, []);
});

test('the same key does a thing once, and a version guards a change', async (t) => {
  const served = await serve(t);
  const client = clientOf(served.socketOf('local'));
  const input = { matchers: ['unit=x'], duration: '1h', comment: 'repair' };
  const twice = [1, 2].map(() =>
    client.call('silence.save', input, { idempotencyKey: 'once' }).catch(() => undefined),
  );
  await Promise.all(twice);
  assert.equal(served.house.mutes.silences().length, 1);
  const change = client.call('rule.change', { id: 'r' }, { ifMatch: '"old"' });
  await assert.rejects(change, /It was changed since you read it/);
});

test('messages of the stream come from where one was, and then as they happen', async (t) => {
  const served = await serve(t);
  const first = served.house.fire();
  const heard: string[] = [];
  const states: string[] = [];
  const messages = clientOf(served.socketOf('local')).follow({
    query: { types: ['alert'] },
    after: 0,
    onConnection: (state) => void states.push(state),
  });
  for await (const message of messages) {
    if (message.type !== 'alert') continue;
    heard.push(message.data.id);
    if (heard.length === 1) served.house.fire();
    else break;
  }
  assert.deepEqual([heard[0], heard.length, states], [first.id, 2, []]);
});

test('a proxy that breaks off, hangs or counts requests ends no stream', async (t) => {
  const message = (seq: number): string =>
    `data: ${JSON.stringify({ type: 'system', seq, time: '', data: {} })}\n\n`;
  const events = { 'Content-Type': 'text/event-stream' };
  const problem = { 'Content-Type': 'application/problem+json' };
  const asked: unknown[] = [];
  const answers: readonly ((response: ServerResponse) => void)[] = [
    (response) => response.writeHead(200, events).end(message(1)),
    (response) => response.writeHead(429, problem).end('{"title": "Too many", "detail": "x"}'),
    (response) => response.writeHead(502).write('a page without an end'),
    (response) => {
      response.writeHead(503, { ...problem, 'Content-Length': 100 }).write('{"title"');
      response.destroy();
    },
    (response) => response.writeHead(502).end('x'.repeat(2 * 1024 * 1024)),
    (response) => response.writeHead(200, events).end(message(2)),
  ];
  const server = createServer((request, response) => {
    const answer = answers[asked.length];
    asked.push(request.headers['last-event-id']);
    answer?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}`);
  // What is waited for ten seconds is late at once here; silence is allowed as ever.
  const timing: Timing = {
    after: (delay, call) => realTiming.after(delay === 10_000 ? 20 : delay, call),
    sleep: async () => {},
  };
  const heard: number[] = [];
  const client = createClient(createTransport({ type: 'url', url, token: undefined }));
  for await (const { seq } of client.follow({ timing })) {
    heard.push(seq);
    if (heard.length === 2) break;
  }
  assert.deepEqual(heard, [1, 2]);
  assert.deepEqual(asked, [undefined, ...Array.from({ length: 5 }, () => '1')]);
});

test('what is no path, no tocsin, nobody or too late is told apart', async (t) => {
  const served = await serve(t);
  const client = clientOf(served.socketOf('local'));
  await assert.rejects(client.call('alert.get', { id: '../x' }), NoSuchPath);
  const gone = clientOf('/nowhere/local.sock').call('rule.list', {});
  await assert.rejects(gone, (error) => error instanceof Unreachable && error.code === 'ENOENT');
  const silent = createServer(() => undefined);
  const proxy = createServer((_, response) => response.writeHead(502).end('<html>'));
  const urls = await Promise.all(
    [silent, proxy].map(
      (server) =>
        new Promise<URL>((resolve) =>
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            const port = typeof address === 'object' ? address?.port : 0;
            resolve(new URL(`http://127.0.0.1:${port}`));
          }),
        ),
    ),
  );
  t.after(() => {
    for (const server of [silent, proxy]) {
      server.closeAllConnections();
      server.close();
    }
  });
  const [late, foreign] = urls.map((url) =>
    createClient(createTransport({ type: 'url', url, token: undefined }, { timeout: 50 })),
  );
  assert.ok(late && foreign);
  await assert.rejects(late.call('rule.list', {}), Late);
  await assert.rejects(foreign.call('rule.list', {}), Foreign);
});
