import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { Ms } from '../domain/time.ts';
import { createUnread } from './unread.ts';

const mebibyte = 1024 * 1024;
const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** A server whose answers have this many bytes, and its connections. */
async function listen(t: TestContext, answerBytes: number, patience?: Ms) {
  const clock = new FakeClock();
  const unread = createUnread(clock, patience);
  const given = { answers: 0 };
  const server = createServer((request, response) => {
    if (!unread.watch(response)) return;
    given.answers += 1;
    if (request.url === '/') response.end(Buffer.alloc(answerBytes));
  });
  unread.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return {
    clock,
    given,
    /** Asks, and reads nothing. Resolves when it has been answered. */
    async askDeaf(requests = get): Promise<Socket> {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      sockets.push(socket.pause().on('error', () => {}));
      const { answers } = given;
      socket.write(requests);
      while (given.answers === answers) await nextTurn();
      return socket;
    },
    /** How many connections the server has, when it has no more than that. */
    async has(count: number): Promise<void> {
      const connections = () =>
        new Promise<number>((resolve) => server.getConnections((_, now) => resolve(now)));
      while ((await connections()) > count) await nextTurn();
      assert.equal(await connections(), count);
    },
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('who reads nothing is cut after a while', async (t) => {
  const served = await listen(t, 16 * mebibyte, 50);
  await served.askDeaf();
  await served.has(0);
});

test('who waits for an answer that takes long is not cut, however long nothing comes', async (t) => {
  const served = await listen(t, 16 * mebibyte, 50);
  await served.askDeaf('GET /long HTTP/1.1\r\nHost: x\r\n\r\n');
  // It asked before the other one, whose time is over.
  await served.askDeaf();
  await served.has(1);
});

test('when many read nothing those are cut who have been behind for longest', async (t) => {
  const served = await listen(t, 13 * mebibyte);
  const first = await served.askDeaf();
  await served.askDeaf();
  await served.clock.advance(2000);
  await served.has(2);
  await served.askDeaf();
  await served.has(3);
  await served.askDeaf();
  await served.has(3);
  first.resume();
  await once(first, 'close');
});

test('a burst of large answers that are being read is no reason to cut anybody', async (t) => {
  const served = await listen(t, 20 * mebibyte);
  const readers: Socket[] = [];
  while (readers.length < 3) readers.push(await served.askDeaf());
  await served.has(3);
  for (const reader of readers) reader.resume();
  while (readers.some((reader) => reader.bytesRead < 20 * mebibyte)) await nextTurn();
  await served.has(3);
});

test('of a burst that is too large even for a second, some are cut at once', async (t) => {
  const served = await listen(t, 60 * mebibyte);
  await served.askDeaf();
  await served.askDeaf();
  await served.has(1);
});

test('who was too busy to be cut is looked at again, though nobody asks any more', async (t) => {
  const served = await listen(t, 25 * mebibyte);
  for (let i = 0; i < 3; i++) await served.askDeaf();
  await served.has(3);
  await served.clock.advance(2000);
  await served.has(1);
});

test('a connection that asks on without reading is cut after eight answers', async (t) => {
  const served = await listen(t, 4 * mebibyte);
  await served.askDeaf(get.repeat(100));
  await served.has(0);
  assert.equal(served.given.answers, 8);
});

test('one that reads its answers may ask as often as it likes', async (t) => {
  const served = await listen(t, 10);
  const socket = await served.askDeaf();
  socket.resume();
  for (let i = 0; i < 100; i++) {
    const { answers } = served.given;
    socket.write(get);
    while (served.given.answers === answers) await nextTurn();
  }
  await served.has(1);
});
