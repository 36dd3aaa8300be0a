/** scst.conf: every form that scstadmin writes, what is refused and in which line, and noise. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConf } from './conf.ts';
import { type Declared, readDeclared } from './declared.ts';

const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');

const good = (text: string): Declared => {
  const read = readDeclared(text);
  if ('flaw' in read) throw new Error(`${read.flaw.line}: ${read.flaw.why}`);
  return read.declared;
};

test('a saved configuration declares what it exports, without copy_manager', () => {
  const { drivers, targets, luns, devices, groups } = good(fixture('scst-vi.conf'));
  assert.deepEqual(
    [...drivers].map(([name, { enabled, targets: n }]) => [name, enabled, n]),
    [
      ['iscsi', true, 2],
      ['scst_local', undefined, 2],
    ],
  );
  assert.deepEqual(
    [...targets].map(([id, { enabled, luns: n }]) => [id, enabled, n]),
    [
      ['iscsi/iqn.2024-01.com.example:backup1', true, 6],
      ['iscsi/iqn.2024-01.com.example:vtl', true, 3],
      ['scst_local/local2', undefined, 0],
      ['scst_local/scst_local_tgt', undefined, 2],
    ],
  );
  assert.equal(luns.get('iscsi/iqn.2024-01.com.example:backup1/allowed/5')?.device, 'null1');
  assert.equal(luns.get('iscsi/iqn.2024-01.com.example:vtl/1')?.device, '5:0:1:0');
  assert.equal(luns.size, 11);
  assert.equal(devices.get('5:0:3:0')?.handler, 'dev_tape_perf');
  assert.deepEqual(
    [...groups].map(([id, { state }]) => [id, state]),
    [
      ['dg1/tg_local', 'active'],
      ['dg1/tg_remote', 'active'],
    ],
  );
});

test('quoted words, comments, escapes and braces may stand where scstadmin takes them', () => {
  const declared = good(
    `# head
HANDLER vdisk_fileio { # behind
  DEVICE "disk one" { filename "/srv/a { b.img" # }
    read_only 1 }
  DEVICE disk\\#2 {
  }
  DEVICE plain
}
TARGET_DRIVER iscsi {
  IncomingUser "joe 12charsecret"
  IncomingUser "jim # secret"
  enabled 1
  TARGET iqn.a:b { LUN 0 "disk one" { read_only 1 }
    LUN 007 plain
    GROUP g { LUN 1 plain
      INITIATOR iqn.*
      INITIATOR "iqn.b#c"
    }
  }
}`,
  );
  assert.deepEqual([...declared.devices.keys()], ['disk one', 'disk#2', 'plain']);
  assert.deepEqual(
    [...declared.devices.values()].map(({ readOnly }) => readOnly),
    [true, false, false],
  );
  assert.deepEqual(
    [...declared.luns.keys()],
    ['iscsi/iqn.a:b/0', 'iscsi/iqn.a:b/7', 'iscsi/iqn.a:b/g/1'],
  );
  assert.equal(declared.drivers.get('iscsi')?.enabled, true);
});

const flaws: readonly (readonly [name: string, text: string, line: number, why: string])[] = [
  ['a block that never ends', 'HANDLER a {\n  DEVICE b {\n  }\n', 1, 'this { is never closed'],
  ['one brace too many', 'HANDLER a {\n}\n}\n', 3, 'a } without a {'],
  ['a brace without a word', '\n{\n}', 2, 'a { without a word before it'],
  ['a quote that stays open', 'HANDLER "a {\n}', 1, 'a " that is not closed on its line'],
  ['a backslash at the end', 'a\n\\', 2, 'a \\ at the end of a line'],
  [
    'a LUN that is no number',
    'TARGET_DRIVER i {\nTARGET t {\nLUN x d\n}\n}',
    3,
    'LUN "x" is not a number',
  ],
  [
    'a LUN without a device',
    'TARGET_DRIVER i {\nTARGET t {\nLUN 1\n}\n}',
    3,
    'LUN 1 without a device',
  ],
  ['a device without a name', 'HANDLER h {\n\nDEVICE {\n}\n}', 3, 'DEVICE without a name'],
  [
    'a flag that is none',
    'TARGET_DRIVER i {\nenabled yes\n}',
    2,
    'enabled must be 0 or 1, not "yes"',
  ],
  [
    'a slip',
    'TARGET_DRIVER i {\n\tTARGTE t {\n}\n}',
    2,
    'TARGTE is not a word of scst.conf (did you mean TARGET?)',
  ],
  ['a word in the wrong place', 'HANDLER h {\nLUN 0 d\n}', 2, 'LUN does not belong in HANDLER'],
  ['a word at the top', 'LUN 0 d', 1, 'LUN does not belong at the top'],
  [
    'an attribute with a block',
    'TARGET_DRIVER i {\nenabled {\n}\n}',
    2,
    'the attribute enabled cannot have a { block',
  ],
  [
    'the old format',
    '[HANDLER vdisk]\nDEVICE a',
    1,
    'sections in [ ] are of scstadmin before version 2',
  ],
  ['too deep', 'a {\n'.repeat(9), 9, 'more than 8 levels of {'],
];
for (const [name, text, line, why] of flaws) {
  test(`refused with its line: ${name}`, () => {
    assert.deepEqual(readDeclared(text), { flaw: { line, why } });
  });
}

test('nothing, and comments alone, declare nothing', () => {
  for (const text of ['', '\n\n', '# only this', '\r\n']) assert.equal(good(text).targets.size, 0);
});

const piece = fc.constantFrom(
  'HANDLER',
  'DEVICE',
  'TARGET_DRIVER',
  'TARGET',
  'LUN',
  'GROUP',
  'INITIATOR',
  'DEVICE_GROUP',
  'TARGET_GROUP',
  'enabled',
  '{',
  '}',
  '\n',
  ' ',
  '"',
  '\\',
  '#',
  '0',
  'a',
  '\u0000',
  '[',
  'ü',
);
test('no text makes it throw, and a flaw has a line of the text', () => {
  const noise = fc.oneof(
    fc.array(piece, { maxLength: 60 }).map((all) => all.join(' ')),
    fc.string(),
  );
  fc.assert(
    fc.property(noise, (text) => {
      const read = readDeclared(text);
      if (!('flaw' in read)) return;
      assert.ok(read.flaw.line >= 1 && read.flaw.line <= text.split('\n').length);
      assert.notEqual(read.flaw.why, '');
    }),
  );
});

test('a saved configuration cut at any place is refused or shorter, and nothing else', () => {
  const text = fixture('scst-ii.conf');
  const all = good(text).luns.size;
  for (let end = 0; end < text.length; end += 7) {
    const read = readDeclared(text.slice(0, end));
    if (!('flaw' in read)) assert.ok(read.declared.luns.size <= all);
  }
});

test('5,000 LUNs are read in a moment', () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `LUN ${i} disk${i} {\nread_only 0\n}`);
  const text = `TARGET_DRIVER iscsi {\nTARGET t {\n${lines.join('\n')}\n}\n}`;
  const parsed = parseConf(text);
  assert.ok('statements' in parsed);
  assert.equal(good(text).luns.size, 5000);
});
