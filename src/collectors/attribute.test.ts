/** One fact of a real file, whatever the file holds. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { isUnreadable } from '../domain/reading.ts';
import { systemFiles } from '../platform/files.ts';
import { readFlag, readNumber, readWord } from './attribute.ts';

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .constantFrom(
      '',
      '\n',
      '-1\n',
      '0x1f\n',
      '-0x1f',
      '9'.repeat(30),
      '9'.repeat(400),
      `0x${'f'.repeat(400)}`,
      `-${'9'.repeat(400)}`,
      'x'.repeat(4096),
      '1 2',
      '1e9',
      'NaN',
      'Infinity',
      '\u0000'.repeat(8),
      '[key]\n',
    )
    .map((text) => Buffer.from(text)),
);

test('whatever an attribute holds, it is a number that is one, unreadable with the path, or nothing', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-attribute-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'attribute');
  fc.assert(
    fc.property(bytes, (held) => {
      writeFileSync(path, held);
      const number = readNumber(systemFiles, path);
      if (isUnreadable(number)) assert.ok(number.unreadable.startsWith(path));
      else assert.ok(number === null || Number.isFinite(number), String(number));
      const flag = readFlag(systemFiles, path);
      assert.ok(flag === null || isUnreadable(flag) || typeof flag === 'boolean');
      const word = readWord(systemFiles, path);
      assert.ok(word === null || (typeof word === 'string' && word.isWellFormed()));
    }),
  );
});
