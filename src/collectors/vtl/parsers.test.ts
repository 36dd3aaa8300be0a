/** The settings of mhvtl: real files give exact figures, broken ones complaints with their line. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { renderVtlComplaint, summarizeComplaints } from './complaint.ts';
import { parseDeviceConf } from './device-conf.ts';
import { isCleaning, parseLibraryContents } from './library-contents.ts';
import { parseCartridges } from './media.ts';
import { parseMhvtlConf } from './mhvtl-conf.ts';

const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');

test('the real device.conf declares two libraries and eight drives', () => {
  const { libraries, drives, complaints } = parseDeviceConf('d', fixture('device.conf'));
  assert.deepEqual(complaints, []);
  assert.deepEqual(
    libraries.map(({ id, place, vendor, model, serial, home, persist }) =>
      [id, place, vendor, model, serial, home, persist].join(' '),
    ),
    ['10 0:0:0 STK L700 XYZZY_A /opt/mhvtl false', '30 0:8:0 STK L80 XYZZY_B /opt/mhvtl false'],
  );
  assert.deepEqual(
    drives.map(({ id, place, model, serial, library, slot }) =>
      [id, place, model, serial, library, slot].join(' '),
    ),
    [
      '11 0:1:0 ULT3580-TD8 XYZZY_A1 10 1',
      '12 0:2:0 ULT3580-TD8 XYZZY_A2 10 2',
      '13 0:3:0 ULT3580-TD6 XYZZY_A3 10 3',
      '14 0:4:0 ULT3580-TD6 XYZZY_A4 10 4',
      '31 0:9:0 T10000B XYZZY_B1 30 1',
      '32 0:10:0 T10000B XYZZY_B2 30 2',
      '33 0:11:0 T10000B XYZZY_B3 30 3',
      '34 0:12:0 T10000B XYZZY_B4 30 4',
    ],
  );
});

const figures = (name: string) => {
  const listed = parseLibraryContents('c', fixture(name));
  assert.deepEqual(listed.complaints, []);
  const cleaning = listed.cartridges.filter(isCleaning).map(({ barcode }) => barcode);
  const tapes = listed.cartridges.length - cleaning.length;
  return [listed.drives, listed.slots, listed.mailSlots, tapes, cleaning.join(' ')];
};

test('the real contents have the slots and tapes that mtx showed', () => {
  // tape/fixtures/commands.txt: 4 drives, 43 slots, 4 of these import and export.
  assert.deepEqual(figures('library_contents.10'), [4, 39, 4, 30, 'CLN101L8 CLN102L6']);
  assert.deepEqual(figures('library_contents.30'), [4, 40, 4, 39, 'CLN303TA']);
});

test('the real mhvtl.conf names the home and 500 megabytes for each tape', () => {
  const { home, capacityBytes, complaints } = parseMhvtlConf('m', fixture('mhvtl.conf'));
  assert.deepEqual([home, capacityBytes, complaints], ['/opt/mhvtl', 524_288_000, []]);
});

const brokenDevices: readonly [name: string, text: string, complaints: readonly string[]][] = [
  ['a comment and an old version are fine', '# x\nVERSION: 4\n\n', []],
  [
    'a head without a number',
    'Library: x CHANNEL: 0 TARGET: 0 LUN: 0\n Vendor identification: STK\n',
    [
      'd:1: expected "Library: ID CHANNEL: c TARGET: t LUN: l", found "Library: x CHANNEL: 0 TARGET: 0 LUN: 0"',
    ],
  ],
  ['a head without a place', 'Drive: 11\n', ['d:1: expected "CHANNEL: c TARGET: t LUN: l"']],
  [
    'an attribute behind a blank line',
    'Drive: 11 CHANNEL: 0 TARGET: 1 LUN: 0\n\n Vendor identification: IBM\n',
    ['d:3: "Vendor identification: IBM" belongs to no library or drive'],
  ],
  [
    'attributes that say nothing',
    'Library: 1 CHANNEL: 0 TARGET: 1 LUN: 0\n what\n PERSIST: maybe\n Home directory: opt\n Library ID: 1\n',
    [
      'd:2: expected "NAME: VALUE", found "what"',
      'd:3: PERSIST is "maybe", and must be True or False',
      'd:4: home directory "opt" is no absolute path',
      'd:5: expected "Library ID: NUMBER Slot: NUMBER"',
    ],
  ],
  [
    'a number twice, over both types',
    'Library: 10 CHANNEL: 0 TARGET: 0 LUN: 0\n\nDrive: 010 CHANNEL: 0 TARGET: 1 LUN: 0\n',
    ['d:3: number 10 is used in line 1 already'],
  ],
  [
    'a record in the wrong column',
    ' Drive: 11\n',
    ['d:1: "Drive: 11" belongs to no library or drive'],
  ],
  [
    'something else',
    'Tape: 3\n fifo: /x\n',
    ['d:1: expected "Library: ID CHANNEL: c TARGET: t LUN: l", found "Tape: 3"'],
  ],
];
for (const [name, text, expected] of brokenDevices) {
  test(`device.conf: ${name}`, () => {
    const { complaints } = parseDeviceConf('d', text);
    assert.deepEqual(complaints.map(renderVtlComplaint), expected);
  });
}

test('a broken record leaves the others as they are', () => {
  const text = fixture('device.conf').replace('Drive: 12 CHANNEL', 'Drive: twelve CHANNEL');
  const { libraries, drives, complaints } = parseDeviceConf('d', text);
  assert.deepEqual([libraries.length, drives.length, complaints.length], [2, 7, 1]);
});

test('attributes of newer versions, tabs and carriage returns are read', () => {
  const text =
    'Library: 10 CHANNEL: 00 TARGET: 00 LUN: 00\r\n\tmovecommand: /bin/x\r\n\tHome directory: /srv/a//\r\n PERSIST: True\r\n';
  const { libraries, complaints } = parseDeviceConf('d', text);
  assert.deepEqual(complaints, []);
  assert.deepEqual([libraries[0]?.home, libraries[0]?.persist], ['/srv/a', true]);
});

test('contents: what is broken is told by its line, and the rest is counted', () => {
  const text = [
    'VERSION: 2',
    'Slot 1: E01001L8',
    'Slot 2: E01001L8',
    'Slot 2: E01002L8',
    'Slot 0: E01003L8',
    'Slot three: E01004L8',
    'Slot 99999: E01005L8',
    'Slot 7: two words',
    'MAP 1: NOBAR1',
    'Picker 1: W01001L8',
    '  Slot 12:',
    `Slot 9: ${'X'.repeat(33)}`,
    'Slot 8: ../x',
  ].join('\n');
  const { complaints, slots, mailSlots, cartridges } = parseLibraryContents('c', text);
  assert.deepEqual(complaints.map(renderVtlComplaint), [
    'c:3: barcode E01001L8 is in line 2 already',
    'c:4: Slot 2 is in line 3 already',
    'c:5: Slot 0: the number must be 1 to 65535',
    'c:6: expected "Slot N: BARCODE", or Drive, Picker or MAP, not "Slot three: E01004L8"',
    'c:7: Slot 99999: the number must be 1 to 65535',
    'c:8: "two words" is no barcode',
    `c:12: barcode "${'X'.repeat(33)}" is longer than 32 characters`,
    'c:13: "../x" is no barcode',
  ]);
  assert.deepEqual([slots, mailSlots], [12, 1]);
  assert.deepEqual(
    cartridges.map(({ barcode, place }) => `${place} ${barcode}`),
    ['Slot 1 E01001L8', 'MAP 1 NOBAR1', 'Picker 1 W01001L8'],
  );
});

test('mhvtl.conf: quotes and exports are read, what cannot be is told', () => {
  const text =
    'export MHVTL_HOME_PATH="/srv/vtl/"\nCAPACITY=lots\nCAPACITY=0\njunk\nVERBOSE=1\nMHVTL_HOME_PATH=x';
  const { home, capacityBytes, complaints } = parseMhvtlConf('m', text);
  assert.deepEqual([home, capacityBytes], ['/srv/vtl', 500 * 1024 ** 2]);
  assert.deepEqual(complaints.map(renderVtlComplaint), [
    'm:2: CAPACITY is "lots", and must be a number of megabytes',
    'm:3: CAPACITY is "0", and must be a number of megabytes',
    'm:4: expected NAME=VALUE, found "junk"',
    'm:6: MHVTL_HOME_PATH is "x", and must be an absolute path',
  ]);
});

test('of many complaints the first are shown and the others counted', () => {
  const { complaints } = parseMhvtlConf('m', 'a\nb\nc\nd\ne');
  assert.match(summarizeComplaints(complaints) ?? '', /^m:1: .*; m:2: .*; m:3: .*; and 2 more$/);
});

/** Text of the characters that mean something to a parser, and of some that should not. */
const noisy = fc.string({
  unit: fc.constantFrom(
    ...Array.from('0123456789 \t\r\n:#/=.-"\'DriveSlotLbrayx\0\u00e9\u{1f4fc}'),
  ),
  maxLength: 60,
});

/** Lines of the real files with characters and whole lines changed. */
const mangled = (name: string) => {
  const lines = fixture(name).split('\n');
  const noise = fc.oneof(
    noisy,
    fc.constantFrom('\0', ' '.repeat(5000), 'Slot 1: ', 'Drive: 1e9 CHANNEL: 0', '9'.repeat(400)),
  );
  const edit = fc.record({ at: fc.nat(lines.length), remove: fc.nat(3), put: noise });
  return fc.array(edit, { maxLength: 6 }).map((edits) => {
    const copy = [...lines];
    for (const { at, remove, put } of edits) copy.splice(at, remove, put);
    return copy.join('\n');
  });
};

test('whatever a file holds, a parser answers, and each complaint has a line of it', () => {
  const parsers = { 'device.conf': parseDeviceConf, 'library_contents.10': parseLibraryContents };
  for (const [name, parse] of Object.entries(parsers)) {
    fc.assert(
      fc.property(mangled(name), (text) => {
        const lines = text.split('\n').length;
        for (const { line, message } of parse(name, text).complaints) {
          assert.ok(line >= 1 && line <= lines, `${line} of ${lines}`);
          assert.ok(message.length > 5);
        }
      }),
      { numRuns: 200 },
    );
  }
  fc.assert(
    fc.property(noisy, (text) => {
      parseMhvtlConf('m', text);
      parseCartridges(text);
    }),
    { numRuns: 200 },
  );
});

test('what find lists are cartridges with all their files', () => {
  const found = parseCartridges('A/data\nA/indx\nA/meta\nB/data\nB/meta\nC\n');
  assert.deepEqual([...found], ['A']);
});
