/** What is told, when, to whom, and in how many messages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message, Outcome } from '../../domain/message.ts';
import { days, hours, minutes, seconds } from '../../domain/time.ts';
import { channelOf, said, World, worldStart } from './world.fixture.ts';

const down: Outcome = { type: 'retry', why: 'connection refused', maybe: false };
const unsure: Outcome = { type: 'retry', why: 'no answer', maybe: true };

const mail = (more?: Record<string, unknown>): World => new World([channelOf('mail', more)]);
const told = (world: World): string[] => world.arrived.map(said);

test('alerts of one rule that fire within groupWait are one message', () => {
  const world = mail();
  world.fire();
  world.pass(seconds(4));
  world.fire();
  assert.deepEqual(told(world), []);
  world.pass(seconds(2));
  assert.deepEqual(told(world), ['raised unit-1.service, raised unit-2.service']);
  const [message] = world.arrived;
  assert.deepEqual(message?.group, { rule: 'unit-failed' });
  assert.equal(message?.type, 'alerts');
  assert.equal(message?.groupKey, 'mail:{rule="unit-failed"}');
});

test('alerts of two rules are two messages, numbered without a gap', () => {
  const world = mail();
  world.fire({ rule: 'a', severity: 'warning' });
  world.fire({ rule: 'b' });
  world.pass(seconds(6));
  assert.deepEqual(told(world), ['raised unit-2.service', 'raised unit-1.service']);
  assert.deepEqual(
    world.arrived.map(({ sequence }) => sequence),
    [1, 2],
  );
  assert.equal(new Set(world.arrived.map(({ key }) => key)).size, 2);
});

test('more of a group waits for groupInterval', () => {
  const world = mail();
  world.fire();
  world.pass(seconds(6));
  world.fire();
  world.pass(minutes(4));
  assert.equal(world.arrived.length, 1);
  world.pass(minutes(2));
  assert.deepEqual(told(world).slice(1), ['raised unit-2.service']);
});

test('the end is told to whoever was told of the beginning, also of what is muted by then', () => {
  const world = mail();
  const alert = world.fire();
  world.pass(minutes(10));
  world.set(alert, { mutedBy: ['s'] }, 'muted');
  world.set(alert, { acknowledged: true }, 'acknowledged');
  world.pass(minutes(10));
  world.resolve(alert);
  world.pass(minutes(10));
  assert.deepEqual(told(world), ['raised unit-1.service', 'resolved unit-1.service']);
});

test('the end is not told where that was not wished', () => {
  const world = mail({ resolved: false });
  const alert = world.fire();
  world.pass(minutes(10));
  world.resolve(alert);
  world.pass(minutes(10));
  world.store();
  assert.deepEqual(told(world), ['raised unit-1.service']);
  assert.equal(world.memory.told.size, 0);
});

test('what fired and ended before it was told is told once, as brief', () => {
  const world = mail();
  const alert = world.fire();
  world.pass(seconds(1));
  world.resolve(alert);
  world.pass(minutes(20));
  assert.deepEqual(told(world), ['brief unit-1.service']);
});

test('what was muted or acknowledged as long as it fired is not told', () => {
  const world = mail();
  const muted = world.fire({ mutedBy: ['s'] });
  const seen = world.fire({ acknowledged: true });
  world.pass(minutes(10));
  world.resolve(muted);
  world.resolve(seen);
  world.pass(minutes(10));
  assert.deepEqual(told(world), []);
});

test('a mute that ends while the alert fires is told as unmuted, each time', () => {
  const world = mail();
  const alert = world.fire({ mutedBy: ['s'] });
  world.pass(minutes(10));
  world.set(alert, { mutedBy: [] }, 'muted');
  world.pass(minutes(10));
  world.set(alert, { mutedBy: ['t'] }, 'muted');
  world.pass(minutes(10));
  world.set(alert, { mutedBy: [] }, 'muted');
  world.pass(minutes(10));
  assert.deepEqual(told(world), ['unmuted unit-1.service', 'unmuted unit-1.service']);
});

test('an acknowledgement that ends while the alert fires is told again', () => {
  const world = mail();
  const alert = world.fire();
  world.pass(minutes(10));
  world.set(alert, { acknowledged: true }, 'acknowledged');
  world.pass(days(2));
  assert.equal(world.arrived.length, 1);
  world.set(alert, { acknowledged: false }, 'unacknowledged');
  world.pass(minutes(10));
  assert.deepEqual(told(world).slice(1), ['repeat unit-1.service']);
});

test('what nobody acknowledges is repeated, and what is acknowledged is not', () => {
  const world = mail();
  world.fire();
  world.pass(hours(9));
  assert.deepEqual(told(world).slice(1), ['repeat unit-1.service', 'repeat unit-1.service']);
  const never = mail({ repeatInterval: 0 });
  never.fire();
  never.pass(days(9));
  assert.equal(never.arrived.length, 1);
});

test('a severity that rises is told, and one that falls waits for other news', () => {
  const world = mail();
  const alert = world.fire({ severity: 'warning' });
  world.pass(minutes(10));
  world.set(alert, { severity: 'critical' }, 'severity');
  assert.deepEqual(told(world).slice(1), ['severity unit-1.service']);
  world.set(alert, { severity: 'warning' }, 'severity');
  world.pass(minutes(30));
  assert.equal(world.arrived.length, 2);
  world.fire();
  world.pass(minutes(1));
  assert.deepEqual(told(world).slice(2), ['raised unit-2.service, severity unit-1.service']);
});

test('victims are told with their cause, and not by themselves', () => {
  const world = mail();
  const cause = world.fire();
  const one = world.fire({ cause: cause.id, mutedBy: [cause.id] });
  const two = world.fire({ cause: cause.id, mutedBy: [cause.id] });
  world.set(cause, { victims: [one.id, two.id] }, 'cause');
  world.pass(minutes(10));
  assert.deepEqual(told(world), ['raised unit-1.service']);
  const item = world.arrived[0]?.items[0];
  assert.equal(item?.victims, 2);
  assert.deepEqual(item?.victimTitles, [one.title, two.title]);
  world.resolve(one);
  world.resolve(two);
  world.resolve(cause);
  world.pass(minutes(10));
  assert.deepEqual(told(world).slice(1), ['resolved unit-1.service']);
});

test('a victim that fires on when its cause is over is told', () => {
  const world = mail();
  const cause = world.fire();
  const victim = world.fire({ cause: cause.id, mutedBy: [cause.id] });
  world.pass(minutes(10));
  world.resolve(cause);
  world.set(victim, { cause: null, mutedBy: [] }, 'cause');
  world.pass(minutes(10));
  assert.deepEqual(told(world).slice(1), ['unmuted unit-2.service, resolved unit-1.service']);
});

test('severities and matchers decide what a channel is told of', () => {
  const world = new World([
    channelOf('night', { severities: ['critical'] }),
    channelOf('tape', { matchers: ['source="tape"'] }),
  ]);
  world.fire({ source: 'tape', severity: 'warning' });
  world.fire({ source: 'scst' });
  world.pass(seconds(6));
  assert.deepEqual(
    world.arrived.map((message) => `${message.channel}: ${said(message)}`),
    ['night: raised unit-2.service', 'tape: raised unit-1.service'],
  );
});

test('a step of escalation is told only of what nobody has acknowledged for so long', () => {
  const world = new World([channelOf('boss', { after: minutes(15), groupWait: 0 })]);
  const seen = world.fire({ rule: 'a' });
  world.fire({ rule: 'b' });
  world.pass(minutes(14));
  world.set(seen, { acknowledged: true }, 'acknowledged');
  assert.equal(world.arrived.length, 0);
  world.pass(minutes(1));
  assert.deepEqual(told(world), ['escalated unit-2.service']);
  const short = world.fire({ rule: 'c' });
  world.pass(minutes(5));
  world.resolve(short);
  world.pass(minutes(60));
  assert.equal(world.arrived.length, 1);
});

test('24 hours without network lose nothing, and end in one digest', () => {
  const world = mail();
  world.answer = () => down;
  const fired = Array.from({ length: 144 }, (_, i) => {
    const alert = world.fire({ rule: `rule-${i % 12}`, severity: 'warning' });
    world.pass(minutes(5));
    if (i % 3 === 0) world.resolve(alert);
    world.pass(minutes(5));
    return alert;
  });
  assert.equal(world.arrived.length, 0);
  world.answer = () => ({ type: 'delivered', detail: '' });
  world.pass(minutes(10));
  assert.equal(world.arrived.length, 1);
  const [digest] = world.arrived;
  assert.equal(digest?.type, 'digest');
  assert.match(digest?.why ?? '', /^nothing could be delivered for (1d|23h)/);
  const named = new Set(digest?.items.map(({ alert }) => alert.id));
  assert.equal(named.size + (digest?.omitted ?? 0), fired.length);
  assert.equal(digest?.items[0]?.alert.phase, 'firing');
  assert.equal(digest?.sequence, 1);
  world.pass(minutes(30));
  assert.equal(world.arrived.length, 1);
});

test('what may have arrived is sent again as it is, before anything else', () => {
  const world = mail();
  world.answer = () => unsure;
  world.fire({ rule: 'a' });
  world.pass(hours(1));
  world.fire({ rule: 'b' });
  world.fire({ rule: 'c' });
  world.pass(hours(2));
  assert.equal(new Set(world.given.map(({ key }) => key)).size, 1);
  world.answer = () => ({ type: 'delivered', detail: '' });
  world.pass(minutes(10));
  assert.deepEqual(
    world.arrived.map(({ type }) => type),
    ['alerts', 'digest'],
  );
  assert.deepEqual(told(world), [
    'raised unit-1.service',
    'raised unit-2.service, raised unit-3.service',
  ]);
});

test('a refusal holds nothing up, and its news is offered again with the next repeat', () => {
  const world = mail();
  world.answer = ({ items }: Message) =>
    items[0]?.alert.rule === 'a'
      ? { type: 'refused', why: '550 no' }
      : { type: 'delivered', detail: '' };
  world.fire({ rule: 'a' });
  world.fire({ rule: 'b', severity: 'warning' });
  world.pass(minutes(10));
  assert.deepEqual(told(world), ['raised unit-2.service']);
  const refused = (): number =>
    world.given.filter(({ items }) => items[0]?.alert.rule === 'a').length;
  assert.equal(refused(), 1);
  world.pass(hours(4));
  assert.equal(refused(), 2);
  assert.equal(world.dispatcher.untold(() => true).length, 1);
});

test('outside working hours what can wait waits, and is one digest in the morning', () => {
  const day = {
    days: ['mon', 'tue', 'wed', 'thu', 'fri'],
    from: '08:00',
    to: '17:00',
    zone: 'UTC',
  };
  const world = mail({ hours: { ...day, waits: ['info', 'warning'] } });
  world.pass(hours(9));
  world.fire({ rule: 'a', severity: 'warning' });
  world.fire({ rule: 'b', severity: 'info' });
  world.fire({ rule: 'c' });
  world.fire({ rule: 'd' });
  world.pass(hours(1));
  assert.deepEqual(told(world), ['raised unit-3.service', 'raised unit-4.service']);
  world.pass(worldStart + hours(23) - 1 - world.now);
  const before = world.arrived.length;
  world.pass(1);
  const morning = world.arrived.slice(before);
  assert.equal(morning[0]?.type, 'digest');
  assert.equal(morning[0]?.why, 'this was collected outside working hours');
  assert.ok(said(morning[0]).includes('raised unit-1.service, raised unit-2.service'));
});

test('beyond the budget news is collected, and goes as honest digests', () => {
  const world = mail({ budget: 10 });
  for (let i = 0; i < 40; i++) world.fire({ rule: `rule-${i}` });
  world.pass(minutes(59));
  assert.ok(world.arrived.length <= 10, `${world.arrived.length} messages`);
  const digest = world.arrived.find(({ type }) => type === 'digest');
  assert.equal(digest?.why, 'more happened than 10 messages an hour can tell');
  assert.equal(world.arrived.flatMap(({ items }) => items).length, 40);
});

test('a message has room for 100, the worst first, and counts the rest as told', () => {
  const world = mail();
  for (let i = 0; i < 150; i++) world.fire({ severity: i === 149 ? 'critical' : 'warning' });
  world.pass(minutes(30));
  assert.equal(world.arrived.length, 1);
  const [message] = world.arrived;
  assert.equal(message?.items.length, 100);
  assert.equal(message?.omitted, 50);
  assert.equal(message?.items[0]?.alert.severity, 'critical');
});

test('a new channel is told what fires now, once, and not the past', () => {
  const world = new World([]);
  world.resolve(world.fire());
  world.fire({ rule: 'a' });
  world.fire({ rule: 'b' });
  world.pass(hours(1));
  world.reload([channelOf('new')]);
  world.pass(minutes(1));
  assert.deepEqual(told(world), ['raised unit-2.service, raised unit-3.service']);
  assert.equal(world.arrived[0]?.why, 'the channel is new, and this is what fires now');
  world.restart();
  world.pass(minutes(30));
  assert.equal(world.arrived.length, 1);
});

test('what waits for a channel that is removed goes with it', () => {
  const world = mail();
  world.answer = () => down;
  world.fire();
  world.pass(minutes(1));
  const key = world.given[0]?.key ?? '';
  world.reload([]);
  world.store();
  assert.equal(world.memory.outbox.get(key)?.state, 'refused');
  assert.equal(world.memory.told.size, 0);
  world.answer = () => ({ type: 'delivered', detail: '' });
  world.reload([channelOf('mail')]);
  world.pass(minutes(1));
  assert.deepEqual(told(world), ['raised unit-1.service']);
  assert.notEqual(world.arrived[0]?.key, key);
});

test('a channel that was removed while tocsin did not run leaves nothing waiting', () => {
  const world = mail();
  world.answer = () => down;
  world.fire();
  world.pass(minutes(1));
  world.profiles = [];
  world.restart();
  world.store();
  assert.deepEqual(
    [...world.memory.outbox.values()].map(({ state }) => state),
    ['refused'],
  );
  assert.equal(world.memory.told.size, 0);
});

test('drills pass like real alerts, and are never in one message with them', () => {
  const world = mail();
  world.fire({ origin: 'drill' });
  world.fire();
  world.pass(seconds(6));
  assert.deepEqual(
    world.arrived.map(({ drill }) => drill),
    [true, false],
  );
});

test('a note goes once to every channel that takes info', () => {
  const world = new World([channelOf('all'), channelOf('bad', { severities: ['critical'] })]);
  const note = { type: 'report', key: 'w1', title: 'Window over', lines: ['7 alerts'] } as const;
  world.dispatcher.tell(note, world.now);
  world.run();
  world.restart();
  world.dispatcher.tell(note, world.now);
  world.pass(minutes(1));
  assert.deepEqual(
    world.arrived.map(({ channel, type, title }) => `${channel} ${type} ${title}`),
    ['all report Window over'],
  );
});

test('a kill before the message was stored makes it anew, and one after sends it again', () => {
  const world = mail();
  world.answer = () => 'silent';
  world.fire();
  world.pass(seconds(6));
  assert.equal(new Set(world.given.map(({ key }) => key)).size, 1);
  world.restart(true);
  world.answer = () => ({ type: 'delivered', detail: '' });
  world.pass(minutes(1));
  assert.equal(world.arrived.length, 1);
  assert.equal(world.arrived[0]?.key, world.given[0]?.key);
});

test('a clock that is set back a day makes nothing wait for a day', () => {
  const world = mail();
  world.fire();
  world.pass(seconds(2));
  world.now -= days(1);
  world.dispatcher.clockStepped(-days(1));
  world.pass(seconds(6));
  assert.equal(world.arrived.length, 1);
});

test('an attempt that is reported twice counts once', () => {
  const world = mail();
  world.answer = () => 'silent';
  world.fire();
  world.pass(seconds(6));
  const { key } = world.given[0] ?? { key: '' };
  const attempt = { key, channel: 'mail', at: world.now, took: 1, outcome: down };
  assert.equal(world.dispatcher.attempt(attempt, world.now), true);
  const until = world.dispatcher.lane('mail')?.flight?.notBefore;
  assert.equal(world.dispatcher.attempt(attempt, world.now + 1), true);
  assert.equal(world.dispatcher.lane('mail')?.flight?.notBefore, until);
  assert.equal(world.dispatcher.attempt({ ...attempt, key: 'other' }, world.now), false);
});

test('a severity that rose in a message that never arrived is told with the digest', () => {
  const world = mail({ repeatInterval: 0 });
  const alert = world.fire({ severity: 'warning' });
  world.pass(minutes(10));
  world.answer = () => down;
  world.set(alert, { severity: 'critical' }, 'severity');
  world.pass(minutes(20));
  world.fire({ rule: 'b' });
  world.pass(minutes(20));
  world.answer = () => ({ type: 'delivered', detail: '' });
  world.pass(minutes(10));
  assert.match(told(world).at(-1) ?? '', /severity unit-1.service/);
});

test('what was refused once, and ended while nothing arrived, is told as brief', () => {
  const world = mail();
  world.answer = () => ({ type: 'refused', why: '550' });
  const alert = world.fire();
  world.pass(hours(1));
  world.answer = () => down;
  world.pass(hours(4));
  world.fire({ rule: 'b' });
  world.resolve(alert);
  world.pass(hours(1));
  world.answer = () => ({ type: 'delivered', detail: '' });
  world.pass(minutes(10));
  assert.deepEqual(told(world), ['raised unit-2.service, brief unit-1.service']);
});

test('what happened after a channel began is its business, also over a kill', () => {
  const world = mail();
  const alert = world.fire();
  world.set(alert, { acknowledged: true }, 'acknowledged');
  world.restart(true);
  world.resolve(alert);
  world.pass(minutes(10));
  assert.deepEqual(told(world), ['brief unit-1.service']);
});

test('news in an outage does not have the channel asked more often', () => {
  const world = mail();
  world.answer = () => down;
  for (let i = 0; i < 48; i++) {
    world.fire({ rule: `rule-${i}` });
    world.pass(minutes(5));
  }
  // Half of five minutes apart on average, and a few at the beginning.
  assert.ok(world.given.length < 4 * 24 + 20, `${world.given.length} attempts`);
});

test('what ended during an outage is not told as firing first', () => {
  const world = mail();
  world.answer = () => down;
  const alert = world.fire();
  world.pass(hours(1));
  world.resolve(alert);
  world.pass(minutes(10));
  world.answer = () => ({ type: 'delivered', detail: '' });
  world.pass(minutes(10));
  assert.deepEqual(told(world), ['brief unit-1.service']);
});
