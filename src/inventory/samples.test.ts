import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { complete, partial, type ResourceReading, unreadable } from '../domain/reading.ts';
import { hours, minutes, seconds } from '../domain/time.ts';
import { createInventory } from './create.ts';

const t0 = 1_000_000;
const unit = (id: string, attributes: ResourceReading['attributes'] = {}): ResourceReading => ({
  kind: 'test.unit',
  id,
  attributes,
});
const ref = (id: string) => ({ kind: 'test.unit', id });

describe('the past', () => {
  const play = (values: readonly number[], spacing: number, limits = {}) => {
    const inventory = createInventory(limits);
    values.forEach((x, i) => {
      inventory.apply('c', partial([unit('a', { x })]), t0 + i * spacing);
    });
    return inventory;
  };

  test('of a number that never changed there are its first reading and its last', () => {
    const { past } = play([5, 5, 5], minutes(1));
    assert.deepEqual(past(ref('a'), 'x'), [
      { at: t0, value: 5 },
      { at: t0 + minutes(2), value: 5 },
    ]);
  });

  test('changes are kept, and the current value comes last', () => {
    const { past } = play([1, 2, 2, 4, 4], minutes(1));
    assert.deepEqual(past(ref('a'), 'x'), [
      { at: t0, value: 1 },
      { at: t0 + minutes(1), value: 2 },
      { at: t0 + minutes(3), value: 4 },
      { at: t0 + minutes(4), value: 4 },
    ]);
  });

  test('there is none of words, of what was never read, and of what is gone', () => {
    const inventory = createInventory();
    inventory.apply('c', complete([unit('a', { word: 'x', x: 1 })]), t0);
    assert.deepEqual(inventory.past(ref('a'), 'word'), []);
    assert.deepEqual(inventory.past(ref('a'), 'never'), []);
    inventory.apply('c', complete([unit('a', { x: 2 })]), t0 + 1);
    inventory.apply('c', complete([]), t0 + 2);
    assert.deepEqual(inventory.past(ref('a'), 'x'), []);
    inventory.apply('c', complete([unit('a', { x: 3 })]), t0 + 3);
    assert.deepEqual(inventory.past(ref('a'), 'x'), [{ at: t0 + 3, value: 3 }]);
  });

  test('an unreadable number adds no sample', () => {
    const inventory = createInventory();
    for (const x of [1, 2, unreadable('EIO'), 2]) {
      inventory.apply('c', partial([unit('a', { x })]), t0);
    }
    assert.deepEqual(
      inventory.past(ref('a'), 'x').map(({ value }) => value),
      [1, 2, 2],
    );
  });

  test('a number that changes each second for a day can be seen from its first hour on', () => {
    const seen = play(
      Array.from({ length: 86_400 }, (_, i) => i),
      seconds(1),
    ).past(ref('a'), 'x');
    assert.ok(seen.length <= 720, `${seen.length} samples`);
    assert.ok((seen[0]?.at ?? Infinity) <= t0 + minutes(5));
    assert.deepEqual(seen.at(-1), { at: t0 + seconds(86_399), value: 86_399 });
    for (const { at, value } of seen) assert.equal(value, (at - t0) / 1000);
    for (let i = 1; i < seen.length; i++) {
      assert.ok((seen[i]?.at ?? 0) > (seen[i - 1]?.at ?? 0), 'oldest first');
    }
  });

  test('nothing older than pastMax is shown', () => {
    const { past } = play([1, 2, 3, 4], hours(1), { pastMax: hours(2) });
    assert.equal(past(ref('a'), 'x')[0]?.at, t0 + hours(1));
  });

  test('talkative resources share a bounded ring', () => {
    const inventory = createInventory({ samplesPerAttributeMax: 100 });
    for (let i = 0; i < 1000; i++) {
      inventory.apply('c', partial([unit(`u${i % 10}`, { x: i })]), t0 + i);
    }
    const counts = Array.from({ length: 10 }, (_, i) => inventory.past(ref(`u${i}`), 'x').length);
    assert.ok(
      counts.every((count) => count >= 2 && count <= 12),
      counts.join(),
    );
  });

  test('it moves with the clock', () => {
    const inventory = play([1, 2], minutes(1));
    inventory.clockStepped(hours(-5));
    assert.equal(inventory.past(ref('a'), 'x')[0]?.at, t0 - hours(5));
  });
});
