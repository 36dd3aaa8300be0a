import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gist, listen, listenEvents, openWebSocket } from './testing/listen.ts';
import { type Served, serve } from './testing/serve.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const lastIs = (seq: number) => (heard: readonly { readonly seq: number }[]) =>
  heard.at(-1)?.seq === seq;

/** Fires until everything that a connection can hold is full, and then as much again. */
async function flood(served: Served, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    served.house.fire({ message: 'x'.repeat(2000) });
    if (i % 20 === 0) await nextTurn();
  }
}

test('a client that stops reading gets one resync, and holds nobody up', async (t) => {
  const served = await serve(t, { limits: { clientBufferBytesMax: 256 * 1024 } });
  const slow = openWebSocket(served);
  const heard: string[] = [];
  const sequence: number[] = [];
  slow.on('message', (bytes: Buffer) => {
    const message = JSON.parse(bytes.toString());
    heard.push(gist(message));
    sequence.push(message.seq);
  });
  await new Promise((resolve) => slow.on('open', resolve));
  const quick = await listen(served);
  slow.pause();
  await flood(served, 1000);
  await quick.until(lastIs(1000));
  assert.equal(quick.heard.length, 1001);
  await served.clock.advance(3000);
  slow.resume();
  while (!heard.includes('resync')) await nextTurn();
  served.house.fire();
  await quick.until(lastIs(1001));
  while (heard.at(-1) !== 'raised 1001') await nextTurn();
  assert.equal(heard.filter((one) => one === 'resync').length, 1);
  assert.ok(heard.length < 900, `${heard.length} messages were kept for it`);
  assert.deepEqual(
    sequence,
    sequence.toSorted((a, b) => a - b),
  );
  slow.terminate();
});

test('a client that is only busy for a moment loses nothing in a burst', async (t) => {
  const served = await serve(t, { limits: { clientBufferBytesMax: 64 * 1024 } });
  const client = await listen(served);
  for (let i = 0; i < 3000; i++) served.house.fire();
  await client.until(lastIs(3000));
  assert.equal(client.heard.length, 3001);
});

test('a client that never reads is ended after a minute', async (t) => {
  const served = await serve(t);
  const deaf = openWebSocket(served);
  await new Promise((resolve) => deaf.on('open', resolve));
  deaf.pause();
  const ended = new Promise((resolve) => deaf.on('close', resolve));
  await flood(served, 500);
  await served.clock.advance(65_000);
  assert.equal(served.api.streamClients(), 0);
  deaf.resume();
  await ended;
});

test('a client that answers the pings stays, on both kinds of stream', async (t) => {
  const served = await serve(t);
  const webSocket = openWebSocket(served);
  const pings: unknown[] = [];
  webSocket.on('ping', (payload) => pings.push(payload));
  await new Promise((resolve) => webSocket.on('open', resolve));
  const events = await listenEvents(served);
  for (let seconds = 0; seconds < 180; seconds += 5) {
    await served.clock.advance(5000);
    while (pings.length < Math.floor((seconds + 5) / 30)) await nextTurn();
    // Answered after the pong was read, which was sent before.
    await served.ask('/livez');
  }
  assert.equal(pings.length, 6);
  assert.equal(served.api.streamClients(), 2);
  webSocket.terminate();
  events.close();
});
