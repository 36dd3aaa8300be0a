/** The serving side on a real dbus-daemon; who calls is another implementation, or raw bytes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type PrivateBus, startBus } from '../../../test/support/bus.ts';
import { connectOurs, connectRaw } from '../../../test/support/bus-client.ts';
import { settled } from '../../../test/support/fake-clock.ts';
import type { BusConnection } from '../system-bus.ts';
import { encodeMessage } from './encode.ts';
import { type BusSignal, callBytesMax, messageType } from './message.ts';
import { outgoingBytesMax, replyBytesMax } from './reception.ts';
import { serviceBus } from './service.ts';
import type { IncomingCall, ServiceConnection, ServiceReply } from './serving.ts';
import { callsPerSenderMax } from './workload.ts';

const name = 'org.tocsin.TestService';
const ok: ServiceReply = { type: 'return', signature: '', body: [] };

let bus: PrivateBus;
let served: ServiceConnection;
let caller: BusConnection;
let onCall: (call: IncomingCall) => Promise<ServiceReply>;
const bugs: unknown[] = [];
const heard: BusSignal[] = [];

const connectServed = async (): Promise<ServiceConnection> => {
  const answer = await serviceBus(bus.address).connect({
    onCall: (call) => onCall(call),
    onSignal: () => {},
    onBug: (error) => void bugs.push(error),
  });
  assert.ok(answer.type === 'connected');
  return answer.connection;
};

before(async () => {
  bus = await startBus();
  served = await connectServed();
  assert.deepEqual(await served.requestName(name), { type: 'owned' });
  caller = await connectOurs(bus.address, (signal) => heard.push(signal));
});
after(async () => {
  caller.close();
  served.close();
  await bus.stop();
});

const call = { destination: name, path: '/a', interface: 'a.B', member: 'Do' };

test('a call arrives as it was sent, and its answer too', async () => {
  let came: IncomingCall | undefined;
  onCall = async (one) => {
    came = one;
    return {
      type: 'return',
      signature: 'ta{sv}',
      body: [7n, { a: { signature: 'b', value: true } }],
    };
  };
  const answer = await caller.call({ ...call, signature: 'si', body: ['ä', -1] });
  assert.ok(answer.type === 'returned');
  assert.equal(answer.body[0], 7n);
  assert.partialDeepStrictEqual(came, {
    path: '/a',
    interface: 'a.B',
    member: 'Do',
    signature: 'si',
    body: ['ä', -1],
    isInteractive: false,
  });
  assert.match(came?.sender ?? '', /^:1\.\d+$/);
});

test('an error is told with its name; one who throws is told as a failure, and the service goes on', async () => {
  onCall = async () => ({ type: 'error', name: 'a.b.No', message: 'not today' });
  assert.deepEqual(await caller.call(call), {
    type: 'error',
    name: 'a.b.No',
    message: 'not today',
  });
  onCall = async () => {
    throw new Error('a bug');
  };
  const answer = await caller.call(call);
  assert.ok(answer.type === 'error');
  assert.match(answer.name, /Failed/);
  assert.match(String(bugs.pop()), /a bug/);
});

test('an answer that does not fit its signature is a failure, one too long is refused', async () => {
  onCall = async () => ({ type: 'return', signature: 'u', body: ['no number'] });
  const unfit = await caller.call(call);
  assert.ok(unfit.type === 'error' && /Failed/.test(unfit.name));
  onCall = async () => ({ type: 'return', signature: 's', body: ['x'.repeat(replyBytesMax)] });
  const long = await caller.call(call);
  assert.ok(long.type === 'error' && /LimitsExceeded/.test(long.name));
  bugs.length = 0;
});

test('a call that is too long is refused without being looked at', async () => {
  onCall = async () => assert.fail('it was handed over');
  const answer = await caller.call({ ...call, signature: 's', body: ['x'.repeat(callBytesMax)] });
  assert.ok(answer.type === 'error' && /LimitsExceeded/.test(answer.name));
});

test('calls beyond the limit are refused at once, and those in work are answered', async () => {
  const { promise: open, resolve } = Promise.withResolvers<ServiceReply>();
  onCall = () => open;
  const answers = Array.from({ length: callsPerSenderMax + 5 }, () => caller.call(call));
  const refused = await Promise.all(answers.slice(callsPerSenderMax));
  assert.ok(refused.every((one) => one.type === 'error' && /LimitsExceeded/.test(one.name)));
  resolve(ok);
  const answered = await Promise.all(answers.slice(0, callsPerSenderMax));
  assert.ok(answered.every((one) => one.type === 'returned'));
});

test('a caller who leaves is noticed, and his call is told so', async () => {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const { promise: came, resolve: arrive } = Promise.withResolvers<void>();
  onCall = async (one) => {
    one.gone.addEventListener('abort', () => resolve());
    arrive();
    await gone;
    return ok;
  };
  const guest = await connectOurs(bus.address);
  void guest.call(call);
  await came;
  guest.close();
  await gone;
  onCall = async () => ok;
  assert.equal((await caller.call(call)).type, 'returned');
});

test('nobody can say of another that he has left the bus', async () => {
  const { promise: came, resolve } = Promise.withResolvers<IncomingCall>();
  const { promise: open, resolve: answer } = Promise.withResolvers<ServiceReply>();
  onCall = (one) => {
    resolve(one);
    return open;
  };
  const asked = caller.call(call);
  const { sender, gone } = await came;
  const forger = await connectServed();
  forger.emit({
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    member: 'NameOwnerChanged',
    signature: 'sss',
    body: [sender, sender, ''],
    destination: name,
  });
  // Behind the forged signal, on the same way: it has been heard.
  const second = await forger.call({ ...call, timeout: 50 });
  assert.equal(second.type, 'timeout');
  assert.equal(gone.aborted, false);
  answer(ok);
  assert.equal((await asked).type, 'returned');
  forger.close();
});

test('who wants no answer gets none', async () => {
  const { promise: came, resolve } = Promise.withResolvers<void>();
  onCall = async () => {
    resolve();
    return ok;
  };
  const raw = await connectRaw(bus.address);
  let bytes = 0;
  raw.on('data', (chunk: Buffer) => (bytes += chunk.length));
  raw.write(encodeMessage({ type: messageType.call, flags: 1, serial: 2, ...call }));
  await came;
  const before = bytes;
  await caller.call(call);
  await settled();
  assert.equal(bytes, before);
  raw.destroy();
});

test('the bus says who a caller is, and nothing of one who has gone', async () => {
  let sender = '';
  onCall = async (one) => {
    sender = one.sender;
    return ok;
  };
  await caller.call(call);
  const known = await served.credentialsOf(sender);
  assert.equal(known?.uid, process.getuid?.());
  assert.ok(known?.groups.includes(process.getgid?.() ?? -1));
  assert.equal(await served.credentialsOf(':1.999999'), undefined);
});

test('a name that somebody else has is told as taken, and is had when it is free', async () => {
  const other = await connectServed();
  assert.deepEqual(await other.requestName(name), { type: 'taken' });
  await served.releaseName(name);
  assert.deepEqual(await other.requestName(name), { type: 'owned' });
  assert.deepEqual(await other.requestName(name), { type: 'owned' });
  other.close();
  await other.lost;
  assert.deepEqual(await served.requestName(name), { type: 'owned' });
});

test('signals arrive in order at those who listen, and at one alone where one is meant', async () => {
  await caller.addMatch("type='signal',interface='a.B'");
  const signal = { path: '/a', interface: 'a.B', member: 'Said', signature: 'u' };
  let sender = '';
  onCall = async (one) => {
    sender = one.sender;
    return ok;
  };
  await caller.call(call);
  heard.length = 0;
  for (let i = 0; i < 100; i++) served.emit({ ...signal, body: [i] });
  served.emit({ ...signal, body: [100], destination: sender });
  await caller.call(call);
  const said = heard.filter(({ member }) => member === 'Said').map(({ body }) => body[0]);
  assert.deepEqual(
    said,
    Array.from({ length: 101 }, (_, i) => i),
  );
});

test('a bus that takes nothing costs a bounded queue, and then the connection', async () => {
  const own = await startBus();
  const answer = await serviceBus(own.address).connect({
    onCall: async () => ok,
    onSignal: () => {},
    onBug: () => {},
  });
  assert.ok(answer.type === 'connected');
  const { connection } = answer;
  process.kill(own.pid, 'SIGSTOP');
  const long = 'x'.repeat(1024 * 1024);
  const signal = { path: '/a', interface: 'a.B', member: 'Said', signature: 's', body: [long] };
  connection.emit(signal);
  let isReady = false;
  void connection.ready().then(() => {
    isReady = true;
  });
  await settled();
  assert.equal(isReady, false);
  for (let i = 0; i * long.length < outgoingBytesMax; i++) connection.emit(signal);
  assert.match(await connection.lost, /does not take/);
  await settled();
  assert.equal(isReady, true, 'whoever waits for room is not left waiting');
  await own.stop();
});
