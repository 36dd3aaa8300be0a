import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settled } from '../../test/support/fake-clock.ts';
import type { Member } from '../config/readers.ts';
import { minutes, seconds } from '../domain/time.ts';
import type { JournalFields } from '../platform/journal-write.ts';
import { stepMax } from './courier.ts';
import { channelsOf, createCouriers } from './couriers.ts';
import { fakePorts } from './fake-ports.ts';
import { memoryOutbox } from './outbox.fixture.ts';

const log: Member = { type: 'journal', enabled: true };
const hook: Member = { type: 'webhook', enabled: true };

function setUp() {
  const clock = new FakeClock();
  const outbox = memoryOutbox(clock);
  const written: JournalFields[] = [];
  const journal = {
    write(fields: JournalFields) {
      written.push(fields);
      return { type: 'written' } as const;
    },
  };
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const couriers = createCouriers('core', {
    clock,
    outbox,
    random: () => 0,
    log: { error: say, warning: say, notice: say, info: say },
    ports: fakePorts({ journal }),
  });
  return { clock, couriers, lines, outbox, written };
}

test('each process has the channels of its place that are switched on', () => {
  const all = { log, hook, off: { ...log, enabled: false }, alien: { type: 'fax' } };
  assert.deepEqual(Object.keys(channelsOf('core', all)), ['log']);
  assert.deepEqual(Object.keys(channelsOf('relay', all)), ['hook']);
});

test('what waits for a channel goes out through it', async () => {
  const { couriers, outbox, written } = setUp();
  outbox.add('log', 2);
  await couriers.serve({ log, hook });
  await settled();
  assert.deepEqual(
    written.map((fields) => fields.TOCSIN_SEQUENCE),
    [1, 2],
  );
  assert.deepEqual(couriers.channels(), ['log']);
  await couriers.stop();
});

test('new settings disturb only the channels that they change', async () => {
  const { couriers, outbox } = setUp();
  const asked = (name: string): number => outbox.asked.get(name) ?? 0;
  await couriers.serve({ kept: log, changed: log, gone: log });
  await couriers.serve({ kept: { ...log }, changed: { ...log, budget: 7 }, fresh: log });
  await settled();
  assert.deepEqual(['kept', 'changed', 'gone', 'fresh'].map(asked), [1, 2, 1, 1]);
  assert.deepEqual(couriers.channels(), ['kept', 'changed', 'fresh']);
  outbox.add('gone');
  await settled();
  assert.equal(outbox.waiting('gone').length, 1);
  await couriers.stop();
  assert.deepEqual(couriers.channels(), []);
});

test('a channel that cannot be opened says why with each attempt, and the others work', async () => {
  const { clock, couriers, lines, outbox, written } = setUp();
  const broken = { type: 'exec', enabled: true };
  Object.defineProperty(broken, 'command', {
    get() {
      throw new Error('no such program');
    },
  });
  outbox.add('broken');
  outbox.add('log');
  await couriers.serve({ broken, log });
  await settled();
  assert.match(lines.join('\n'), /channel broken cannot be opened: Error: no such program/);
  assert.deepEqual(outbox.attempts.find(({ channel }) => channel === 'broken')?.outcome, {
    type: 'retry',
    why: 'it cannot be opened: no such program',
    maybe: false,
  });
  assert.equal(written.length, 1);
  const ending = couriers.stop();
  await clock.advance(seconds(1));
  await ending;
});

test('a courier that makes no step is stuck', async () => {
  const { clock, couriers, outbox } = setUp();
  outbox.add('log');
  outbox.report = () => new Promise(() => {});
  await couriers.serve({ log });
  await clock.advance(stepMax);
  assert.deepEqual(couriers.stuck(), []);
  await clock.advance(minutes(1));
  assert.deepEqual(couriers.stuck(), ['log']);
});
