import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lastWords, lookOf, parseStatfs, usedRatioOf } from './statfs.ts';

test('statfs: figures as df has them, and nothing of what makes no sense', () => {
  assert.deepEqual(parseStatfs('1000 400 350 4096 100 25\n'), {
    sizeBytes: 4_096_000,
    usedBytes: 2_457_600,
    availableBytes: 1_433_600,
    inodesUsedRatio: 0.75,
  });
  assert.equal(parseStatfs('1000 400 350 4096 0 0')?.inodesUsedRatio, null);
  for (const bad of [
    '',
    '0 0 0 4096 0 0',
    '1 2 3',
    '10 20 5 512 0 0',
    '1 1 1 1 1 x',
    '-1 0 0 1 1 1',
  ])
    assert.equal(parseStatfs(bad), undefined, bad);
  assert.equal(lastWords("stat: cannot read … '/a: b': Stale file handle\n"), 'Stale file handle');
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 6, maxLength: 6 }), (numbers) => {
      const figures = parseStatfs(numbers.join(' '));
      if (figures) assert.ok(figures.usedBytes >= 0 && figures.usedBytes <= figures.sizeBytes);
    }),
  );
});

test('the used share leaves out what is reserved, and of nothing all is used', () => {
  const figures = { sizeBytes: 1000, inodesUsedRatio: null };
  assert.equal(usedRatioOf({ ...figures, usedBytes: 600, availableBytes: 300 }), 600 / 900);
  assert.equal(usedRatioOf({ ...figures, usedBytes: 0, availableBytes: 0 }), 1);
});

const ended = (exitStatus: number, stdout: string, stderr: string) =>
  lookOf({ type: 'ended', exitStatus, signal: null, stdout, stderr, truncated: false }).type;
const said = (why: string): string => `stat: cannot read file system information for '/a': ${why}`;

test('a place is missing only where the kernel says so; an error of the medium is no doubt', () => {
  assert.equal(ended(0, '1000 400 350 4096 100 25\n', ''), 'figures');
  assert.equal(ended(0, '0 0 0 0 0 0', ''), 'unknown');
  assert.equal(ended(1, '', said('No such file or directory')), 'missing');
  assert.equal(ended(1, '', said('Permission denied')), 'unknown');
  for (const why of [
    'Input/output error',
    'Stale file handle',
    'Transport endpoint is not connected',
  ])
    assert.equal(ended(1, '', said(why)), 'unreachable', why);
  assert.equal(lookOf({ type: 'timeout' }).type, 'unreachable');
  assert.equal(lookOf({ type: 'busy', since: 0, stuck: true }).type, 'unreachable');
  assert.equal(lookOf({ type: 'busy', since: 0, stuck: false }).type, 'unknown');
  assert.equal(lookOf({ type: 'missing', why: 'ENOENT' }).type, 'unknown');
});
