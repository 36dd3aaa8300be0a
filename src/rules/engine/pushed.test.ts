import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes } from '../../domain/time.ts';
import { labelFingerprint } from '../../domain/ulid.ts';
import type { RaisedByHand } from '../engine.ts';
import { fakeEngine, raisedByHand, ruleSet, told } from './engine.fixture.ts';

const t0 = Date.UTC(2026, 10, 22);
const note = (line: string) =>
  ({ type: 'note', title: 'As it was pushed', lines: [line] }) as const;
const labels = { alertname: 'NodeDown', instance: 'box:9100' };
const pushed: RaisedByHand = {
  ...raisedByHand,
  origin: 'pushed',
  rule: 'NodeDown',
  labels,
  evidence: [note('runbook_url: http://wiki/a')],
  key: labelFingerprint(labels),
  expiresAt: t0 + minutes(5),
};

test('what else was said of an alert is its evidence, and what is said anew takes its place', () => {
  const engine = fakeEngine(ruleSet());
  const [raised] = engine.raise(pushed, 'token:prometheus', t0);
  assert.deepEqual(raised?.alert.evidence, pushed.evidence);
  assert.deepEqual(engine.raise(pushed, 'token:prometheus', t0 + 1), []);
  const evidence = [note('runbook_url: http://wiki/b')];
  const changes = engine.raise({ ...pushed, evidence }, 'token:prometheus', t0 + 2);
  assert.deepEqual(told(changes), ['NodeDown nightly updated']);
  assert.deepEqual(changes[0]?.alert.evidence, evidence);
});

test('a pushed end ends it at once, by whoever pushed it', () => {
  const engine = fakeEngine(ruleSet());
  engine.raise(pushed, 'token:prometheus', t0);
  const over = { ...pushed, expiresAt: t0 + minutes(1) };
  const [end] = engine.raise(over, 'token:prometheus', t0 + minutes(2));
  assert.deepEqual(
    [end?.reason, end?.by, end?.alert.resolvedBy, end?.alert.resolvedAt],
    ['resolved', 'token:prometheus', 'pushed', t0 + minutes(2)],
  );
  assert.deepEqual(engine.active(), []);
  assert.equal(engine.nextDue(), undefined);
});

test('what is no longer pushed expires', () => {
  const engine = fakeEngine(ruleSet());
  engine.raise(pushed, 'token:prometheus', t0);
  assert.deepEqual(engine.advance(t0 + minutes(4)), []);
  const [end] = engine.advance(t0 + minutes(5));
  assert.equal(end?.alert.resolvedBy, 'expired');
});

test('one that is pushed without a name is known by its labels all the same', () => {
  const nameless = { ...pushed, rule: 'pushed', labels: { job: 'node' } };
  const [raised] = fakeEngine(ruleSet()).raise(nameless, 'token:prometheus', t0);
  assert.equal(raised?.alert.fingerprint, labelFingerprint({ job: 'node' }));
});

test('texts that change with every push are stored at once at first, and then now and then', () => {
  const engine = fakeEngine(ruleSet());
  engine.raise({ ...pushed, expiresAt: null }, 'token:prometheus', t0);
  const stored: number[] = [];
  for (let minute = 1; minute <= 30; minute++) {
    const again = { ...pushed, message: `value ${minute}`, expiresAt: null };
    const changes = engine.raise(again, 'token:prometheus', t0 + minutes(minute));
    if (changes.length > 0) stored.push(minute);
  }
  assert.deepEqual(stored, [1, 2, 3, 4, 14, 24]);
});
