import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kept } from './kept.ts';

function shelf(text?: string) {
  const saves: string[] = [];
  const saveCursor = (name: string, value: string): void => void saves.push(`${name} ${value}`);
  return { saves, kept: new Kept({ cursor: () => text, saveCursor }, 'seen') };
}

test('what is kept is written when it differs, and only then', () => {
  const { saves, kept } = shelf('{"a":1}');
  assert.deepEqual(kept.read(), { a: 1 });
  kept.write({ a: 1 });
  kept.write({ a: 2 });
  kept.write({ a: 2 });
  assert.deepEqual(saves, ['seen {"a":2}']);
  assert.deepEqual(kept.read(), { a: 2 });
});

test('nothing, and a text that is torn, are nothing', () => {
  assert.equal(shelf().kept.read(), undefined);
  assert.equal(shelf('{"a":').kept.read(), undefined);
  assert.equal(shelf('').kept.read(), undefined);
});
