import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMatcher, isPattern } from './glob.ts';

test('* crosses slashes, sets are sets, and everything else is itself', () => {
  const matches = createMatcher(['/', '/srv*', '/a.b', '/d?', 'getty@tty[1-3]', 'x[!0-9]']);
  for (const yes of ['/', '/srv', '/srv/x/y', '/a.b', '/d1', 'getty@tty2', 'xa'])
    assert.ok(matches(yes), yes);
  for (const no of ['/x', '/asrv', '/acb', '/d', '/d12', 'getty@tty4', 'x1', ''])
    assert.ok(!matches(no), no);
  assert.ok(!createMatcher([])(''));
  assert.deepEqual(['a.service', 'a*', 'a?', 'a[b]'].map(isPattern), [false, true, true, true]);
});

test('a pattern that makes no sense fits nothing, and stops nobody', () => {
  assert.ok(!createMatcher(['[z-a]'])('b'));
  assert.ok(createMatcher(['a[', 'b]'])('a['));
  const letters = fc.string({
    unit: fc.constantFrom(...Array.from('[]!^-\\az*?.(')),
    maxLength: 12,
  });
  fc.assert(fc.property(letters, (pattern) => void createMatcher([pattern])('az')));
});
