import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionRow, tokenRow, Unsaved } from './unsaved.ts';

test('what could not be written, whatever the reason, is written with the next', async () => {
  const written: string[] = [];
  const ends: (() => string | null)[] = [
    () => 'full',
    () => {
      throw new Error('a bug');
    },
    () => null,
  ];
  const unsaved = new Unsaved({
    async save(rows) {
      const why = ends.shift()?.() ?? null;
      if (why === null) written.push(...rows.map(({ type }) => type));
      return why;
    },
    tokenRow: (id) => tokenRow(id, undefined),
    sessionRow: (id) => sessionRow(id, undefined),
  });
  unsaved.addToken('a');
  unsaved.addSession('b');
  assert.equal(await unsaved.flush(), 'full');
  await assert.rejects(unsaved.flush(), /a bug/);
  assert.deepEqual(written, []);
  assert.equal(await unsaved.flush(), null);
  assert.deepEqual(written, ['token-gone', 'session-gone']);
  assert.equal(await unsaved.flush(), null);
  assert.equal(written.length, 2);
});
