import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { groupId, userId } from './accounts.ts';

const home = mkdtempSync(join(tmpdir(), 'tocsin-accounts-'));
after(() => rmSync(home, { recursive: true }));
const group = join(home, 'group');
const passwd = join(home, 'passwd');
writeFileSync(group, 'root:x:0:\nadm:x:4:ann,bob\n+:::\nempty:x::\nodd:x:12x:\n');
writeFileSync(passwd, 'root:x:0:0:root:/root:/bin/sh\n+:::::\nann:x:1000:1000::/home/ann:\n');

test('a group has the number that the file gives it', () => {
  assert.equal(groupId('root'), 0);
  assert.equal(groupId('adm', group), 4);
});

test('a group without a proper number is none, and never root', () => {
  for (const name of ['no', '+', 'empty', 'odd', '']) {
    assert.equal(groupId(name, group), undefined);
  }
});

test('a user has the number that the file gives him, and never that of root by mistake', () => {
  assert.equal(userId('root'), 0);
  assert.equal(userId('ann', passwd), 1000);
  for (const name of ['bob', '+', '']) assert.equal(userId(name, passwd), undefined);
});

test('without the files nobody has a number', () => {
  assert.equal(groupId('root', join(home, 'none')), undefined);
  assert.equal(userId('root', home), undefined);
});
