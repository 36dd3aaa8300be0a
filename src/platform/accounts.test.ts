import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { groupId, userName } from './accounts.ts';

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

test('a user has the name of the first row with the number', () => {
  assert.equal(userName(0), 'root');
  assert.equal(userName(1000, passwd), 'ann');
  assert.equal(userName(1001, passwd), undefined);
});

test('without the files nobody has a name', () => {
  assert.equal(groupId('root', join(home, 'none')), undefined);
  assert.equal(userName(0, home), undefined);
});
