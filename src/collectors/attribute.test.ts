import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unreadable } from '../domain/reading.ts';
import type { Files } from '../platform/files.ts';
import {
  attempt,
  ifKnown,
  readFact,
  readFlag,
  readNumber,
  readWord,
  sumOf,
  wasRefusedWith,
} from './attribute.ts';

const refusal = Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
const filesWith = (text: string | undefined): Files => ({
  readAttribute: () => text,
  readText: () => text,
  readBinary: () => undefined,
  list: () => undefined,
  readLink: () => undefined,
  stat: () => undefined,
});
const numberIn = (text: string | undefined) => readNumber(filesWith(text), '/sys/n');

test('what refuses is unreadable with its path and code, what is not there is null', () => {
  const refuse = (): never => {
    throw refusal;
  };
  const fact = readFact('/sys/n', refuse);
  assert.deepEqual(fact, unreadable('/sys/n cannot be read (EIO)'));
  assert.ok(wasRefusedWith(fact, 'EIO') && !wasRefusedWith(fact, 'O'));
  assert.equal(ifKnown(fact), undefined);
  assert.equal(
    readFact('/sys/n', () => undefined),
    null,
  );
  assert.equal(
    attempt('/sys/n', () => undefined),
    undefined,
  );
});

test('numbers are decimal or hexadecimal, and what is neither is unreadable, never 0', () => {
  assert.deepEqual(['12', '-1', '0x1F', ' 7'].map(numberIn), [12, -1, 31, 7]);
  assert.equal(numberIn(undefined), null);
  assert.deepEqual(numberIn('many'), unreadable('/sys/n is not a number: "many"'));
  assert.deepEqual(
    ['0', '1', '0x2'].map((text) => readFlag(filesWith(text), '/sys/n')),
    [false, true, true],
  );
  assert.equal(readWord(filesWith('  '), '/sys/n'), null);
});

test('a sum with one that is not known is not known', () => {
  assert.equal(sumOf([1, 2]), 3);
  assert.equal(sumOf([1, null, unreadable('EIO')]), null);
  assert.deepEqual(sumOf([1, unreadable('EIO'), null]), unreadable('EIO'));
});
