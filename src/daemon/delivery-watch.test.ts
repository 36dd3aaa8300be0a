/** What rules see of delivery, and the cry where nobody was told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { Alert } from '../domain/alert.ts';
import type { Reading } from '../domain/reading.ts';
import { fakeAlert } from '../operations/fake-alerts.ts';
import type { ChannelStatus } from '../operations/house-delivery.ts';
import type { Command } from '../platform/command.ts';
import type { JournalFields, JournalWriter } from '../platform/journal-write.ts';
import { DeliveryWatch, deliveryReading } from './delivery-watch.ts';
import { cry } from './last-cry.ts';

const status = (name: string, more: Partial<ChannelStatus> = {}): ChannelStatus => ({
  name,
  type: 'mail',
  place: 'relay',
  enabled: true,
  health: 'healthy',
  reason: null,
  failingSince: null,
  lastDeliveredAt: 5,
  waiting: 0,
  waitingSince: null,
  sentLastHour: 0,
  budget: null,
  settings: {},
  ...more,
});

test('only channels that somebody reads and that are enabled count', () => {
  const channels = [
    status('mail'),
    status('off', { enabled: false }),
    status('log', { type: 'journal' }),
    status('terminals', { type: 'wall' }),
  ];
  const read = deliveryReading({
    channels: () => channels,
    untold: () => ({ alertIds: ['a', 'b'], since: 7 }),
  });
  assert.equal(read.type, 'complete');
  const resources = read.type === 'complete' ? read.resources : [];
  assert.deepEqual(
    resources.map(({ kind, id }) => `${kind} ${id}`),
    [...channels.map(({ name }) => `tocsin.channel ${name}`), 'tocsin.delivery system'],
  );
  assert.deepEqual(resources.at(-1)?.attributes, { channels: 1, untold: 2, untoldSince: 7 });
});

test('nobody-told is cried once for each time it fires, and no other alert is', async () => {
  const clock = new FakeClock();
  const rings: (() => void)[] = [];
  const cried: string[] = [];
  let active: readonly Alert[] = [];
  const readings: Reading[] = [];
  const watch = new DeliveryWatch({
    desk: { channels: () => [], untold: () => ({ alertIds: [], since: null }) },
    clock,
    publication: {
      active: () => active,
      onRing(ring) {
        rings.push(ring);
        return () => rings.splice(0);
      },
    },
    tell: (read) => readings.push(read),
    cry: ({ id }) => cried.push(id),
  });
  watch.start();
  const ring = async (...alerts: readonly Alert[]): Promise<void> => {
    active = alerts;
    for (const one of rings) one();
    for (const one of rings) one();
    await clock.advance(1000);
  };
  const untold = fakeAlert(1, { rule: 'nobody-told' });
  await ring(fakeAlert(2));
  await ring({ ...untold, phase: 'pending' });
  await ring(untold);
  await ring(untold, fakeAlert(3));
  assert.deepEqual(cried, [untold.id]);
  const again = fakeAlert(9, { rule: 'nobody-told' });
  await ring(again);
  assert.deepEqual(cried, [untold.id, again.id]);
  await clock.advance(10_000);
  assert.equal(readings.length, 2);
  watch.stop();
  await clock.advance(60_000);
  assert.deepEqual([readings.length, rings.length], [2, 0]);
});

const command = (argvs: string[]): Command =>
  ({
    run: async (argv: readonly string[]) => {
      argvs.push(argv[0] ?? '');
      return { type: 'missing', why: 'not here' };
    },
  }) as unknown as Command;
const title = '2 critical alerts have reached nobody';

test('the cry goes to the journal with the priority that reaches all terminals', async () => {
  const written: JournalFields[] = [];
  const said: string[] = [];
  const argvs: string[] = [];
  const say = (text: string): void => void said.push(text);
  const journal: JournalWriter = {
    write(fields) {
      written.push(fields);
      return { type: 'written' };
    },
  };
  const log = { error: say, warning: say, notice: say, info: say };
  await cry({ command: command(argvs), journal, log }, fakeAlert(1, { title }));
  assert.match(String(written[0]?.MESSAGE), /2 critical alerts have reached nobody/);
  assert.deepEqual([written.length, written[0]?.PRIORITY, argvs, said], [1, 0, [], []]);
});

test('where neither journal nor wall takes the cry, the log has it', async () => {
  const said: string[] = [];
  const argvs: string[] = [];
  const say = (text: string): void => void said.push(text);
  const journal: JournalWriter = { write: () => ({ type: 'failed', why: 'no journald' }) };
  const log = { error: say, warning: say, notice: say, info: say };
  await cry({ command: command(argvs), journal, log }, fakeAlert(1, { title }));
  assert.deepEqual(argvs, ['wall']);
  assert.match(said[0] ?? '', /2 critical alerts have reached nobody/);
});
