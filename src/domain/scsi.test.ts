import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeSerialPage } from './scsi.ts';

const page = (text: string): Uint8Array =>
  Uint8Array.from([1, 0x80, 0, text.length, ...Buffer.from(text, 'latin1')]);

test('a serial is what can be printed, without the padding', () => {
  assert.equal(decodeSerialPage(page('XYZZY_A     \0\0')), 'XYZZY_A');
  assert.equal(decodeSerialPage(page('   ZDH1 ')), 'ZDH1');
  assert.equal(decodeSerialPage(page('A  1\xff')), 'A 1');
  // What lies behind the length that the page names is not of the page.
  assert.equal(decodeSerialPage(Uint8Array.from([...page('AB'), 0x43])), 'AB');
});

test('a page without a number, another page and a cut one give none', () => {
  for (const none of [page('      '), page('\0\0\0'), page('\xff\xff')])
    assert.equal(decodeSerialPage(none), undefined);
  assert.equal(decodeSerialPage(Uint8Array.from([1, 0x83, 0, 1, 65])), undefined);
  assert.equal(decodeSerialPage(Uint8Array.from([1, 0x80, 0])), undefined);
  const any = fc.uint8Array({ maxLength: 40 });
  fc.assert(fc.property(any, (bytes) => decodeSerialPage(bytes) !== ''));
});
