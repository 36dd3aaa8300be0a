/**
 * Whatever happens, in whatever order: what fires and is not kept back is known to every channel
 * that is to know it, once the channel works and time passes; nothing is lost, nothing is told
 * twice under two keys, and order holds. The model knows only what is true and what arrived.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Alert, rankOf, severities } from '../../domain/alert.ts';
import type { Message, Outcome } from '../../domain/message.ts';
import { days, hours, minutes, seconds } from '../../domain/time.ts';
import type { Profile } from '../profile.ts';
import { type Answer, channelOf, World } from './world.fixture.ts';

const office = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '08:00',
  to: '17:00',
  zone: 'UTC',
};
const all: readonly Profile[] = [
  channelOf('plain'),
  channelOf('office', { hours: { ...office, waits: ['info', 'warning'] }, resolved: true }),
  channelOf('bad', { severities: ['critical'], groupBy: ['resourceId'], budget: 6 }),
  channelOf('hasty', { groupWait: 0, groupInterval: 0, repeatInterval: 0, groupBy: [] }),
];

const modes = ['ok', 'down', 'down', 'down', 'unsure', 'lost', 'refuse', 'silent'] as const;
type Mode = (typeof modes)[number];

type Step =
  | {
      readonly type: 'fire';
      readonly rule: number;
      readonly severity: number;
      readonly muted: boolean;
    }
  | { readonly type: 'set'; readonly alert: number; readonly what: (typeof settings)[number] }
  | { readonly type: 'severity'; readonly alert: number; readonly severity: number }
  | { readonly type: 'pass'; readonly time: number }
  | { readonly type: 'mode'; readonly channel: number; readonly mode: Mode }
  | { readonly type: 'restart'; readonly forgets: boolean }
  | { readonly type: 'reload'; readonly without: number };

const settings = ['ack', 'unack', 'mute', 'unmute', 'resolve'] as const;

const nat = (max: number) => fc.nat({ max });
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('fire' as const),
      rule: nat(3),
      severity: nat(2),
      muted: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('set' as const),
      alert: nat(20),
      what: fc.constantFrom(...settings),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('severity' as const),
      alert: nat(20),
      severity: nat(2),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('pass' as const),
      time: fc.constantFrom(1, seconds(3), seconds(30), minutes(4), minutes(30), hours(5), days(1)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('mode' as const),
      channel: nat(3),
      mode: fc.constantFrom(...modes),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('restart' as const), forgets: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reload' as const), without: nat(5) }) },
);

const isTrueNow = ({ phase, mutedBy, acknowledged }: Alert): boolean =>
  phase === 'firing' && mutedBy.length === 0 && !acknowledged;

class Model {
  readonly world = new World(all);
  readonly modes = new Map<string, Mode>();
  readonly fired: string[] = [];
  /** Channel and alert that must have met by the end. */
  readonly owed = new Set<string>();
  /** Channel and alert of which something was refused for good: an end is not offered again. */
  readonly refused = new Set<string>();
  /** Since when each alert is to be told, of those that are. */
  readonly tellableSince = new Map<string, number>();
  /** How often a channel began anew. */
  readonly begun = new Map<string, number>();

  constructor() {
    this.world.answer = (message) => this.#answer(message);
  }

  do(step: Step): void {
    const { world } = this;
    const alert = 'alert' in step ? this.#pick(step.alert) : undefined;
    switch (step.type) {
      case 'fire': {
        const severity = severities[step.severity] ?? 'info';
        const mutedBy = step.muted ? ['s'] : [];
        this.fired.push(world.fire({ rule: `rule-${step.rule}`, severity, mutedBy }).id);
        break;
      }
      case 'set':
        if (alert !== undefined) this.#set(alert, step.what);
        break;
      case 'severity':
        if (alert !== undefined)
          world.set(alert, { severity: severities[step.severity] ?? 'info' }, 'severity');
        break;
      case 'pass':
        world.pass(step.time);
        break;
      case 'mode':
        this.modes.set(all[step.channel]?.name ?? '', step.mode);
        break;
      case 'restart':
        world.restart(step.forgets);
        break;
      case 'reload':
        this.#reload(all.filter((_, i) => i !== step.without));
        break;
    }
    this.#owe();
  }

  /** Everything works again, and a day passes: a Monday, for those with working hours. */
  heal(): void {
    this.modes.clear();
    this.world.run();
    this.world.pass(days(4));
  }

  #pick(i: number): Alert | undefined {
    const id = this.fired.at(i % Math.max(1, this.fired.length));
    const alert = id === undefined ? undefined : this.world.alerts.get(id);
    return alert?.phase === 'firing' ? alert : undefined;
  }

  #set(alert: Alert, what: (typeof settings)[number]): void {
    const { world } = this;
    if (what === 'resolve') world.resolve(alert);
    if (what === 'ack') world.set(alert, { acknowledged: true }, 'acknowledged');
    if (what === 'unack') world.set(alert, { acknowledged: false }, 'unacknowledged');
    if (what === 'mute') world.set(alert, { mutedBy: ['s'] }, 'muted');
    if (what === 'unmute') world.set(alert, { mutedBy: [] }, 'muted');
  }

  #reload(profiles: readonly Profile[]): void {
    for (const { name } of all) {
      if (profiles.some((one) => one.name === name)) continue;
      this.begun.set(name, (this.begun.get(name) ?? 0) + 1);
      for (const owed of this.owed) if (owed.startsWith(`${name} `)) this.owed.delete(owed);
    }
    this.world.reload(profiles);
  }

  #owe(): void {
    for (const alert of this.world.alerts.values()) {
      if (!isTrueNow(alert)) this.tellableSince.delete(alert.id);
      else if (!this.tellableSince.has(alert.id)) this.tellableSince.set(alert.id, this.world.now);
    }
    for (const { name, severities: wanted } of this.world.profiles)
      for (const alert of this.world.active())
        if (isTrueNow(alert) && wanted.has(alert.severity)) this.owed.add(`${name} ${alert.id}`);
  }

  #answer(message: Message): Answer {
    const answers: Readonly<Record<Mode, Answer>> = {
      ok: { type: 'delivered', detail: '' },
      down: { type: 'retry', why: 'refused', maybe: false },
      unsure: { type: 'retry', why: 'no answer', maybe: true },
      lost: { type: 'retry', why: 'no answer', maybe: true },
      refuse: { type: 'refused', why: '550' } satisfies Outcome,
      silent: 'silent',
    };
    const mode = this.modes.get(message.channel) ?? 'ok';
    for (const { alert } of mode === 'refuse' ? message.items : []) {
      this.owed.delete(`${message.channel} ${alert.id}`);
      this.refused.add(`${message.channel} ${alert.id}`);
    }
    if (mode === 'lost') this.world.arrived.push(message);
    return answers[mode];
  }
}

/** Items that a channel has taken, oldest first, each message once. */
function itemsOf(arrived: readonly Message[], channel: string) {
  const byKey = new Map(
    arrived.filter((one) => one.channel === channel).map((one) => [one.key, one]),
  );
  return [...byKey.values()].flatMap(({ at, items }) => items.map((item) => ({ ...item, at })));
}

function checkKnown({ world, owed, tellableSince }: Model): void {
  for (const { name, severities: wanted } of world.profiles) {
    const items = itemsOf(world.arrived, name);
    for (const alert of world.alerts.values()) {
      const last = items.findLast((one) => one.alert.id === alert.id);
      if (isTrueNow(alert) && wanted.has(alert.severity)) {
        assert.equal(last?.alert.phase, 'firing', `${name} does not know that ${alert.id} fires`);
        assert.ok(last.at >= (tellableSince.get(alert.id) ?? 0), `${name}: told before a mute`);
        assert.ok(rankOf(last.alert.severity) >= rankOf(alert.severity), `${name}: severity`);
      }
      if (alert.phase !== 'resolved') continue;
      if (owed.has(`${name} ${alert.id}`)) assert.ok(last, `${name} never heard of ${alert.id}`);
    }
  }
}

/** Where the channel was there all the time, an end follows what was told. */
function checkEnds({ world, begun, refused }: Model): void {
  for (const { name } of world.profiles.filter((one) => !begun.has(one.name))) {
    const items = itemsOf(world.arrived, name);
    for (const alert of world.alerts.values()) {
      const last = items.findLast((one) => one.alert.id === alert.id);
      if (refused.has(`${name} ${alert.id}`)) continue;
      if (alert.phase === 'resolved' && last !== undefined)
        assert.equal(last.alert.phase, 'resolved', `${name}: ${alert.id} never ended`);
    }
  }
}

function checkOnce({ world, begun, refused }: Model): void {
  for (const { name } of all) {
    const arrived = world.arrived.filter(({ channel }) => channel === name);
    const times = new Map<string, number>();
    for (const { reason, alert } of itemsOf(arrived, name)) {
      if (reason !== 'raised' && reason !== 'brief' && reason !== 'resolved') continue;
      // What may have arrived and was refused then is offered anew.
      if (refused.has(`${name} ${alert.id}`)) continue;
      const what = `${reason} ${alert.id}`;
      times.set(what, (times.get(what) ?? 0) + 1);
    }
    for (const [what, count] of times)
      assert.ok(count <= 1 + (begun.get(name) ?? 0), `${name}: ${what} ${count} times`);
  }
}

function checkOrder({ world }: Model): void {
  for (const { name } of all) {
    const rows = [...world.memory.outbox.values()].filter(
      ({ message, state }) => message.channel === name && state !== 'folded',
    );
    assert.deepEqual(
      rows.map(({ message }) => message.sequence),
      rows.map((_, i) => i + 1),
      name,
    );
    const seen = world.arrived.filter(({ channel }) => channel === name);
    const order = seen.map(({ sequence }) => sequence);
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
      `${name}: order`,
    );
  }
  const texts = new Map<string, string>();
  for (const message of world.given) {
    const text = JSON.stringify(message);
    assert.equal(texts.get(message.key) ?? text, text, 'one key, two texts');
    texts.set(message.key, text);
  }
}

test('nothing that fires and is not kept back stays unannounced, whatever happens', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  const property = fc.property(fc.array(steps, { maxLength: 40, size: 'max' }), (sequence) => {
    const model = new Model();
    for (const step of sequence) model.do(step);
    model.heal();
    checkKnown(model);
    checkEnds(model);
    checkOnce(model);
    checkOrder(model);
  });
  try {
    fc.assert(property, { seed, numRuns: Number(process.env.RUNS ?? 120) });
  } catch (error) {
    console.error(`SEED=${seed}`);
    throw error;
  }
});
