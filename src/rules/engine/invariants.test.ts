/** What holds after any sequence of readings, deeds, mutes, clock steps and restarts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Alert, Change } from '../../domain/alert.ts';
import type { ActiveMute, MatcherText } from '../../domain/mute.ts';
import type { Resource } from '../../domain/resource.ts';
import { type EpochMs, minutes } from '../../domain/time.ts';
import { thingKind } from '../cause/world.fixture.ts';
import type { Deed, Engine } from '../engine.ts';
import {
  above,
  appeared,
  changed,
  fakeEngine,
  fakeRule,
  raisedByHand,
  ruleSet,
  thing,
} from './engine.fixture.ts';

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const start = 1_800_000_000_000;

const rules = ruleSet(
  fakeRule({ id: 'disk', levels: [{ severity: 'warning', when: above(70), for: 0 }] }),
  fakeRule({
    id: 'high',
    levels: [
      { severity: 'warning', when: above(30), for: minutes(1) },
      { severity: 'critical', when: above(50), for: 0 },
    ],
    render: (text, { resource }) => `${text} ${Number(resource.attributes.x) > 80 ? 'very' : ''}`,
    inhibitedBy: [{ rule: 'disk' }],
  }),
);
// What b needs is a: it is blamed without a rule that says so.
const limits = { flapping: { window: minutes(8), enter: 4, exit: 2 }, kinds: [thingKind] };

const matcher = (name: string, value: string): MatcherText => ({ name, operator: '=', value });
const mutes: readonly ActiveMute[] = [
  { id: 'of-a', type: 'silence', matchers: [matcher('thing', 'a')] },
  { id: 'of-critical', type: 'silence', matchers: [matcher('severity', 'critical')] },
  { id: 'of-job', type: 'silence', matchers: [matcher('job', 'nightly')] },
  { id: 'window', type: 'maintenance', matchers: [] },
];
/** The slow and obvious way. */
const isMutedBy = ({ id }: ActiveMute, alert: Alert): boolean =>
  id === 'window' ||
  (id === 'of-a' && alert.labels.thing === 'a') ||
  (id === 'of-critical' && alert.severity === 'critical') ||
  (id === 'of-job' && alert.labels.job === 'nightly');

type Step =
  | { readonly type: 'read'; readonly id: string; readonly x: number }
  | { readonly type: 'act'; readonly which: number; readonly deed: Deed | 'soon' }
  | { readonly type: 'raise'; readonly critical: boolean; readonly job: string }
  | { readonly type: 'mutes'; readonly on: readonly boolean[] }
  | { readonly type: 'gone' | 'restart' | 'jump' | 'wait' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      type: fc.constant('read' as const),
      id: fc.constantFrom('a', 'b'),
      x: fc.constantFrom(0, 0, 40, 60, 90),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('act' as const),
      which: fc.nat(3),
      deed: fc.constantFrom<Deed | 'soon'>(
        { type: 'acknowledge', comment: null },
        { type: 'acknowledge', comment: 'on it', until: 'change' },
        { type: 'unacknowledge', comment: null },
        { type: 'resolve', comment: null },
        'soon',
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('raise' as const),
      critical: fc.boolean(),
      job: fc.constantFrom('nightly', 'weekly'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('mutes' as const),
      on: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constantFrom('gone', 'restart', 'jump', 'wait', 'wait') }),
  },
);

const read = (id: string, x: number): Step => ({ type: 'read', id, x });
const act = (deed: Deed): Step => ({ type: 'act', which: 0, deed });
const swing = (id: string): readonly Step[] => [0, 90, 0, 90, 0, 90].map((x) => read(id, x));
/** What chance brings about too seldom: it flaps. */
const stories = fc
  .array(
    fc.oneof(
      { weight: 15, arbitrary: step.map((one) => [one]) },
      { weight: 1, arbitrary: fc.constantFrom('a', 'b').map(swing) },
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((parts) => parts.flat());

/** Everything that must happen somewhere. */
const eventful: readonly Step[] = [
  read('a', 90),
  read('b', 90),
  act({ type: 'acknowledge', comment: null }),
  act({ type: 'unacknowledge', comment: null }),
  act({ type: 'resolve', comment: null }),
  { type: 'mutes', on: [true, false, false, false] },
  { type: 'mutes', on: [false, false, false, false] },
  ...swing('a'),
];

/** A daemon in small: one step a minute, each followed by an advance. */
class Story {
  engine: Engine = fakeEngine(rules, undefined, limits);
  now: EpochMs = start;
  inForce: readonly ActiveMute[] = [];
  readonly changes: Change[] = [];
  readonly latest = new Map<string, Alert>();
  readonly #resources = new Map<string, Resource>();

  play(one: Step): void {
    this.now += minutes(1);
    this.#take(this.#do(one));
    this.#take(this.engine.advance(this.now));
  }

  #do(one: Step): readonly Change[] {
    const { engine, now } = this;
    switch (one.type) {
      case 'read':
        return this.#read(one.id, one.x);
      case 'act': {
        const alerts = engine.active();
        const id = alerts[one.which % Math.max(1, alerts.length)]?.id ?? '';
        const until = now + minutes(3);
        const soon: Deed = { type: 'acknowledge', comment: null, until };
        return engine.act(id, one.deed === 'soon' ? soon : one.deed, 'x', now);
      }
      case 'raise': {
        const severity = one.critical ? 'critical' : 'info';
        const facts = { severity, labels: { job: one.job }, expiresAt: now + minutes(5) } as const;
        return engine.raise({ ...raisedByHand, ...facts }, 'x', now);
      }
      case 'mutes':
        this.inForce = mutes.filter((_, i) => one.on[i]);
        return engine.setMutes(this.inForce, now);
      case 'gone': {
        const resource = this.#resources.get('a');
        this.#resources.delete('a');
        return resource ? engine.apply([{ type: 'gone', resource, why: '', at: now }], now) : [];
      }
      case 'restart': {
        this.engine = fakeEngine(rules, JSON.parse(JSON.stringify(engine.memory())), limits);
        const known = [...this.#resources.values()];
        return [
          ...this.engine.setMutes(this.inForce, now),
          ...this.engine.apply(known.map(appeared), now),
          ...this.engine.settle(['test.thing'], now),
        ];
      }
      case 'jump':
        engine.clockStepped(minutes(30));
        this.now += minutes(30);
        return [];
      default:
        return [];
    }
  }

  #read(id: string, x: number): readonly Change[] {
    const before = this.#resources.get(id);
    const { now } = this;
    const needs = id === 'b' ? 'a' : '';
    const difference = before
      ? changed(before, { x }, now)
      : appeared(thing(id, { x, needs }, now));
    this.#resources.set(id, difference.resource);
    return this.engine.apply([difference], now);
  }

  #take(changes: readonly Change[]): void {
    for (const change of changes) {
      assert.equal(change.seq, this.changes.length + 1);
      this.#isNews(change);
      this.changes.push(change);
      this.latest.set(change.alert.id, change.alert);
    }
  }

  /** A change that changes nothing is a message about nothing. */
  #isNews({ alert, reason }: Change): void {
    const before = this.latest.get(alert.id);
    if (before === undefined) return;
    const same = { ...before, seq: alert.seq, updatedAt: alert.updatedAt };
    assert.notDeepEqual(alert, same, `${reason} changed nothing`);
    if (before.phase !== 'resolved') return;
    assert.equal(reason, 'cleared');
    assert.ok(before.stillTrue && !alert.stillTrue);
  }
}

function checkMutes({ engine, inForce }: Story): void {
  const active = engine.active();
  for (const alert of active) {
    const { rule, resource } = alert;
    const flaps = active.filter(
      (one) => one.labels.flappingRule === rule && one.resource.id === resource.id,
    );
    const named = alert.mutedBy.filter((id) => !active.some((one) => one.id === id));
    const expected = inForce.filter((mute) => isMutedBy(mute, alert)).map(({ id }) => id);
    assert.deepEqual(named, alert.phase === 'firing' ? expected.sort() : []);
    const flapping = alert.mutedBy.filter((id) => flaps.some((one) => one.id === id));
    assert.equal(flapping.length, alert.phase === 'firing' ? flaps.length : 0);
    assert.equal(new Set(alert.mutedBy).size, alert.mutedBy.length);
    const ids = new Set(active.filter(({ phase }) => phase === 'firing').map(({ id }) => id));
    const blamed = [...alert.victims, ...(alert.cause === null ? [] : [alert.cause])];
    assert.deepEqual(
      blamed.filter((id) => !ids.has(id)),
      [],
      'blame of what is over',
    );
  }
}

/** As it was when it was acknowledged: the latest change that says so. */
function checkAcknowledgements({ engine, now, changes }: Story): void {
  for (const alert of engine.active()) {
    if (!alert.acknowledged) {
      assert.equal(alert.acknowledgedUntil, null);
      assert.equal(alert.acknowledgedUntilChange, false);
      continue;
    }
    assert.ok((alert.acknowledgedUntil ?? Infinity) > now, 'beyond its end');
    if (!alert.acknowledgedUntilChange) continue;
    const since = changes.findLast(
      (one) => one.alert.id === alert.id && one.reason === 'acknowledged',
    );
    assert.equal(alert.title, since?.alert.title);
    const severities = changes
      .filter((one) => one.alert.id === alert.id && one.seq >= (since?.seq ?? 0))
      .map((one) => ['info', 'warning', 'critical'].indexOf(one.alert.severity));
    assert.deepEqual(
      severities,
      severities.toSorted((a, b) => b - a),
      'it has risen',
    );
  }
}

/** What readers of the changes know is what the engine knows. */
function checkTruth({ engine, latest }: Story): void {
  const open = [...latest.values()].filter(({ phase }) => phase !== 'resolved');
  const byId = (a: Alert, b: Alert): number => (a.id < b.id ? -1 : 1);
  assert.deepEqual([...engine.active()].sort(byId), open.sort(byId));
  const held = [...latest.values()].filter(({ stillTrue }) => stillTrue);
  const remembered = engine.memory().alerts.filter(({ stillTrue }) => stillTrue);
  assert.deepEqual(remembered.toSorted(byId), held.sort(byId));
}

function play(steps: readonly Step[], check: (story: Story) => void): Story {
  const story = new Story();
  for (const one of steps) {
    story.play(one);
    check(story);
  }
  return story;
}

function holds(name: string, check: (story: Story) => void, numRuns: number): void {
  test(name, () => {
    try {
      fc.assert(
        fc.property(stories, (story) => void play(story, check)),
        { seed, numRuns },
      );
    } catch (error) {
      console.error(`SEED=${seed}`);
      throw error;
    }
  });
}

holds('no alert names a mute that is over, and none misses one that is in force', checkMutes, 400);
holds('no acknowledgement lasts beyond its end', checkAcknowledgements, 400);
holds('the changes tell all that the engine knows, and nothing twice', checkTruth, 400);

test('the same sequence gives the same bytes, and what flaps occurs in it', () => {
  const steps = [eventful, ...fc.sample(stories, { seed, numRuns: 60 })];
  const tell = (): string => JSON.stringify(steps.map((one) => play(one, () => {}).changes));
  const once = tell();
  assert.equal(once, tell());
  for (const word of ['"flapping"', '"cleared"', '"muted"', '"cause"', '"unacknowledged"']) {
    assert.ok(once.includes(word), `${word} never happened (SEED=${seed})`);
  }
});
