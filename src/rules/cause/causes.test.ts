import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Alert } from '../../domain/alert.ts';
import { defineKind, word } from '../../domain/kind.ts';
import type { Resource } from '../../domain/resource.ts';
import { Causes } from './causes.ts';
import { failure, thing, things, World } from './world.fixture.ts';

interface Case {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly failures: readonly Alert[];
  readonly drawn: string;
}

const chain = things('needs', 'a: b', 'b: c');
const minute = 60_000;

const cases: readonly Case[] = [
  {
    name: 'the first failure of a chain is to blame, not the nearest',
    resources: chain,
    failures: [failure('c'), failure('b', { at: 10 }), failure('a', { at: 20 })],
    drawn: 'a<c?b b<c c',
  },
  {
    name: 'blame goes through what shows no failure of its own',
    resources: chain,
    failures: [failure('c'), failure('a', { at: 20 })],
    drawn: 'a<c c',
  },
  {
    name: 'what others say they carry counts as what they need',
    resources: things('neededBy', 'c: b', 'b: a'),
    failures: [failure('c'), failure('a', { at: 20 })],
    drawn: 'a<c c',
  },
  {
    name: 'a victim that failed well before its supposed cause is none',
    resources: chain,
    failures: [failure('b', { at: 5000 }), failure('a')],
    drawn: 'a b',
  },
  {
    name: 'a source that looks now and then may tell of the cause later than of its victim',
    resources: chain,
    failures: [failure('b', { at: 20_000, looked: true }), failure('a')],
    drawn: 'a<b b',
  },
  {
    name: 'what is needed directly is near, also where it lies behind what blames nobody',
    resources: things('needs', 'a: x y z', 'x: y'),
    failures: [
      failure('x', { severity: 'info' }),
      ...['y', 'z', 'a'].map((id, i) => failure(id, { at: 10 * i + 10 })),
    ],
    drawn: 'a<y?z x<y y z',
  },
  {
    name: 'both sides of a diamond lead to its top',
    resources: things('needs', 'a: b c', 'b: d', 'c: d'),
    failures: ['d', 'b', 'c', 'a'].map((id, i) => failure(id, { at: i })),
    drawn: 'a<d?b,c b<d c<d d',
  },
  {
    name: 'of two that failed by themselves the earlier is to blame and the other may be',
    resources: things('needs', 'a: b c'),
    failures: [failure('c'), failure('b', { at: 300 }), failure('a', { at: 400 })],
    drawn: 'a<c?b b c',
  },
  {
    name: 'the cause of a collapse goes before what failed minutes earlier',
    resources: things('needs', 'a: b c'),
    failures: [
      failure('c'),
      failure('b', { at: 3 * minute }),
      failure('a', { at: 3 * minute + 9 }),
    ],
    drawn: 'a<b?c b c',
  },
  {
    name: 'what failed long ago may be the cause, and is not blamed for it',
    resources: chain,
    failures: [failure('b'), failure('a', { at: 60 * minute })],
    drawn: 'a?b b',
  },
  {
    name: 'systemd says who blocks it, however long that has failed',
    resources: [thing('a', { needs: 'c', blockedBy: 'b' })],
    failures: [failure('b'), failure('c', { at: 60 * minute }), failure('a', { at: 60 * minute })],
    drawn: 'a<b?c b c',
  },
  {
    name: 'who needs each other blames the first of them',
    resources: things('needs', 'a: b', 'b: c', 'c: a'),
    failures: [failure('b'), failure('a', { at: 10 }), failure('c', { at: 20 })],
    drawn: 'a<b?c b c<b?a',
  },
  {
    name: 'a circle blames what it needs together',
    resources: things('needs', 'a: b', 'b: a d'),
    failures: [failure('d'), failure('a', { at: 10 }), failure('b', { at: 20 })],
    drawn: 'a<d?b b<d?a d',
  },
  {
    name: 'what only starts before is blamed for what follows at once',
    resources: things('after', 'a: b'),
    failures: [failure('b'), failure('a', { at: 500 })],
    drawn: 'a<b b',
  },
  {
    name: 'the order of starts is no need: nobody is blamed through it or minutes later',
    resources: things('after', 'a: b', 'b: c', 'd: c'),
    failures: [failure('c'), failure('a', { at: 10 }), failure('d', { at: 5 * minute })],
    drawn: 'a c d?c',
  },
  {
    name: 'what is merely worth knowing is never to blame',
    resources: chain,
    failures: [failure('b', { severity: 'info' }), failure('a', { at: 1 })],
    drawn: 'a b',
  },
  {
    name: 'of several alerts about one thing the worst is to blame',
    resources: chain,
    failures: [
      failure('b', { id: 'b-slow', severity: 'warning' }),
      failure('b', { id: 'b-dead', at: 1 }),
      failure('a', { at: 2 }),
    ],
    drawn: 'a<b-dead b-dead b-slow',
  },
  {
    name: 'a later alert about the same thing is not to blame, the earlier is',
    resources: chain,
    failures: [
      failure('b', { id: 'b-slow', severity: 'warning' }),
      failure('a', { at: 2 }),
      failure('b', { id: 'b-dead', at: 9000 }),
    ],
    drawn: 'a<b-slow b-dead b-slow',
  },
];

describe('whom a failure is blamed on', () => {
  for (const { name, resources, failures, drawn } of cases) {
    it(name, () => {
      assert.equal(new World(resources).fail(...failures).drawn(), drawn);
      const backwards = failures.toReversed();
      assert.equal(new World(resources).fail(...backwards).drawn(), drawn, 'told in other order');
    });
  }

  it('edges that are learned after the failures count', () => {
    const world = new World().fail(failure('b'), failure('a', { at: 1 }));
    assert.equal(world.drawn(), 'a b');
    world.causes.see(thing('a', { needs: 'b' }));
    assert.equal(world.drawn(), 'a<b b');
    world.causes.see(thing('a', { needs: '' }));
    assert.equal(world.drawn(), 'a b');
    world.causes.see(thing('b', { neededBy: 'a' }));
    assert.equal(world.drawn(), 'a<b b');
    world.causes.lose('test.thing', 'b');
    assert.equal(world.drawn(), 'a b');
  });

  it('when the cause recovers, blame goes to whom it would have gone to without it', () => {
    const world = new World(things('needs', 'a: b', 'b: c'));
    world.fail(failure('c'), failure('b', { at: 1 }), failure('a', { at: 2 }));
    assert.equal(world.drawn(), 'a<c?b b<c c');
    assert.equal(world.recover('c').drawn(), 'a<b b');
    assert.equal(world.recover('b').drawn(), 'a');
  });

  it('a rule that names the muter goes before what resources need', () => {
    const world = new World(things('needs', 'a: b', 'x: y'));
    world.fail(failure('b'), failure('y'), failure('x', { at: 1 }), failure('a', { at: 2 }));
    world.causes.muteBy('a', 'x');
    assert.equal(world.drawn(), 'a<y b x<y y', 'the first behind the muter');
    world.recover('y');
    assert.equal(world.drawn(), 'a<x b x');
    world.recover('x');
    assert.equal(world.drawn(), 'a<b b');
  });

  it('a restored blame holds until both kinds have been seen whole', () => {
    const world = new World().fail(failure('b'), failure('a', { at: 1 }));
    world.settle();
    world.causes.hold('a', ['b']);
    world.causes.see(thing('a', { needs: '' }));
    assert.equal(world.causes.judge('a'), undefined);
    world.causes.see(thing('a', { needs: 'b' }));
    world.causes.settleKinds(['other.kind']);
    assert.equal(world.causes.judge('a'), undefined);
    world.causes.settleKinds(['test.thing']);
    assert.equal(world.drawn(), 'a<b b');
  });

  it('a set of resources that share a word carries those that name the word', () => {
    const text = { help: 'A set.', source: 'test' };
    const lun = defineKind('disk.lun', {
      title: 'L',
      identity: 'L',
      attributes: { set: word(text) },
    });
    const session = defineKind('disk.session', {
      title: 'S',
      identity: 'S',
      attributes: {
        set: word({ ...text, refersTo: { kind: 'disk.lun', by: 'set', relation: 'serves' } }),
      },
    });
    const causes = new Causes([lun, session]);
    causes.see({ ...thing('0', { set: 'x' }), kind: 'disk.lun' });
    causes.see({ ...thing('1', { set: 'y' }), kind: 'disk.lun' });
    causes.see({ ...thing('s', { set: 'x' }), kind: 'disk.session' });
    causes.begin(failure('1', { kind: 'disk.lun' }));
    causes.begin(failure('s', { kind: 'disk.session', at: 1 }));
    assert.equal(causes.judge('s')?.cause, undefined);
    causes.begin(failure('0', { kind: 'disk.lun' }));
    assert.equal(causes.judge('s')?.cause?.id, '0');
  });
});
