import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { type Served, serve } from './testing/serve.ts';

let served: Served;
const closers: (() => Promise<void> | void)[] = [];
before(async () => {
  served = await serve({ after: (close) => closers.push(close as () => Promise<void>) });
});
after(async () => {
  for (const close of closers) await close();
});

const tricks = [
  '/api/v1/monitoring/alerts%2f..',
  '/api/v1/%6donitoring/alerts',
  '/api/v1//monitoring/alerts',
  '//api/v1/monitoring/alerts',
  '/api/v1/session/../monitoring/alerts',
  '/api/v1/./monitoring/alerts',
  '/api/v1/monitoring/alerts/..',
  '/..',
  '/api\\v1',
  'http://localhost/api/v1/monitoring/alerts',
  '*',
  '/api/v1/monitoring/alerts#x',
];

for (const path of tricks) {
  test(`the path ${path} is refused before anything else`, async () => {
    const answer = await served.askAt('api', path);
    assert.equal(answer.status, 400, answer.text);
    assert.equal(answer.at('code'), 'invalid-request');
  });
}

/** Sends bytes as they are; all that comes back. */
const send = (socketPath: string, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(socketPath, () => socket.write(Buffer.from(text, 'latin1')));
    let told = '';
    socket.on('data', (chunk: Buffer) => {
      told += chunk.toString();
    });
    socket.on('end', () => {
      socket.end();
      resolve(told);
    });
    socket.on('error', reject);
  });

const raw: readonly { name: string; lines: readonly string[]; status: number }[] = [
  { name: 'two Hosts', lines: ['GET / HTTP/1.1', 'Host: localhost', 'Host: x'], status: 400 },
  {
    name: 'two Authorizations',
    lines: ['GET / HTTP/1.1', 'Host: localhost', 'Authorization: a', 'authorization: b'],
    status: 400,
  },
  { name: 'no Host', lines: ['GET / HTTP/1.1'], status: 400 },
  {
    name: 'a path of other letters',
    lines: ['GET /\u00e4 HTTP/1.1', 'Host: localhost'],
    status: 400,
  },
  {
    name: 'a length and chunks',
    lines: [
      'POST / HTTP/1.1',
      'Host: localhost',
      'Content-Length: 1',
      'Transfer-Encoding: chunked',
    ],
    status: 400,
  },
  {
    name: 'a coding beside chunks',
    lines: ['POST / HTTP/1.1', 'Host: localhost', 'Transfer-Encoding: gzip, chunked'],
    status: 400,
  },
  { name: 'a Host of a path', lines: ['GET /livez HTTP/1.1', 'Host: a/b'], status: 400 },
  { name: 'a Host of a user', lines: ['GET /livez HTTP/1.1', 'Host: a@b'], status: 400 },
  { name: 'a Host of two', lines: ['GET /livez HTTP/1.1', 'Host: a, b'], status: 400 },
  { name: 'a plain request', lines: ['GET /livez HTTP/1.1', 'Host: localhost'], status: 200 },
];

for (const { name, lines, status } of raw) {
  test(`${name}: ${status}`, async () => {
    const text = `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`;
    const told = await send(served.socketOf('local'), text);
    assert.match(told, new RegExp(`^HTTP/1.1 ${status} `));
    // Only Node itself says no without a problem: it wants a Host before it gives us a request.
    if (status === 400 && name !== 'no Host') assert.match(told, /"code":"invalid-request"/);
  });
}
