import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from './turns.ts';

test('a flood of work leaves each turn of the loop its time, and keeps its order', async () => {
  const turns = new Turns();
  const done: number[] = [];
  for (let i = 0; i < 100; i++) turns.add(() => void done.push(i));
  assert.equal(done.length, 0);
  let most = 0;
  while (done.length < 100) {
    const before = done.length;
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, done.length - before);
  }
  assert.deepEqual(
    done,
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.ok(most <= 8, `${most} in one turn`);
});
