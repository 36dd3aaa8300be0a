import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineKind, flag, gauge, word } from './kind.ts';
import {
  complete,
  derived,
  isKnown,
  isUnreadable,
  partial,
  reading,
  refKey,
  unreadable,
} from './reading.ts';
import { renderComplaint } from './rule.ts';

const scstTarget = defineKind('scst.target', {
  title: 'SCST target',
  identity: 'DRIVER/TARGET',
  attributes: {
    enabled: flag({ help: 'Target accepts logins.', source: 'enabled' }),
    sessions: gauge({ unit: 'sessions', help: 'Open sessions.', source: 'sessions/*' }),
    driver: word({ help: 'Its driver.', source: 'the path' }),
  },
});

test('a kind is called by the last word of its name', () => {
  assert.equal(scstTarget.variable, 'target');
  assert.equal(scstTarget.attributes.sessions.type, 'gauge');
  assert.deepEqual(scstTarget.events, {});
});

test('a reading holds values, doubts and nothing else', () => {
  const read = reading(scstTarget, 'iscsi/x', { enabled: true, sessions: unreadable('EIO') });
  assert.deepEqual(read, {
    kind: 'scst.target',
    id: 'iscsi/x',
    attributes: { enabled: true, sessions: { unreadable: 'EIO' } },
  });
  assert.equal(reading(scstTarget, 'iscsi/x', {}, 5).at, 5);
});

test('null is known, unreadable is not', () => {
  assert.equal(isUnreadable(null), false);
  assert.equal(isUnreadable(undefined), false);
  assert.equal(isUnreadable('EIO'), false);
  assert.equal(isUnreadable(unreadable('EIO')), true);
});

test('a list, bytes or another object is no refusal', () => {
  for (const value of [[], ['unreadable'], {}, new Uint8Array(2), { unreadable: 5 }, new Map()])
    assert.equal(isUnreadable(value), false);
  assert.ok(isKnown([]));
  assert.equal(
    derived<string[], number>(['a', 'b'], ({ length }) => length),
    2,
  );
});

test('what is derived from a refusal is that refusal, and nothing of what is not there', () => {
  const twice = (n: number): number => n * 2;
  assert.deepEqual(derived(unreadable('EIO'), twice), unreadable('EIO'));
  assert.equal(derived(null, twice), null);
  assert.equal(
    derived(0, () => undefined),
    null,
  );
});

test('readings without events have none', () => {
  assert.deepEqual(complete([]), { type: 'complete', resources: [], events: [] });
  assert.deepEqual(partial([]), { type: 'partial', resources: [], gone: [], events: [] });
});

test('the same id of two kinds is two resources', () => {
  assert.notEqual(refKey({ kind: 'a', id: 'x' }), refKey({ kind: 'b', id: 'x' }));
});

test('a complaint reads as compilers write them', () => {
  const place = { file: 'rules.yaml', line: 12, column: 9 };
  const text = renderComplaint({ ...place, level: 'error', message: 'unknown kind' });
  assert.equal(text, 'rules.yaml:12:9: error: unknown kind');
});
