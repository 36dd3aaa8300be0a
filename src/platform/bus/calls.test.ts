/** Who waits, who is on the wire, and what becomes of both. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seconds } from '../../domain/time.ts';
import { Calls, callsInFlightMax, callsWaitingMax } from './calls.ts';

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const returned = { type: 'returned', body: [] } as const;

test('64 are sent at once, and each answer sends the next, in order', async () => {
  const calls = new Calls();
  const sent: number[] = [];
  const answers = Array.from({ length: 200 }, (_, i) =>
    calls.start((serial) => {
      assert.equal(serial, i + 1);
      sent.push(serial);
    }, seconds(25)),
  );
  assert.equal(sent.length, callsInFlightMax);
  for (let serial = 1; serial <= 200; serial++) {
    assert.equal(calls.answer(serial, returned), true);
    assert.equal(sent.length, Math.min(200, callsInFlightMax + serial));
  }
  assert.deepEqual(await Promise.all(answers), times(200, returned));
});

test('calls beyond the queue are answered with LimitsExceeded', async () => {
  const calls = new Calls();
  const open = [];
  for (let i = 0; i < callsInFlightMax + callsWaitingMax; i++) {
    open.push(calls.start(() => {}, seconds(25)));
  }
  const answer = await calls.start(() => {}, seconds(25));
  assert.ok(answer.type === 'error');
  assert.match(answer.name, /LimitsExceeded/);
  calls.lose('the test is over');
  await Promise.all(open);
});

test('calls that were never answered leave room only up to the limit of the bus', async () => {
  const calls = new Calls();
  let sent = 0;
  const send = (): void => void sent++;
  const answers = Array.from({ length: 300 }, () => calls.start(send, 5));
  assert.deepEqual(await Promise.all(answers), times(300, { type: 'timeout' }));
  assert.equal(sent, 120);
  const next = calls.start(send, seconds(25));
  assert.equal(sent, 120);
  // A late answer frees a place, and answers nobody.
  assert.equal(calls.answer(1, returned), false);
  assert.equal(sent, 121);
  assert.equal(calls.answer(121, returned), true);
  assert.deepEqual(await next, returned);
});

test('when the bus is lost, what is open and what comes later is answered', async () => {
  const calls = new Calls();
  const open = Array.from({ length: 100 }, () => calls.start(() => {}, seconds(25)));
  calls.lose('gone');
  calls.lose('gone again');
  open.push(calls.start(() => assert.fail('sent after the loss'), seconds(25)));
  assert.deepEqual(await Promise.all(open), times(101, { type: 'lost', why: 'gone' }));
});
