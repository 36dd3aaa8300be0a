/** systemBus when things go wrong: lost, stopped, absent, hostile. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  type Peer,
  type PrivateBus,
  replyTo,
  startBus,
  startPeer,
} from '../../../test/support/bus.ts';
import {
  connectOurs,
  connectRaw,
  gathering,
  said,
  textOf,
  to,
} from '../../../test/support/bus-client.ts';
import { systemBus } from '../system-bus.ts';
import { encodeMessage } from './encode.ts';
import { messageType } from './message.ts';

let bus: PrivateBus;
let peer: Peer;
before(async () => {
  bus = await startBus();
  peer = await startPeer(bus.address);
});
after(async () => {
  peer.close();
  await bus.stop();
});

test('a bus that is killed answers all open calls with lost, at once', async () => {
  const own = await startBus();
  const blackHole = await startPeer(own.address);
  blackHole.onCall(() => undefined);
  const connection = await connectOurs(own.address);
  const calls = Array.from({ length: 200 }, () => connection.call(to(blackHole.name, 'Ask')));
  await connection.call({ ...to('org.freedesktop.DBus', 'GetId'), timeout: 20 });
  await own.stop();
  const killedAt = performance.now();
  const why = await connection.lost;
  const answers = await Promise.all(calls);
  assert.ok(performance.now() - killedAt < 250);
  assert.match(why, /closed/);
  assert.deepEqual(new Set(answers.map((answer) => answer.type)), new Set(['lost']));
  assert.equal((await connection.call(to('a.b', 'Ask'))).type, 'lost');
});

test('a bus that stands still runs into deadlines, and works when it goes on', async () => {
  const own = await startBus();
  const connection = await connectOurs(own.address);
  process.kill(own.pid, 'SIGSTOP');
  const getId = {
    ...to('org.freedesktop.DBus', 'GetId'),
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
  };
  const late = await connection.call({ ...getId, timeout: 10 });
  const silent = await systemBus(own.address, { connectTimeout: 10 }).connect(() => {});
  process.kill(own.pid, 'SIGCONT');
  assert.equal(late.type, 'timeout');
  assert.equal(silent.type, 'refused');
  assert.equal((await connection.call(getId)).type, 'returned');
  connection.close();
  await own.stop();
});

test('who calls us is told at once that nothing is here', async () => {
  let name = '';
  const served = await connectOurs(bus.address, (signal) => {
    if (signal.member === 'NameAcquired') name = textOf(signal);
  });
  const caller = await connectOurs(bus.address);
  await served.addMatch("path='/a'");
  const answer = await caller.call(to(name, 'Crash', { signature: 's', body: ['x'] }));
  assert.ok(answer.type === 'error');
  assert.match(answer.name, /UnknownMethod/);
  served.close();
  caller.close();
});

test('a forged file descriptor, which ends other clients, is a number to us', async () => {
  const { take, signals, all } = gathering(2);
  let name = '';
  const connection = await connectOurs(bus.address, (signal) => {
    if (signal.member === 'NameAcquired') name = textOf(signal);
    take(signal);
  });
  await connection.addMatch("type='signal',interface='org.tocsin.Test'");
  const raw = await connectRaw(bus.address);
  const draft = { type: messageType.signal, serial: 2, ...said, destination: name };
  const forged = encodeMessage({ ...draft, signature: 'u', body: [0] });
  forged[forged.indexOf(Buffer.from([8, 1, 0x67, 0, 1, 0x75])) + 5] = 0x68;
  raw.write(forged);
  raw.write(encodeMessage({ ...draft, serial: 3, signature: 's', body: ['after'] }));
  await all;
  // The number of a descriptor that never came.
  assert.deepEqual(
    signals.map(({ body }) => body),
    [[0], ['after']],
  );
  raw.destroy();
  connection.close();
});

test('a signal of 600 KiB is passed over, an answer of 5 MiB is not', async () => {
  const { take, signals, all } = gathering(1);
  const connection = await connectOurs(bus.address, take);
  await connection.addMatch("type='signal',interface='org.tocsin.Test'");
  const long = 'x'.repeat(5 * 1024 * 1024);
  peer.send({ ...said, signature: 's', body: [long.slice(0, 600 * 1024)] });
  peer.send({ ...said, signature: 's', body: ['short'] });
  await all;
  assert.deepEqual(signals[0]?.body, ['short']);
  peer.onCall((call) => replyTo(call, 's', [long]));
  const answer = await connection.call(to(peer.name, 'Ask'));
  assert.ok(answer.type === 'returned');
  assert.equal(answer.body[0], long);
  connection.close();
});

test('a receiver that throws ends the connection, with its reason', async () => {
  const connection = await connectOurs(bus.address, (signal) => {
    if (signal.member === 'Said') throw new Error('a bug of ours');
  });
  await connection.addMatch("type='signal',interface='org.tocsin.Test'");
  peer.send(said);
  assert.match(await connection.lost, /a bug of ours/);
});

test('an address where no bus is, is refused with the reason', async () => {
  const absent = join(tmpdir(), `tocsin-no-bus-${process.pid}`);
  const answers = [
    { address: `unix:path=${absent}`, why: /ENOENT/ },
    { address: 'unix:path=/etc/hostname', why: /ECONNREFUSED|ENOTSOCK/ },
    { address: 'carrier-pigeon:', why: /not a bus address/ },
    { address: 'unix:path=%zz', why: /not a bus address/ },
    { address: '', why: /no bus address/ },
  ];
  for (const { address, why } of answers) {
    const answer = await systemBus(address).connect(() => {});
    assert.ok(answer.type === 'refused');
    assert.match(answer.why, why);
  }
  const second = await systemBus(`unix:path=${absent};${bus.address}`).connect(() => {});
  assert.ok(second.type === 'connected');
  second.connection.close();
});

/** A server that answers the first bytes with `greeting`, and what follows with `after`. */
async function pretender(greeting: string, after?: Buffer): Promise<[string, Server]> {
  const path = join(tmpdir(), `tocsin-pretender-${process.pid}-${pretenders++}`);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      if (greeting === '') socket.destroy();
      else socket.write(greeting);
      if (after !== undefined) socket.once('data', () => socket.write(after));
    });
  }).listen(path);
  await once(server, 'listening');
  return [`unix:path=${path}`, server];
}
let pretenders = 0;

const greetings: { name: string; greeting: string; after?: Buffer; why: RegExp }[] = [
  { name: 'closes at once', greeting: '', why: /closed/ },
  { name: 'rejects us', greeting: 'REJECTED EXTERNAL\r\n', why: /refused: REJECTED/ },
  { name: 'talks without end', greeting: 'x'.repeat(20_000), why: /no end/ },
  {
    name: 'sends no message',
    greeting: 'OK 1234\r\n',
    after: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
    why: /no message/,
  },
  {
    name: 'announces a message of 3 GB',
    greeting: 'OK 1234\r\n',
    after: Buffer.from('l\x02\x01\x01\0\0\0\xc0\x01\0\0\0\0\0\0\0', 'latin1'),
    why: /too long/,
  },
];
for (const { name, greeting, after, why } of greetings) {
  test(`a server that ${name} is refused`, async () => {
    const [address, server] = await pretender(greeting, after);
    const answer = await systemBus(address).connect(() => {});
    server.close();
    assert.ok(answer.type === 'refused');
    assert.match(answer.why, why);
  });
}
