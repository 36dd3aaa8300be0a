import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  absent,
  complete,
  type Event,
  failed,
  partial,
  type ResourceReading,
  unreadable,
} from '../domain/reading.ts';
import type { Difference } from '../domain/resource.ts';
import { createInventory } from './create.ts';

const t0 = 1_000_000;
const unit = (id: string, attributes: ResourceReading['attributes'] = {}): ResourceReading => ({
  kind: 'test.unit',
  id,
  attributes,
});
const ref = (id: string) => ({ kind: 'test.unit', id });
const crashed = (key: string): Event => ({
  ...ref('a'),
  event: 'crashed',
  at: t0,
  foundBy: 'signal',
  attributes: {},
  key,
});
const told = (differences: readonly Difference[]): string[] =>
  differences.map((difference) => {
    if (difference.type === 'happened') return `happened ${difference.event.key}`;
    const more = difference.type === 'changed' ? ` ${difference.changed.join()}` : '';
    return `${difference.type} ${difference.resource.id}${more}`;
  });

describe('complete readings', () => {
  test('what is named appears, what is missing is gone', () => {
    const inventory = createInventory();
    assert.deepEqual(told(inventory.apply('c', complete([unit('a'), unit('b')]), t0)), [
      'appeared a',
      'appeared b',
    ]);
    const differences = inventory.apply('c', complete([unit('b')]), t0 + 1);
    assert.deepEqual(told(differences), ['gone a']);
    assert.equal(differences[0]?.type === 'gone' && differences[0].absent, undefined);
    assert.equal(inventory.find(ref('a')), undefined);
  });

  test('the resources of other collectors are not touched', () => {
    const inventory = createInventory();
    inventory.apply('one', complete([unit('a')]), t0);
    assert.deepEqual(told(inventory.apply('two', complete([unit('b')]), t0)), ['appeared b']);
    assert.deepEqual(told(inventory.apply('two', complete([]), t0)), ['gone b']);
    assert.deepEqual(
      inventory.list().map(({ id }) => id),
      ['a'],
    );
  });

  test('what a partial reading told is gone when the next look does not find it', () => {
    const inventory = createInventory();
    inventory.apply('c', complete([]), t0);
    inventory.apply('c', partial([unit('a')]), t0);
    assert.deepEqual(told(inventory.apply('c', complete([]), t0)), ['gone a']);
  });
});

describe('differences', () => {
  test('a reading that changes nothing makes none, but was read', () => {
    const inventory = createInventory();
    const attributes = { x: 1, word: 'a', none: null, bad: unreadable('EIO'), odd: Number.NaN };
    inventory.apply('c', complete([unit('a', attributes)]), t0);
    const again = { ...attributes, bad: unreadable('EIO') };
    assert.deepEqual(inventory.apply('c', complete([unit('a', again)]), t0 + 9), []);
    assert.equal(inventory.find(ref('a'))?.readAt, t0 + 9);
    assert.equal(inventory.find(ref('a'))?.changedAt, t0);
  });

  test('what is left out stays, and only what changed is named', () => {
    const inventory = createInventory();
    inventory.apply('c', complete([unit('a', { x: 1, y: 2 })]), t0);
    const read = { ...unit('a', { y: 3 }), at: t0 + 4 };
    const [difference] = inventory.apply('c', partial([read]), t0 + 5);
    assert.deepEqual(told(difference ? [difference] : []), ['changed a y']);
    const resource = inventory.find(ref('a'));
    assert.deepEqual(resource?.attributes, { x: 1, y: 3 });
    assert.equal(resource?.changedAt, t0 + 4, 'the time at the source');
    assert.deepEqual(difference?.type === 'changed' && difference.before.attributes, {
      x: 1,
      y: 2,
    });
  });

  test('two readings of one resource in one batch are two differences, in order', () => {
    const inventory = createInventory();
    const states = partial([unit('a', { s: 'failed' }), unit('a', { s: 'active' })]);
    assert.deepEqual(told(inventory.apply('c', states, t0)), ['appeared a', 'changed a s']);
  });

  test('failed is no difference; absent takes all of the collector, and says so', () => {
    const inventory = createInventory();
    inventory.apply('c', complete([unit('a')]), t0);
    inventory.apply('other', complete([unit('b')]), t0);
    assert.deepEqual(inventory.apply('c', failed('timeout'), t0), []);
    const [gone, ...rest] = inventory.apply('c', absent('no SCST here'), t0 + 1);
    assert.deepEqual(rest, []);
    assert.deepEqual(gone?.type === 'gone' && [gone.why, gone.absent], ['no SCST here', true]);
  });

  test('something announced as gone twice goes once', () => {
    const inventory = createInventory();
    inventory.apply('c', complete([unit('a')]), t0);
    const reading = partial([], { gone: [ref('a'), ref('a'), ref('never-seen')] });
    assert.deepEqual(told(inventory.apply('c', reading, t0)), ['gone a']);
  });
});

describe('events', () => {
  test('a second report of one happening is dropped', () => {
    const inventory = createInventory();
    const twice = partial([], { events: [crashed('1'), crashed('1'), crashed('2')] });
    assert.deepEqual(told(inventory.apply('c', twice, t0)), ['happened 1', 'happened 2']);
    assert.deepEqual(inventory.apply('journal', partial([], { events: [crashed('2')] }), t0), []);
  });

  test('events come after the resources of their reading and know them', () => {
    const inventory = createInventory();
    const reading = partial([unit('a', { x: 1 })], { events: [crashed('1')] });
    const [, event] = inventory.apply('c', reading, t0);
    assert.equal(event?.type === 'happened' && event.resource?.attributes.x, 1);
  });

  test('only the newest keys are remembered', () => {
    const inventory = createInventory({ eventKeysMax: 2 });
    const keys = ['1', '2', '3', '1'];
    const reading = partial([], { events: keys.map(crashed) });
    assert.equal(inventory.apply('c', reading, t0).length, 4);
  });
});

describe('stale', () => {
  test('all of a collector are stale once, and reading one makes it fresh', () => {
    const inventory = createInventory();
    inventory.apply('c', complete([unit('a', { x: 1 }), unit('b')]), t0);
    assert.deepEqual(told(inventory.markStale('c', 'bus lost', t0 + 1)), ['stale a', 'stale b']);
    assert.deepEqual(inventory.markStale('c', 'bus lost', t0 + 2), []);
    assert.equal(inventory.find(ref('a'))?.staleSince, t0 + 1);
    const differences = inventory.apply('c', partial([unit('a', { x: 2 })]), t0 + 3);
    assert.deepEqual(told(differences), ['changed a x', 'fresh a']);
    assert.deepEqual(told(inventory.markFresh('c', t0 + 4)), ['fresh b']);
  });
});

describe('limits', () => {
  test('resources beyond resourcesMax are left out and counted', () => {
    const inventory = createInventory({ resourcesMax: 2 });
    const three = complete([unit('a'), unit('b'), unit('c')]);
    assert.equal(inventory.apply('c', three, t0).length, 2);
    assert.equal(inventory.leftOut(), 1);
    inventory.apply('c', complete([unit('a'), unit('b')]), t0);
    assert.equal(inventory.leftOut(), 0);
  });
});
