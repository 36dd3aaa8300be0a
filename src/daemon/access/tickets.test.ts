import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tickets } from './tickets.ts';

test('however many callers ask for tickets, the oldest make room', () => {
  const tickets = new Tickets(() => 0);
  const made = Array.from({ length: 4097 }, (_, i) =>
    tickets.create({ role: 'viewer', name: `token:${Math.floor(i / 32)}` }),
  );
  const [first = '', second = ''] = made;
  assert.equal(tickets.take(first), undefined);
  assert.equal(tickets.take(second)?.name, 'token:0');
  assert.equal(tickets.take(made.at(-1) ?? '')?.name, 'token:128');
});
