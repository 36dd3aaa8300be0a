/** systemBus on a real dbus-daemon; the other side is another D-Bus implementation than ours. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  errorTo,
  type Peer,
  type PrivateBus,
  replyTo,
  startBus,
  startPeer,
  Variant,
} from '../../test/support/bus.ts';
import {
  connectOurs,
  connectRaw,
  gathering,
  said,
  textOf,
  to,
} from '../../test/support/bus-client.ts';
import { encodeMessage } from './bus/encode.ts';
import { messageType } from './bus/message.ts';

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

test('a call returns what the other side answered, 64-bit numbers exact', async () => {
  peer.onCall((call) =>
    replyTo(call, 'sta{sv}ayax', [
      call.body[0],
      18_446_744_073_709_551_615n,
      { since: new Variant('t', 9_007_199_254_740_993n), names: new Variant('as', ['a', 'b']) },
      [1, 2, 255],
      [-9_223_372_036_854_775_807n],
    ]),
  );
  const connection = await connectOurs(bus.address);
  const answer = await connection.call(to(peer.name, 'Ask', { signature: 's', body: ['äöü'] }));
  assert.ok(answer.type === 'returned');
  const [text, unsigned, dictionary, bytes, signed] = answer.body;
  assert.equal(text, 'äöü');
  assert.equal(unsigned, 18_446_744_073_709_551_615n);
  assert.deepEqual({ ...Object(dictionary) }, { since: 9_007_199_254_740_993n, names: ['a', 'b'] });
  assert.deepEqual(bytes, [1, 2, 255]);
  assert.deepEqual(signed, [-9_223_372_036_854_775_807n]);
  connection.close();
});

test('what we write is what another implementation reads', async () => {
  let read: unknown[] = [];
  peer.onCall((call) => {
    read = call.body;
    return replyTo(call);
  });
  const connection = await connectOurs(bus.address);
  const body = ['x', { a: { signature: '(xu)', value: [-5n, 7] } }, [['/a', true]]];
  await connection.call(to(peer.name, 'Ask', { signature: 'sa{sv}a(ob)', body }));
  assert.equal(read[0], 'x');
  assert.deepEqual(Object(read[1]).a.value, [-5n, 7]);
  assert.deepEqual(read[2], [['/a', true]]);
  connection.close();
});

test('an error is told with its name and its text', async () => {
  peer.onCall((call) => errorTo(call, 'org.tocsin.Error.Refused', 'not today'));
  const connection = await connectOurs(bus.address);
  assert.deepEqual(await connection.call(to(peer.name, 'Ask')), {
    type: 'error',
    name: 'org.tocsin.Error.Refused',
    message: 'not today',
  });
  const nobody = await connection.call(to('org.tocsin.Nobody', 'Ask'));
  assert.ok(nobody.type === 'error');
  assert.match(nobody.name, /ServiceUnknown/);
  connection.close();
});

test('a body that does not fit its signature is an error, and nothing is sent', async () => {
  const connection = await connectOurs(bus.address);
  const answer = await connection.call(to(peer.name, 'Ask', { signature: 'o', body: ['no path'] }));
  assert.ok(answer.type === 'error');
  assert.match(answer.name, /InvalidArgs/);
  assert.equal((await connection.addMatch("path='/a'")).type, 'returned');
  connection.close();
});

test('a call that nobody answers ends at its deadline', async () => {
  peer.onCall(() => undefined);
  const connection = await connectOurs(bus.address);
  const answer = await connection.call(to(peer.name, 'Ask', { timeout: 10 }));
  assert.deepEqual(answer, { type: 'timeout' });
  connection.close();
});

test('of 1,000 calls at once never more than 64 are on the wire', async () => {
  let open = 0;
  let most = 0;
  peer.onCall((call) => {
    open++;
    most = Math.max(most, open);
    setImmediate(() => {
      open--;
      peer.send(replyTo(call));
    });
    return undefined;
  });
  const connection = await connectOurs(bus.address);
  const answers = await Promise.all(
    Array.from({ length: 1000 }, () => connection.call(to(peer.name, 'Ask'))),
  );
  assert.deepEqual(new Set(answers.map((answer) => answer.type)), new Set(['returned']));
  assert.ok(most > 1 && most <= 64, `${most} at once`);
  connection.close();
});

test('signals and answers keep their order, also for who awaits through many hands', async () => {
  const log: string[] = [];
  const connection = await connectOurs(bus.address, (signal) => {
    if (signal.member === 'Said') log.push(`signal ${textOf(signal)}`);
  });
  await connection.addMatch("type='signal',interface='org.tocsin.Test'");
  const last = gathering(1);
  const witness = await connectOurs(bus.address, last.take);
  await witness.addMatch("type='signal',interface='org.tocsin.Test',member='Over'");
  peer.onCall((call) => {
    // One write each, but the bus sends them on together: the client reads all in one piece.
    peer.send({ ...said, signature: 's', body: ['before'] });
    peer.send(replyTo(call));
    peer.send({ ...said, signature: 's', body: ['after'] });
    peer.send({ ...said, member: 'Over' });
    return undefined;
  });
  const inner = async (): Promise<string> => (await connection.call(to(peer.name, 'Ask'))).type;
  const outer = async (): Promise<void> => {
    const type = await Promise.resolve(inner()).then((t) => t);
    log.push(type);
  };
  await Promise.all([outer(), last.all]);
  await connection.call(to('org.freedesktop.DBus', 'GetId'));
  assert.deepEqual(log, ['signal before', 'returned', 'signal after']);
  connection.close();
  witness.close();
});

test('the sender is who sent it, whatever he says of himself', async () => {
  const { take, signals, all } = gathering(1);
  const connection = await connectOurs(bus.address, take);
  await connection.addMatch("type='signal',interface='org.tocsin.Test'");
  peer.send({ ...said, sender: ':1.0' });
  await all;
  assert.equal(signals[0]?.sender, peer.name);
  connection.close();
});

test('a rule with path_namespace brings that tree and nothing else', async () => {
  const { take, signals, all } = gathering(2);
  const connection = await connectOurs(bus.address, take);
  await connection.addMatch("type='signal',path_namespace='/org/a'");
  for (const path of ['/org/ab', '/org/a', '/org/b', '/org/a/b_2eservice']) {
    peer.send({ ...said, path });
  }
  await all;
  assert.deepEqual(
    signals.map((signal) => signal.path),
    ['/org/a', '/org/a/b_2eservice'],
  );
  connection.close();
});

test('of 10,000 signals in one burst none is lost, and all are in order', async () => {
  const { take, signals, all } = gathering(10_000);
  const connection = await connectOurs(bus.address, take);
  await connection.addMatch("type='signal',interface='org.tocsin.Test'");
  const raw = await connectRaw(bus.address);
  const burst = Array.from({ length: 10_000 }, (_, i) =>
    encodeMessage({ type: messageType.signal, serial: i + 2, ...said, signature: 'u', body: [i] }),
  );
  raw.write(Buffer.concat(burst));
  await all;
  assert.ok(signals.every((signal, i) => signal.body[0] === i));
  raw.destroy();
  connection.close();
});
