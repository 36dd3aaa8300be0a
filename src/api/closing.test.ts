import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../platform/clock.ts';
import { type Closing, createClosing } from './closing.ts';

const nothing = (): void => undefined;
let sockets = 0;

/** A server that answers when it is told to, and its closing. */
async function open(t: TestContext) {
  sockets += 1;
  const path = join(tmpdir(), `tocsin-closing-${process.pid}-${sockets}.sock`);
  const waiting: (() => void)[] = [];
  const server: Server = createServer();
  const closing: Closing = createClosing(new Set([server]), systemClock);
  server.on('request', (incoming, response) => {
    closing.mark(response);
    if (incoming.url === '/later') waiting.push(() => response.end('late'));
    else response.end('now');
  });
  server.listen(path);
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const ask = (url: string, by: Agent | false = agent): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const sent = request({ socketPath: path, path: url, agent: by }, (answer) => {
        answer.resume().on('end', () => resolve(answer));
      });
      sent.on('error', reject).end();
    });
  const asked = async (count: number): Promise<void> => {
    while (waiting.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  return { path, closing, ask, asked, answer: () => waiting.shift()?.() };
}

test('before it closes, connections are kept', async (t) => {
  const { ask } = await open(t);
  assert.equal((await ask('/')).headers.connection, 'keep-alive');
});

test('when it begins to close, each answer ends its connection, and new ones are still answered', async (t) => {
  const { ask, closing } = await open(t);
  await ask('/');
  closing.begin();
  assert.equal((await ask('/')).headers.connection, 'close');
  assert.equal((await ask('/', false)).statusCode, 200);
});

test('an answer that is on its way is finished, and says that it is the last', async (t) => {
  const { ask, asked, answer, closing } = await open(t);
  const late = ask('/later');
  await asked(1);
  const finished = closing.finish(nothing, nothing);
  answer();
  const { statusCode } = await late;
  assert.equal(statusCode, 200);
  await finished;
});

test('who was accepted right before, and speaks right after, is answered', async (t) => {
  const { path, closing } = await open(t);
  const socket = connect(path);
  await once(socket, 'connect');
  // Accepted by the server, which has read nothing of it.
  await new Promise((resolve) => setImmediate(resolve));
  const finished = closing.finish(nothing, nothing);
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  let said = '';
  socket.setEncoding('utf8').on('data', (text) => (said += text));
  await once(socket, 'end');
  socket.destroy();
  await finished;
  assert.match(said, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(said, /^Connection: close\r$/m);
});

test('connections that say nothing do not hold it up', async (t) => {
  const { ask, closing } = await open(t);
  await ask('/');
  const begun = systemClock.monotonic();
  await closing.finish(nothing, nothing);
  const took = systemClock.monotonic() - begun;
  assert.ok(took < 400, `${took.toFixed(0)} ms`);
});

test('streams are asked to end at once, and what does not end is cut', async (t) => {
  const { ask, asked, closing } = await open(t);
  const cut = ask('/later').catch((error: NodeJS.ErrnoException) => error.code);
  await asked(1);
  const told: string[] = [];
  await closing.finish(
    () => told.push('ended'),
    () => told.push('cut'),
  );
  assert.deepEqual(told, ['ended', 'cut']);
  assert.equal(await cut, 'ECONNRESET');
});
