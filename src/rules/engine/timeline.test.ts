// A column is a reading, one a minute.  _ gone, ! unreadable, ~ stale
// Drawn: . clear, p pending, F firing (Fc critical), ? stale
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unreadable } from '../../domain/reading.ts';
import type { Resource } from '../../domain/resource.ts';
import { minutes } from '../../domain/time.ts';
import type { CompiledRule } from '../compiled.ts';
import {
  above,
  appeared,
  atMost,
  changed,
  draw,
  fakeEngine,
  fakeRule,
  ruleSet,
  spread,
  thing,
} from './engine.fixture.ts';

const overFifty = fakeRule({
  id: 'over',
  levels: [{ severity: 'warning', when: above(50), for: minutes(3) }],
});
const atOnce = fakeRule({ id: 'at-once' });
const kept = fakeRule({ id: 'kept', keepFiringFor: minutes(2) });
const hysteresis = fakeRule({
  id: 'hysteresis',
  levels: [{ severity: 'warning', when: above(50), clear: atMost(40), for: 0 }],
});
const byHand = fakeRule({ id: 'by-hand', latch: 'operator' });
const success = fakeRule({
  id: 'success',
  latch: 'success',
  levels: [{ severity: 'warning', when: above(50), clear: atMost(10), for: 0 }],
});
const levels = fakeRule({
  id: 'levels',
  levels: [
    { severity: 'warning', when: above(80), clear: atMost(78), for: minutes(2) },
    { severity: 'critical', when: above(95), clear: atMost(93), for: minutes(1) },
  ],
});

interface Case {
  readonly name: string;
  readonly rule: CompiledRule;
  readonly readings: string;
  readonly drawn: string;
}

const cases: readonly Case[] = [
  { name: 'a short peak never fires', rule: overFifty, readings: '40 51x3 40', drawn: '. p p p .' },
  { name: 'three minutes over fires', rule: overFifty, readings: '40 51x4', drawn: '. p p p F' },
  {
    name: 'unreadable holds firing',
    rule: overFifty,
    readings: '51x4 ! ! 51 45',
    drawn: 'p p p F F? F? F .',
  },
  {
    name: 'unreadable does not ripen pending',
    rule: overFifty,
    readings: '51 !x4 51',
    drawn: 'p p? p? p? p? F',
  },
  { name: 'unreadable raises nothing', rule: atOnce, readings: '! ! 40 51', drawn: '. . . F' },
  {
    name: 'stale holds firing, and fresh goes on',
    rule: atOnce,
    readings: '51 ~ ~ 51 40',
    drawn: 'F F? F? F .',
  },
  {
    name: 'stale does not ripen pending',
    rule: overFifty,
    readings: '51 ~x4 40',
    drawn: 'p p? p? p? p? .',
  },
  { name: 'without for it fires at once', rule: atOnce, readings: '40 51 40 51', drawn: '. F . F' },
  { name: 'gone ends firing', rule: atOnce, readings: '51 _ 51', drawn: 'F . F' },
  { name: 'gone ends pending', rule: overFifty, readings: '51x2 _ 51x3', drawn: 'p p . p p p' },
  { name: 'gone while stale ends firing', rule: atOnce, readings: '51 ~ _', drawn: 'F F? .' },
  {
    name: 'keepFiringFor outlasts a dip',
    rule: kept,
    readings: '51 40 51 40 40 40',
    drawn: 'F F F F F .',
  },
  {
    name: 'unreadable holds what is only kept',
    rule: kept,
    readings: '51 40 !x4 40',
    drawn: 'F F F? F? F? F? .',
  },
  {
    name: 'between when and clear it stays',
    rule: hysteresis,
    readings: '45 51 45 41 40 45',
    drawn: '. F F F . .',
  },
  { name: 'an unreadable clear holds', rule: hysteresis, readings: '51 ! 40', drawn: 'F F? .' },
  { name: 'latched by operator it stays', rule: byHand, readings: '51 40 _ 40', drawn: 'F F F F' },
  {
    name: 'latched until success, gone is none',
    rule: success,
    readings: '51 40 _ 40 5',
    drawn: 'F F F F .',
  },
  {
    name: 'one alert rises and falls',
    rule: levels,
    readings: '81x3 96x2 94 92 79 78',
    drawn: 'p p F F Fc Fc F F .',
  },
  { name: 'the higher level can ripen first', rule: levels, readings: '96x2 50', drawn: 'pc Fc .' },
  {
    name: 'a wait of a level starts anew after a gap',
    rule: levels,
    readings: '81 70 81 81 81',
    drawn: 'p . p p F',
  },
];

for (const { name, rule, readings, drawn } of cases) {
  test(name, () => {
    const engine = fakeEngine(ruleSet(rule));
    let now = 0;
    let resource: Resource | undefined;
    let isStale = false;
    const seen = spread(readings).map((word) => {
      now += minutes(1);
      if (word === '_') {
        if (resource) engine.apply([{ type: 'gone', resource, why: '', at: now }], now);
        resource = undefined;
      } else if (word === '~') {
        if (resource && !isStale) {
          engine.apply(
            [{ type: 'stale', resource: { ...resource, staleSince: now }, why: '' }],
            now,
          );
        } else engine.advance(now);
      } else {
        const x = word === '!' ? unreadable('EIO') : Number(word);
        const difference = resource
          ? changed(resource, { x }, now)
          : appeared(thing('a', { x }, now));
        resource = difference.resource;
        const fresh = isStale ? [{ type: 'fresh', resource } as const] : [];
        engine.apply([difference, ...fresh], now);
      }
      isStale = word === '~';
      return draw(engine.active()[0]);
    });
    assert.equal(seen.join(' '), drawn);
  });
}
