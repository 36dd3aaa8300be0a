/** What is given out when, and what the disk has to do with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minutes, seconds } from '../domain/time.ts';
import { said } from './dispatch/world.fixture.ts';
import { PumpRig } from './pump.fixture.ts';

const delivered = { type: 'delivered', detail: 'ok' } as const;
const down = { type: 'retry', why: 'refused', maybe: false } as const;

async function oneWaiting(rig: PumpRig): Promise<string> {
  rig.house.fire();
  await rig.clock.advance(100);
  return [...rig.memory.outbox.keys()].at(-1) ?? '';
}

test('a message is given out when it is stored, and not before', async () => {
  const rig = await new PumpRig().start();
  rig.disk = 'slow';
  rig.house.fire();
  const asked = rig.next();
  let given = 0;
  void asked.then(({ length }) => {
    given = length;
  });
  await rig.clock.advance(900);
  assert.equal(given, 0);
  await rig.release();
  assert.equal(given, 1);
  assert.equal(rig.memory.outbox.size, 1);
});

test('while the disk is full for long people are told all the same, and it is written later', async () => {
  const rig = await new PumpRig().start();
  rig.disk = 'full';
  rig.house.fire();
  await rig.clock.advance(seconds(1));
  assert.deepEqual(await rig.given(), []);
  await rig.clock.advance(seconds(2));
  const [message] = await rig.given();
  assert.ok(message);
  await rig.report(message.key, delivered);
  rig.house.fire();
  await rig.clock.advance(seconds(1));
  const [second] = await rig.given();
  assert.ok(second !== undefined && second.key !== message.key);
  assert.equal(rig.memory.outbox.size, 0);
  rig.disk = 'ok';
  await rig.clock.advance(seconds(2));
  assert.deepEqual(
    [...rig.memory.outbox.values()].map(({ state }) => state),
    ['delivered', 'waiting'],
  );
});

test('a report is answered when it is stored', async () => {
  const rig = await new PumpRig().start();
  const key = await oneWaiting(rig);
  await rig.given();
  rig.disk = 'slow';
  let answered = false;
  const reported = rig.report(key, delivered).then(() => {
    answered = true;
  });
  await rig.clock.advance(100);
  assert.equal(answered, false);
  await rig.release();
  await reported;
  assert.equal(rig.memory.outbox.get(key)?.state, 'delivered');
});

test('asking again without having reported gives the same message again', async () => {
  const rig = await new PumpRig().start();
  await oneWaiting(rig);
  const [first] = await rig.given();
  const [again] = await rig.given();
  assert.equal(first?.key, again?.key);
});

test('whoever asks waits for a message, and for no longer than his patience', async () => {
  const rig = await new PumpRig().start();
  const none = rig.next();
  await rig.clock.advance(1001);
  assert.deepEqual(await none, []);
  const aborting = new AbortController();
  const aborted = rig.pump.next(['mail'], minutes(5), aborting.signal);
  aborting.abort();
  assert.deepEqual(await aborted, []);
  const waiting = rig.next();
  rig.house.fire();
  await rig.clock.advance(100);
  assert.equal((await waiting).length, 1);
});

test('who was answered that an alert is acknowledged is not told of it a moment later', async () => {
  const rig = await new PumpRig().start();
  const key = await oneWaiting(rig);
  await rig.given();
  const { id } = rig.house.fire({ rule: 'other' });
  await rig.clock.advance(100);
  // Published, and the pump has not looked since.
  rig.house.isMute = true;
  await rig.house.act(id, { type: 'acknowledge', comment: null }, 'uid:0');
  await rig.report(key, delivered);
  assert.deepEqual(await rig.given(), []);
});

test('an alert that ended unseen right before a reload is told as ended', async () => {
  const rig = await new PumpRig().start();
  const { id } = rig.house.fire();
  await rig.clock.advance(100);
  const [raised] = await rig.given();
  assert.deepEqual(
    raised?.items.map(({ alert }) => alert.phase),
    ['firing'],
  );
  // Published, and the pump has not looked since.
  rig.house.isMute = true;
  rig.house.resolve(id);
  await rig.pump.configure(rig.profiles);
  rig.house.isMute = false;
  await rig.report(raised?.key ?? '', delivered);
  await rig.clock.advance(minutes(6));
  const [ended] = await rig.given();
  assert.deepEqual(
    ended?.items.map(({ alert, reason }) => [alert.id, reason]),
    [[id, 'resolved']],
  );
});

test('what failed is given out again when its time has come, by itself', async () => {
  const rig = await new PumpRig().start();
  const key = await oneWaiting(rig);
  await rig.given();
  await rig.report(key, { ...down, after: minutes(3) });
  const early = rig.next();
  await rig.clock.advance(seconds(2));
  assert.deepEqual(await early, []);
  await rig.clock.advance(minutes(3) - seconds(2.5));
  const late = rig.next();
  await rig.clock.advance(seconds(1));
  assert.equal((await late)[0]?.key, key);
  assert.deepEqual(rig.pump.counter.read(), [
    { channel: 'mail', result: 'delivered', count: 0 },
    { channel: 'mail', result: 'retry', count: 1 },
  ]);
});

test('after a kill everything that was published meanwhile is told, once', async () => {
  const rig = await new PumpRig().start();
  const key = await oneWaiting(rig);
  await rig.given();
  await rig.report(key, delivered);
  rig.house.isMute = true;
  const missed = rig.house.fire();
  rig.house.resolve(missed.id);
  const fires = rig.house.fire();
  rig.house.isMute = false;
  await rig.restart();
  await rig.clock.advance(seconds(1));
  const [message] = await rig.given();
  assert.ok(message);
  assert.equal(said(message), `raised ${fires.resource.id}, brief ${missed.resource.id}`);
});

test('on a box that knew no delivery the past is not told, and what fires is told at once', async () => {
  const rig = new PumpRig();
  const over = rig.house.fire({ rule: 'a' });
  rig.house.resolve(over.id);
  rig.house.fire({ rule: 'b' });
  rig.house.fire({ rule: 'c' });
  await rig.start();
  await rig.clock.advance(seconds(1));
  const [message] = await rig.given();
  assert.equal(message?.type, 'digest');
  assert.equal(message.items.length, 2);
});

test('a test message goes past what waits, and its sender is told what became of it', async () => {
  const rig = await new PumpRig().start();
  const key = await oneWaiting(rig);
  await rig.given();
  await rig.report(key, { ...down, after: minutes(50) });
  const asked = rig.pump.test('mail', 'uid:0');
  const [message] = await rig.given();
  assert.equal(message?.type, 'test');
  assert.equal(message.sequence, 0);
  await rig.report(message.key, { type: 'refused', why: '550 no' });
  assert.deepEqual((await asked).outcome, { type: 'refused', why: '550 no' });
  assert.equal(rig.memory.outbox.get(message.key)?.state, 'refused');
  assert.equal(rig.memory.outbox.get(key)?.state, 'waiting');
});

test('a test message that arrives frees the way for what waits', async () => {
  const rig = await new PumpRig().start();
  const key = await oneWaiting(rig);
  await rig.given();
  await rig.report(key, { ...down, after: minutes(50) });
  const asked = rig.pump.test('mail', 'uid:0');
  const [message] = await rig.given();
  await rig.report(message?.key ?? '', delivered);
  await asked;
  assert.equal((await rig.given())[0]?.key, key);
});

test('a test message that nobody comes for is answered within a minute', async () => {
  const rig = await new PumpRig().start();
  const asked = rig.pump.test('mail', 'uid:0');
  await rig.clock.advance(minutes(1));
  const { outcome } = await asked;
  assert.equal(outcome.type, 'retry');
  assert.match(outcome.type === 'retry' ? outcome.why : '', /is it running/);
});

test('what is said before the start is said after it', async () => {
  const rig = new PumpRig();
  void rig.pump.tell({ type: 'report', key: 'k', title: 'Window over', lines: [] });
  await rig.start();
  await rig.clock.advance(100);
  assert.equal((await rig.given())[0]?.title, 'Window over');
});

test('a wall clock that is set back by a year holds nothing up', async () => {
  const rig = await new PumpRig().start();
  const key = await oneWaiting(rig);
  await rig.given();
  await rig.report(key, down);
  rig.clock.jump(-365 * 24 * minutes(60));
  rig.house.fire();
  await rig.clock.advance(seconds(30));
  assert.equal((await rig.given())[0]?.key, key);
});

test('at the end what was not urgent is written too', async () => {
  const rig = await new PumpRig().start();
  rig.house.fire({ mutedBy: ['s'] });
  await rig.clock.advance(100);
  assert.equal(rig.memory.told.size, 0);
  await rig.pump.stop();
  assert.equal(rig.memory.told.size, 1);
});
