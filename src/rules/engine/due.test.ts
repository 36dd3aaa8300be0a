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

test('what is due at one moment comes by name, whatever was set first', () => {
  const names = fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 8 });
  fc.assert(
    fc.property(names, (all) => {
      const named = all.map((name) => ({ name, due: undefined, place: -1 }));
      const queue = new DueQueue<DueEntry & { readonly name: string }>(({ name }) => name);
      for (const entry of named) queue.set(entry, 7);
      const came: string[] = [];
      for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
        came.push(next.name);
        queue.set(next, undefined);
      }
      assert.deepEqual(came, [...all].sort());
    }),
  );
});
