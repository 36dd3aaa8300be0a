import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemFiles } from './files.ts';

const home = mkdtempSync(join(tmpdir(), 'tocsin-files-'));
after(() => rmSync(home, { recursive: true }));
const at = (name: string): string => join(home, name);

test('text is read, also of /proc, which says its files are empty', () => {
  writeFileSync(at('text'), 'ä'.repeat(100_000));
  assert.equal(systemFiles.readText(at('text')), 'ä'.repeat(100_000));
  assert.match(systemFiles.readText('/proc/self/stat') ?? '', /^\d+ /);
});

test('what is not there is undefined', () => {
  writeFileSync(at('file'), '');
  for (const path of [at('none'), at('file/below')]) {
    assert.equal(systemFiles.readText(path), undefined);
    assert.equal(systemFiles.list(path), undefined);
    assert.equal(systemFiles.readLink(path), undefined);
  }
  assert.equal(systemFiles.readLink(at('file')), undefined);
});

test('what is there and cannot be read throws, with the code', () => {
  mkdirSync(at('folder'), { recursive: true });
  assert.throws(() => systemFiles.readText(at('folder')), { code: 'EISDIR' });
  symlinkSync('loop', at('loop'));
  assert.throws(() => systemFiles.list(at('loop')), { code: 'ELOOP' });
});

test('a file larger than the limit is refused, and takes no memory of its size', () => {
  writeFileSync(at('huge'), '');
  truncateSync(at('huge'), 2 ** 33);
  assert.throws(() => systemFiles.readText(at('huge')), { code: 'EFBIG' });
});

test('a FIFO that nobody writes to is empty and does not hang', () => {
  execFileSync('mkfifo', [at('fifo')]);
  assert.equal(systemFiles.readText(at('fifo')), '');
});

test('a folder is listed in name order, each entry with its type', () => {
  mkdirSync(at('list/b'), { recursive: true });
  writeFileSync(at('list/c'), '');
  writeFileSync(at('list/B'), '');
  symlinkSync('/dev/null', at('list/a'));
  execFileSync('mkfifo', [at('list/d')]);
  assert.deepEqual(systemFiles.list(at('list')), [
    { name: 'B', type: 'file' },
    { name: 'a', type: 'link' },
    { name: 'b', type: 'directory' },
    { name: 'c', type: 'file' },
    { name: 'd', type: 'other' },
  ]);
  assert.equal(systemFiles.readLink(at('list/a')), '/dev/null');
});
