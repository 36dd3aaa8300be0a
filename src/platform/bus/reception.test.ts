/** Answers to a caller, or a bus, that does not take them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from '../../../test/support/fake-clock.ts';
import { decodeMessage } from './decode.ts';
import { encodeMessage } from './encode.ts';
import { flagNoReply, messageType, type WireMessage } from './message.ts';
import { createReception, outgoingBytesMax } from './reception.ts';
import { Workload } from './workload.ts';

function callOf(serial: number, flags = 0): WireMessage {
  const to = { path: '/a', interface: 'a.B', member: 'Do', destination: 'a.B' };
  const bytes = encodeMessage({ ...to, type: messageType.call, serial, flags });
  const { message } = decodeMessage(bytes, 0, bytes.length);
  return { ...message, sender: ':1.7' };
}

/** A bus that takes nothing of what is written to it, and the calls that come from it. */
function deafBus(answerBytes: number) {
  const written: Buffer[] = [];
  const workload = new Workload();
  const take = createReception(
    {
      onCall: async () => ({ type: 'return', signature: 's', body: ['x'.repeat(answerBytes)] }),
      onSignal: () => {},
      onBug: (error) => assert.fail(String(error)),
    },
    workload,
  );
  const waiting = (): number => written.reduce((sum, { length }) => sum + length, 0);
  const outlet = { waiting, write: (bytes: Buffer) => void written.push(bytes) };
  let serial = 0;
  return {
    written,
    waiting,
    workload,
    ask: async (flags = 0): Promise<void> => {
      serial += 1;
      take({ type: 'message', message: callOf(serial, flags) }, outlet);
      await settled();
    },
  };
}

test('answers that the bus does not take are thrown away beyond the limit, and the calls are over', async () => {
  const { ask, waiting, workload, written } = deafBus(1024 * 1024);
  for (let i = 0; i < 20; i++) await ask();
  assert.equal(written.length, 7, 'each is longer than a mebibyte by its header');
  assert.ok(waiting() <= outgoingBytesMax);
  assert.equal(workload.count, 0);
});

test('who wants no answer gets none', async () => {
  const { ask, written, workload } = deafBus(10);
  await ask(flagNoReply);
  assert.deepEqual([written.length, workload.count], [0, 0]);
});
