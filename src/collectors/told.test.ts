import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttributeReading, unreadable } from '../domain/reading.ts';
import { Told } from './told.ts';

const resource = (id: string, attributes: Readonly<Record<string, AttributeReading>>) => ({
  kind: 'tape.drive',
  id,
  attributes,
});

test('what is new is told as a whole, and then only what differs', () => {
  const told = new Told();
  assert.ok(told.isEmpty);
  const first = resource('A', { state: 'running', errors: 0 });
  assert.deepEqual(told.take(first), first);
  assert.equal(told.take(resource('A', { state: 'running', errors: 0 })), undefined);
  const second = told.take(resource('A', { state: 'running', errors: 1 }));
  assert.deepEqual(second?.attributes, { errors: 1 });
});

test('what a reading leaves out stays told', () => {
  const told = new Told();
  told.take(resource('A', { state: 'running', errors: 0 }));
  told.take(resource('A', { errors: 2 }));
  assert.equal(told.take(resource('A', { state: 'running', errors: 2 })), undefined);
});

test('the same refusal is no news, another one is', () => {
  const told = new Told();
  told.take(resource('A', { state: unreadable('EIO') }));
  assert.equal(told.take(resource('A', { state: unreadable('EIO') })), undefined);
  const other = told.take(resource('A', { state: unreadable('EACCES') }));
  assert.deepEqual(other?.attributes, { state: unreadable('EACCES') });
  assert.deepEqual(told.take(resource('A', { state: null }))?.attributes, { state: null });
});

test('what is not there any more is gone once, and new when it is back', () => {
  const told = new Told();
  const both = [resource('A', { n: 1 }), resource('B', { n: 1 })];
  told.news(both);
  const [a] = both.slice(0, 1);
  assert.ok(a);
  assert.deepEqual(told.news([a]), { resources: [], gone: [{ kind: 'tape.drive', id: 'B' }] });
  assert.deepEqual(told.news([a]), { resources: [], gone: [] });
  assert.deepEqual(told.news(both).resources, both.slice(1));
});
