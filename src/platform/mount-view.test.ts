import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWritableIn } from './mount-view.ts';

const root = '25 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro';
const state = (own: string, system: string): string =>
  `40 25 8:2 / /var/lib/tocsin ${own},relatime shared:2 - ext4 /dev/sda2 ${system},errors=remount-ro`;

const cases: readonly (readonly [name: string, lines: readonly string[], writable: boolean])[] = [
  ['is that of the root where nothing else is mounted', [root], true],
  ['is its own', [root, state('rw', 'rw')], true],
  ['takes no writing when the mount does not', [root, state('ro', 'rw')], false],
  ['takes no writing when the file system does not', [root, state('rw', 'ro')], false],
  ['is the one that lies above', [root, state('ro', 'rw'), state('rw', 'rw')], true],
  [
    'is not that of a name with the same beginning',
    [root, state('ro', 'ro').replace('tocsin ', 'toc ')],
    true,
  ],
  ['is unknown, so not writable, without any line', [], false],
];
for (const [name, lines, writable] of cases)
  test(`the mount of a folder ${name}`, () => {
    assert.equal(isWritableIn(lines.join('\n'), '/var/lib/tocsin'), writable);
  });

test('blanks in a mount point are read', () => {
  const line = '40 25 8:2 / /a\\040b ro - ext4 /dev/sda2 rw';
  assert.equal(isWritableIn([root, line].join('\n'), '/a b/c'), false);
});
