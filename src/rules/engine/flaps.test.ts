/** What flaps is told once, and its truth stays as it is. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Change } from '../../domain/alert.ts';
import { hours, minutes } from '../../domain/time.ts';
import type { CompiledRule } from '../compiled.ts';
import type { Engine } from '../engine.ts';
import {
  above,
  appeared,
  changed,
  fakeEngine,
  fakeRule,
  ruleSet,
  thing,
  told,
} from './engine.fixture.ts';

const t0 = Date.UTC(2026, 10, 22);
const high = fakeRule({ id: 'high' });
const flapping = { window: hours(1), enter: 6, exit: 2 };
const a = thing('a', { x: 1 }, t0);

const start = (...rules: CompiledRule[]): Engine =>
  fakeEngine(ruleSet(...rules), undefined, { flapping });

/** Reads these numbers, each at its instant; every tick ends with an advance, as in the daemon. */
function read(engine: Engine, steps: readonly (readonly [at: number, x: number])[]): Change[] {
  return steps.flatMap(([at, x]) => [
    ...engine.apply([changed(a, { x }, at)], at),
    ...engine.advance(at),
  ]);
}
/** Fires and ends `times` times, a minute apart. */
const swing = (from: number, times: number): [number, number][] =>
  Array.from({ length: times * 2 }, (_, i) => [from + minutes(i), i % 2 === 0 ? 99 : 1]);

function flappingEngine(): Engine {
  const engine = start(high);
  engine.apply([appeared(a)], t0);
  read(engine, swing(t0, 3));
  return engine;
}
const flapOf = (engine: Engine) => engine.active().find(({ rule }) => rule === 'flapping');

describe('flapping', () => {
  test('the sixth change within the hour raises one alert that mutes those that follow', () => {
    const engine = start(high);
    engine.apply([appeared(a)], t0);
    const changes = read(engine, swing(t0, 4));
    assert.deepEqual(told(changes), [
      ...Array.from({ length: 3 }, () => ['high a raised', 'high a resolved']).flat(),
      'flapping a raised',
      'high a raised',
      'high a resolved',
    ]);
    const flap = changes[6]?.alert;
    assert.equal(flap?.title, 'high of a flaps: 6 changes in the last hour');
    assert.deepEqual(flap?.labels, { thing: 'a', flappingRule: 'high' });
    assert.deepEqual([flap?.severity, flap?.origin, flap?.value], ['warning', 'rule', 6]);
    assert.deepEqual(changes[7]?.alert.mutedBy, [flap?.id]);
    assert.equal(flap?.evidence[0]?.lines.length, 6);
  });

  test('changes that come slower than the threshold never flap', () => {
    const engine = start(high);
    engine.apply([appeared(a)], t0);
    const slow = Array.from(
      { length: 40 },
      (_, i) => [t0 + minutes(13 * i), (i % 2) * 99] as const,
    );
    assert.ok(!told(read(engine, slow)).some((text) => text.startsWith('flapping')));
  });

  test('it ends when fewer changes than the exit lie in the window, and what fires is told', () => {
    const engine = flappingEngine();
    read(engine, [[t0 + minutes(6), 99]]);
    const { id } = flapOf(engine) ?? {};
    // The last two changes are those of minutes 5 and 6.
    assert.equal(engine.nextDue(), t0 + hours(1) + minutes(5));
    const changes = engine.advance(t0 + hours(1) + minutes(5));
    assert.deepEqual(told(changes), ['flapping a resolved', 'high a muted']);
    assert.equal(changes[0]?.alert.id, id);
    assert.equal(changes[0]?.alert.resolvedBy, 'recovered');
    assert.deepEqual(changes[1]?.alert.mutedBy, []);
    assert.equal(engine.nextDue(), undefined);
  });

  test('a worse severity does not hide behind it', () => {
    const levels = [
      { severity: 'warning', when: above(50), for: 0 },
      { severity: 'critical', when: above(98), for: 0 },
    ] as const;
    const engine = start(fakeRule({ id: 'high', levels }));
    engine.apply([appeared(a)], t0);
    read(
      engine,
      swing(t0, 3).map(([at, x]) => [at, Math.min(x, 60)] as const),
    );
    const worse = read(engine, [[t0 + minutes(6), 99]]);
    assert.deepEqual(told(worse), ['high a raised', 'flapping a severity']);
    assert.equal(flapOf(engine)?.severity, 'critical');
  });

  test('what a silence mutes does not flap, and what mutes it mutes its flapping', () => {
    const matchers = [{ name: 'alertname', operator: '=', value: 'high' }] as const;
    const silence = { id: 's', type: 'silence', matchers } as const;
    const engine = start(high);
    engine.setMutes([silence], t0);
    engine.apply([appeared(a)], t0);
    read(engine, swing(t0, 9));
    assert.equal(flapOf(engine), undefined);
    const other = flappingEngine();
    const [muted] = other.setMutes([silence], t0 + minutes(6));
    assert.deepEqual([muted?.alert.rule, muted?.alert.mutedBy], ['flapping', ['s']]);
  });

  test('a rule can opt out, and what people or a reload end is no change of state', () => {
    const engine = start(fakeRule({ id: 'high', flapping: false }));
    engine.apply([appeared(a)], t0);
    read(engine, swing(t0, 9));
    assert.equal(flapOf(engine), undefined);
    const other = start(high);
    other.apply([appeared(a)], t0);
    for (let i = 0; i < 5; i++) {
      const [raised] = read(other, [[t0 + minutes(i), 99]]);
      const deed = { type: 'resolve', comment: null } as const;
      other.act(raised?.alert.id ?? '', deed, 'uid:0', t0 + minutes(i));
      read(other, [[t0 + minutes(i), 1]]);
    }
    assert.equal(flapOf(other), undefined);
  });

  test('resolved by hand it mutes no more, and is cleared when it has become calm', () => {
    const engine = flappingEngine();
    read(engine, [[t0 + minutes(6), 99]]);
    const id = flapOf(engine)?.id ?? '';
    const changes = engine.act(id, { type: 'resolve', comment: null }, 'uid:0', t0 + minutes(6));
    assert.deepEqual(told(changes), ['flapping a resolved', 'high a muted']);
    assert.equal(changes[0]?.alert.stillTrue, true);
    assert.deepEqual(
      told(read(engine, swing(t0 + minutes(7), 3))).includes('flapping a raised'),
      false,
    );
    const again = fakeEngine(ruleSet(high), JSON.parse(JSON.stringify(engine.memory())), {
      flapping,
    });
    const later = again.advance(t0 + hours(3));
    assert.deepEqual(told(later), ['flapping a cleared']);
    assert.equal(later[0]?.alert.id, id);
  });

  test('it goes on over a restart, and so does what has been counted', () => {
    const engine = start(high);
    engine.apply([appeared(a)], t0);
    read(engine, swing(t0, 3).slice(0, 5));
    const restart = (of: Engine): Engine =>
      fakeEngine(ruleSet(high), JSON.parse(JSON.stringify(of.memory())), { flapping });
    const second = restart(engine);
    assert.ok(told(read(second, [[t0 + minutes(5), 1]])).includes('flapping a raised'));
    const third = restart(second);
    assert.deepEqual(third.advance(t0 + minutes(6)), []);
    const [raised] = read(third, [[t0 + minutes(7), 99]]);
    assert.deepEqual(raised?.alert.mutedBy, [flapOf(third)?.id]);
    assert.equal(third.nextDue(), t0 + hours(1) + minutes(5));
  });

  test('a clock that jumps makes it neither longer nor shorter', () => {
    const engine = flappingEngine();
    const jump = hours(5);
    engine.clockStepped(jump);
    assert.deepEqual(engine.advance(t0 + minutes(6) + jump), []);
    assert.deepEqual(told(engine.advance(t0 + minutes(64) + jump)), ['flapping a resolved']);
  });

  test('set back while tocsin was away, the clock does not make it last', () => {
    const before = flappingEngine();
    const engine = fakeEngine(ruleSet(high), before.memory(), { flapping });
    const now = t0 - hours(900);
    engine.advance(now);
    assert.deepEqual(told(engine.advance(now + hours(1))), ['flapping a resolved']);
  });

  test('without its rule, with another, or switched off, it ends', () => {
    const edited = { ...high, summary: { ...high.summary, digest: 'other' } };
    const now = t0 + minutes(6);
    assert.deepEqual(told(flappingEngine().reload(ruleSet(), [], now)), ['flapping a resolved']);
    assert.deepEqual(told(flappingEngine().reload(ruleSet(edited), [], now)), [
      'flapping a resolved',
    ]);
    assert.deepEqual(flappingEngine().reload(ruleSet(high), [], now), []);
    assert.deepEqual(told(flappingEngine().setFlapping(null, now)), ['flapping a resolved']);
    const engine = fakeEngine(ruleSet(edited), flappingEngine().memory(), { flapping });
    assert.deepEqual(told(engine.advance(now)), ['flapping a resolved']);
    assert.deepEqual(engine.memory().turns, {});
  });

  test('what is remembered has a limit in length and in number', () => {
    const engine = start(high);
    engine.apply([appeared(a)], t0);
    read(engine, swing(t0, 30));
    assert.equal(engine.memory().turns?.['high test.thing a']?.length, 6);
    const at = t0 + hours(9);
    engine.apply([appeared(thing('b', { x: 99 }, at))], at);
    engine.advance(at);
    assert.deepEqual(engine.memory().turns, { 'high test.thing b': [at] });
  });
});
