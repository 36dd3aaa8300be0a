import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeAlert } from '../../operations/fake-alerts.ts';
import { changeMessage, type Message } from './message.ts';
import { createTail, type Tail } from './tail.ts';

const alert = fakeAlert(1);
const messageOf = (seq: number): Message =>
  changeMessage({ seq, at: 0, reason: 'raised', by: null, door: null, comment: null, alert });
const bytesOfOne = messageOf(1).bytes.length;

const kept = (tail: Tail): string =>
  Array.from({ length: 20 }, (_, i) => i)
    .filter((seq) => tail.find(seq)?.seq === seq)
    .join(' ');

test('messages are found by their number', () => {
  const tail = createTail(1e6);
  tail.restart(4);
  for (const seq of [5, 6, 7]) tail.push(messageOf(seq));
  assert.deepEqual([kept(tail), tail.seq], ['5 6 7', 7]);
});

test('what is forgotten is gone, and the rest is still found', () => {
  const tail = createTail(1e6);
  for (const seq of [1, 2, 3, 4]) tail.push(messageOf(seq));
  tail.forget(2);
  assert.equal(kept(tail), '3 4');
  tail.forget(1);
  assert.equal(kept(tail), '3 4');
  tail.forget(Number.POSITIVE_INFINITY);
  assert.deepEqual([kept(tail), tail.seq], ['', 4]);
});

test('a full tail drops its older half, and goes on', () => {
  const tail = createTail(bytesOfOne * 4);
  for (const seq of [1, 2, 3, 4, 5]) tail.push(messageOf(seq));
  assert.equal(kept(tail), '3 4 5');
  for (const seq of [6, 7]) tail.push(messageOf(seq));
  assert.equal(kept(tail), '5 6 7');
  assert.equal(tail.bytesPushed, bytesOfOne * 7);
});

test('a gap in the numbers begins it anew', () => {
  const tail = createTail(1e6);
  for (const seq of [1, 2, 9, 10]) tail.push(messageOf(seq));
  assert.equal(kept(tail), '9 10');
});
