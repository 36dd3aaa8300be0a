/** Silences and maintenance windows over alerts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ActiveMute, MatcherText } from '../../domain/mute.ts';
import { minutes } from '../../domain/time.ts';
import {
  above,
  appeared,
  changed,
  fakeEngine,
  fakeRule,
  raisedByHand,
  ruleSet,
  thing,
  told,
} from './engine.fixture.ts';

const t0 = Date.UTC(2026, 10, 22);
const high = fakeRule({ id: 'high' });
const waits = fakeRule({
  id: 'waits',
  levels: [{ severity: 'warning', when: above(50), for: minutes(5) }],
});

const equals = (name: string, value: string): MatcherText => ({ name, operator: '=', value });
const silence = (id: string, ...matchers: MatcherText[]): ActiveMute => ({
  id,
  type: 'silence',
  matchers,
});
const window: ActiveMute = { id: 'window', type: 'maintenance', matchers: [] };
const ofA = silence('of-a', equals('thing', 'a'));
const ofWarnings = silence('of-warnings', equals('severity', 'warning'));

describe('mutes', () => {
  test('what fires under a silence is raised muted, and its end is one change of it', () => {
    const engine = fakeEngine(ruleSet(high));
    assert.deepEqual(engine.setMutes([ofA], t0), []);
    const both = [appeared(thing('a', { x: 99 }, t0)), appeared(thing('b', { x: 99 }, t0))];
    const raised = engine.apply(both, t0);
    assert.deepEqual(
      raised.map(({ alert }) => alert.mutedBy),
      [['of-a'], []],
    );
    const ended = engine.setMutes([], t0 + 1);
    assert.deepEqual(told(ended), ['high a muted']);
    assert.deepEqual(ended[0]?.alert.mutedBy, []);
    assert.equal(ended[0]?.alert.phase, 'firing');
  });

  test('alerts raised by hand are muted alike, and again when their labels change', () => {
    const engine = fakeEngine(ruleSet());
    engine.setMutes([silence('nightly', equals('job', 'nightly'))], t0);
    const [raised] = engine.raise(raisedByHand, 'uid:0', t0);
    assert.deepEqual(raised?.alert.mutedBy, ['nightly']);
    const [other] = engine.raise({ ...raisedByHand, labels: { job: 'x' } }, 'uid:0', t0 + 1);
    assert.deepEqual(other?.alert.mutedBy, []);
  });

  test('one that waits is not muted until it fires', () => {
    const engine = fakeEngine(ruleSet(waits));
    engine.setMutes([window], t0);
    const [pending] = engine.apply([appeared(thing('a', { x: 99 }, t0))], t0);
    assert.deepEqual(pending?.alert.mutedBy, []);
    assert.deepEqual(engine.setMutes([window, ofA], t0 + 1), []);
    const [fired] = engine.advance(t0 + minutes(5));
    assert.deepEqual(fired?.alert.mutedBy, ['of-a', 'window']);
  });

  test('another severity is asked about anew', () => {
    const levels = [
      { severity: 'warning', when: above(50), for: 0 },
      { severity: 'critical', when: above(90), for: 0 },
    ] as const;
    const engine = fakeEngine(ruleSet(fakeRule({ id: 'levels', levels })));
    engine.setMutes([ofWarnings], t0);
    const a = thing('a', { x: 60 }, t0);
    assert.deepEqual(engine.apply([appeared(a)], t0)[0]?.alert.mutedBy, ['of-warnings']);
    const [worse] = engine.apply([changed(a, { x: 95 }, t0 + 1)], t0 + 1);
    assert.equal(worse?.reason, 'severity');
    assert.deepEqual(worse?.alert.mutedBy, []);
  });

  test('the same mutes in another order change nothing; the same id with other matchers does', () => {
    const engine = fakeEngine(ruleSet(high));
    engine.apply([appeared(thing('a', { x: 99 }, t0))], t0);
    const same = silence('again', equals('thing', 'a'));
    assert.deepEqual(told(engine.setMutes([window, ofA, same], t0)), ['high a muted']);
    assert.deepEqual(engine.setMutes([same, ofA, window], t0 + 1), []);
    assert.deepEqual(engine.active()[0]?.mutedBy, ['again', 'of-a', 'window']);
    const other = silence('of-a', equals('thing', 'b'));
    const [freed] = engine.setMutes([other, window], t0 + 2);
    assert.deepEqual(freed?.alert.mutedBy, ['window']);
  });

  test('after a restart a mute holds until it is known which are in force', () => {
    const before = fakeEngine(ruleSet(high));
    before.setMutes([ofA, window], t0);
    const bad = thing('a', { x: 99 }, t0);
    before.apply([appeared(bad)], t0);
    const engine = fakeEngine(ruleSet(high), before.memory());
    assert.deepEqual(engine.apply([appeared(bad)], t0 + 1), []);
    assert.deepEqual(engine.active()[0]?.mutedBy, ['of-a', 'window']);
    assert.deepEqual(told(engine.setMutes([window], t0 + 2)), ['high a muted']);
    assert.deepEqual(engine.active()[0]?.mutedBy, ['window']);
  });

  test('matchers that nobody can read mute nothing', () => {
    const engine = fakeEngine(ruleSet(high));
    engine.setMutes([silence('odd', { name: 'thing', operator: '=~', value: '(' })], t0);
    const [raised] = engine.apply([appeared(thing('a', { x: 99 }, t0))], t0);
    assert.deepEqual(raised?.alert.mutedBy, []);
  });

  test('many mutes over many alerts cost little, and a new one is asked about alone', () => {
    const engine = fakeEngine(ruleSet(high));
    const all = Array.from({ length: 2000 }, (_, i) =>
      appeared(thing(`unit-${i}.service`, { x: 99 }, t0)),
    );
    engine.apply(all, t0);
    const mutes = Array.from({ length: 50 }, (_, i) =>
      silence(`s${i}`, equals('thing', `unit-${i}.service`), equals('severity', 'warning')),
    );
    assert.equal(engine.setMutes(mutes, t0).length, 50);
    const one = silence('regex', { name: 'thing', operator: '=~', value: 'unit-1.*' });
    const changes = engine.setMutes([...mutes, one], t0 + 1);
    assert.equal(changes.length, 1111);
    assert.ok(changes.every(({ alert }) => alert.mutedBy.includes('regex')));
  });
});
