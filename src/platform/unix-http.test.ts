import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bindUnixSocket } from './listen.ts';
import { type UnixRequest, unixHttp } from './unix-http.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-unix-'));
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close().closeAllConnections();
  rmSync(folder, { recursive: true });
});

async function ask(answer: RequestListener, more: Partial<UnixRequest> = {}) {
  const path = join(folder, `${servers.length}.sock`);
  const server = createServer(answer);
  servers.push(server);
  await bindUnixSocket(server, path, 0o600);
  const http = unixHttp(path);
  after(() => http.close());
  const outcome = await http.ask({
    method: 'GET',
    path: '/a?b=c',
    timeout: 5000,
    answerBytesMax: 100,
    ...more,
  });
  return { http, outcome, server };
}

test('status and text of the answer come back, whatever the status is', async () => {
  const { outcome } = await ask((request, response) => {
    response.writeHead(418).end(`${request.method} ${request.url} ${request.headers.host}`);
  });
  assert.deepEqual(outcome, { type: 'answer', status: 418, text: 'GET /a?b=c localhost' });
});

test('a body is sent as JSON with its length', async () => {
  const { outcome } = await ask(
    (request, response) => {
      response.write(`${request.headers['content-type']} ${request.headers['content-length']} `);
      request.pipe(response);
    },
    { method: 'POST', body: { ä: 1 } },
  );
  assert.equal(outcome.type === 'answer' && outcome.text, 'application/json 8 {"ä":1}');
});

test('an answer that is too long is none', async () => {
  const { outcome } = await ask((_request, response) => void response.end('x'.repeat(101)));
  assert.deepEqual(outcome, { type: 'unreachable', why: 'the answer is too long' });
});

test('who does not answer in time is unreachable', async () => {
  const { outcome } = await ask(() => {}, { timeout: 30 });
  assert.deepEqual(outcome, { type: 'unreachable', why: 'no answer within 0.03 s' });
});

test('an answer that breaks off is none', async () => {
  const { outcome } = await ask((request, response) => {
    response.writeHead(200, { 'content-length': '50' }).write('half of', () => {
      request.socket.destroy();
    });
  });
  assert.equal(outcome.type, 'unreachable');
});

test('where no socket is nobody answers', async () => {
  const http = unixHttp(join(folder, 'none.sock'));
  const outcome = await http.ask({ method: 'GET', path: '/', timeout: 5000, answerBytesMax: 1 });
  assert.match(outcome.type === 'unreachable' ? outcome.why : '', /ENOENT/);
});

test('a connection is kept for the next question', async () => {
  let connections = 0;
  const { http, server } = await ask((_request, response) => void response.end('ok'));
  server.on('connection', () => {
    connections += 1;
  });
  const again = { method: 'GET', path: '/', timeout: 5000, answerBytesMax: 9 } as const;
  await http.ask(again);
  await http.ask(again);
  assert.equal(connections, 0);
});
