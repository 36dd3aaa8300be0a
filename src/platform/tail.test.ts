import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readTail } from './tail.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-tail-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'log');

for (const { name, bytesMax, is } of [
  {
    name: 'a log that is short enough is whole',
    bytesMax: 100,
    is: { text: 'one\ntwo\n', whole: true },
  },
  { name: 'of a longer one come whole lines', bytesMax: 6, is: { text: 'two\n', whole: false } },
  { name: 'an end without a whole line is none', bytesMax: 3, is: { text: '', whole: false } },
])
  test(name, async () => {
    writeFileSync(path, 'one\ntwo\n');
    assert.deepEqual(await readTail(path, bytesMax), is);
  });

test('no log is none, and a folder is refused', async () => {
  assert.equal(await readTail(join(folder, 'missing'), 10), undefined);
  await assert.rejects(readTail(folder, 10), { code: 'EISDIR' });
});
