import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeClock, settled } from '../../test/support/fake-clock.ts';
import type { Message, Outcome } from '../domain/message.ts';
import { minutes, seconds } from '../domain/time.ts';
import type { Sender } from './channel.ts';
import { patience, startCourier, stepMax } from './courier.ts';
import { memoryOutbox } from './outbox.fixture.ts';

const delivered: Outcome = { type: 'delivered', detail: '' };
const retry: Outcome = { type: 'retry', why: 'connection refused', maybe: false };

function sink(answer: (message: Message) => Outcome | Promise<Outcome> = () => delivered) {
  const sent: string[] = [];
  let closed = false;
  const sender: Sender = {
    async send(message) {
      sent.push(message.key);
      return answer(message);
    },
    async close() {
      closed = true;
    },
  };
  return { sender, sent, isClosed: () => closed };
}

function setUp() {
  const clock = new FakeClock();
  const outbox = memoryOutbox(clock);
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const log = { error: say, warning: say, notice: say, info: say, debug: say };
  return { clock, outbox, lines, parts: { clock, outbox, log, random: () => 0.5 } };
}

const never = (): Promise<Outcome> => new Promise(() => {});

test('messages of a channel go out one after the other, each reported before the next', async () => {
  const { outbox, parts } = setUp();
  const { sender, sent } = sink(() => {
    assert.equal(outbox.attempts.length, sent.length - 1);
    return delivered;
  });
  outbox.add('mail', 3);
  const courier = startCourier('mail', sender, parts);
  await settled();
  assert.deepEqual(sent, ['mail-1', 'mail-2', 'mail-3']);
  assert.deepEqual(outbox.waiting('mail'), []);
  await courier.stop();
});

test('while a report is not durable yet nothing more is asked for, let alone sent twice', async () => {
  const { clock, outbox, parts } = setUp();
  outbox.reportTakes = seconds(3);
  outbox.add('mail', 2);
  const { sender, sent } = sink();
  const courier = startCourier('mail', sender, parts);
  await clock.advance(seconds(2));
  assert.deepEqual([sent, outbox.asked.get('mail')], [['mail-1'], 1]);
  await clock.advance(seconds(2));
  assert.deepEqual(sent, ['mail-1', 'mail-2']);
  const ending = courier.stop();
  await clock.advance(seconds(4));
  await ending;
});

test('a message that comes later is carried at once', async () => {
  const { clock, outbox, parts } = setUp();
  const { sender, sent } = sink();
  const courier = startCourier('mail', sender, parts);
  await clock.advance(minutes(2));
  outbox.add('mail');
  await settled();
  assert.deepEqual(sent, ['mail-1']);
  assert.ok((outbox.asked.get('mail') ?? 0) <= 2 + minutes(2) / patience, 'asked too often');
  await courier.stop();
});

test('a channel that hangs holds up no other', async () => {
  const { outbox, parts } = setUp();
  const hanging = sink(never);
  const working = sink();
  outbox.add('webhook', 2);
  outbox.add('mail', 2);
  const couriers = [
    startCourier('webhook', hanging.sender, parts),
    startCourier('mail', working.sender, parts),
  ];
  await settled();
  assert.deepEqual([hanging.sent, working.sent], [['webhook-1'], ['mail-1', 'mail-2']]);
  assert.ok(couriers[0] && couriers[1]);
  const { clock } = parts;
  const ending = Promise.all(couriers.map((one) => one.stop()));
  await clock.advance(seconds(1));
  await ending;
});

test('one that never answers is given up, as what may have arrived', async () => {
  const { clock, outbox, parts } = setUp();
  outbox.add('webhook');
  const courier = startCourier('webhook', sink(never).sender, parts);
  await clock.advance(minutes(2) + seconds(2));
  assert.deepEqual(outbox.attempts[0]?.outcome, {
    type: 'retry',
    why: 'it did not answer in time',
    maybe: true,
  });
  const ending = courier.stop();
  await clock.advance(seconds(1));
  await ending;
});

test('a report is said again until it is durable, and nothing is sent meanwhile', async () => {
  const { clock, outbox, parts } = setUp();
  outbox.add('mail', 2);
  const { sender, sent } = sink(() => {
    outbox.down = true;
    return delivered;
  });
  const courier = startCourier('mail', sender, parts);
  await clock.advance(minutes(5));
  assert.deepEqual([sent, outbox.attempts], [['mail-1'], []]);
  outbox.down = false;
  await clock.advance(seconds(6));
  assert.equal(outbox.attempts[0]?.key, 'mail-1');
  outbox.down = false;
  await courier.stop();
});

test('an outbox that cannot be reached is asked again, ever more seldom', async () => {
  const { clock, outbox, parts } = setUp();
  outbox.down = true;
  const { sender, sent } = sink();
  const courier = startCourier('mail', sender, parts);
  await clock.advance(minutes(10));
  const asked = outbox.asked.get('mail') ?? 0;
  assert.ok(asked > 100 && asked < 300, `asked ${asked} times in ten minutes`);
  outbox.down = false;
  outbox.add('mail');
  await clock.advance(seconds(6));
  assert.deepEqual(sent, ['mail-1']);
  await courier.stop();
});

test('trouble of a channel is logged when it begins and when it ends', async () => {
  const { clock, outbox, lines, parts } = setUp();
  let tries = 0;
  outbox.add('mail', 1);
  const courier = startCourier('mail', sink(() => (++tries < 9 ? retry : delivered)).sender, parts);
  await clock.advance(minutes(1));
  assert.deepEqual(lines, [
    'channel mail: connection refused, trying again',
    'channel mail: delivers again',
  ]);
  await courier.stop();
});

test('a bug of a channel is a failed attempt, and the courier lives on', async () => {
  const { clock, outbox, parts } = setUp();
  outbox.add('mail', 1);
  let broken = true;
  const { sender } = sink(() => {
    if (broken) throw new TypeError('undefined is not a function');
    return delivered;
  });
  const courier = startCourier('mail', sender, parts);
  await settled();
  broken = false;
  await clock.advance(seconds(1));
  assert.deepEqual(outbox.waiting('mail'), []);
  assert.equal(outbox.attempts[0]?.outcome.type, 'retry');
  await courier.stop();
});

for (const [name, answer] of [
  ['waits for a message', undefined],
  ['hangs in a channel', never],
] as const) {
  test(`a courier that ${name} ends within a second and closes its channel`, async () => {
    const { clock, outbox, parts } = setUp();
    if (answer !== undefined) outbox.add('mail');
    const { sender, isClosed } = sink(answer);
    const courier = startCourier('mail', sender, parts);
    await settled();
    const stopped = courier.stop();
    await clock.advance(seconds(1));
    await stopped;
    assert.equal(isClosed(), true);
  });
}

test('a message that is on its way when the courier ends may arrive, and is reported', async () => {
  const { clock, outbox, parts } = setUp();
  outbox.add('mail', 2);
  const { sender, sent } = sink(() => clock.sleep(400).then(() => delivered));
  const courier = startCourier('mail', sender, parts);
  await settled();
  const stopped = courier.stop();
  await clock.advance(seconds(1));
  await stopped;
  assert.deepEqual([sent, outbox.attempts.length], [['mail-1'], 1]);
});

test('a courier makes a step now and then whatever happens', async () => {
  const { clock, outbox, parts } = setUp();
  outbox.add('mail', 1);
  const courier = startCourier('mail', sink(never).sender, parts);
  for (let minute = 0; minute < 30; minute += 1) {
    await clock.advance(minutes(1));
    assert.ok(clock.monotonic() - courier.lastStepAt() < stepMax);
  }
  const ending = courier.stop();
  await clock.advance(seconds(1));
  await ending;
});

test('whatever fails and when, every message is delivered once or more, and in order', async () => {
  const outcome = fc.constantFrom<Outcome>(delivered, retry, { ...retry, maybe: true });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ outcome, downAfter: fc.boolean() }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 10 }),
      async (plan, count) => {
        const { clock, outbox, parts } = setUp();
        const arrived: string[] = [];
        let step = 0;
        const { sender } = sink((message) => {
          const now = plan[step++];
          if (now === undefined || now.outcome.type === 'delivered') arrived.push(message.key);
          outbox.down = now?.downAfter ?? false;
          return now?.outcome ?? delivered;
        });
        outbox.add('mail', count);
        const courier = startCourier('mail', sender, parts);
        for (let i = 0; i < 60 && outbox.waiting('mail').length > 0; i += 1) {
          await clock.advance(200);
          outbox.down = false;
          await clock.advance(seconds(5));
        }
        await courier.stop();
        const expected = Array.from({ length: count }, (_, i) => `mail-${i + 1}`);
        assert.deepEqual([...new Set(arrived)], expected);
        assert.deepEqual(
          arrived,
          arrived.toSorted((a, b) => Number(a.slice(5)) - Number(b.slice(5))),
        );
      },
    ),
    { numRuns: 20 },
  );
});
