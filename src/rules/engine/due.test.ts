import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DueEntry, DueQueue } from './due.ts';

test('whatever is set, moved and taken out, the earliest is at the head', () => {
  const moves = fc.array(fc.tuple(fc.nat(9), fc.option(fc.nat(50), { nil: undefined })));
  fc.assert(
    fc.property(moves, (story) => {
      const queue = new DueQueue();
      const entries: DueEntry[] = Array.from({ length: 10 }, () => ({ due: undefined, place: -1 }));
      for (const [i, due] of story) {
        const entry = entries[i];
        if (entry) queue.set(entry, due);
        const dues = entries.flatMap(({ due }) => due ?? []);
        assert.equal(queue.peek()?.due, dues.length === 0 ? undefined : Math.min(...dues));
      }
    }),
  );
});
