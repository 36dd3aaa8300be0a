/** The commands about who is told: channels, deliveries, drills. */
import { minutes } from '../domain/time.ts';
import type { Command } from './command.ts';
import { listChannels, testChannel } from './commands/channel.ts';
import { listDeliveries } from './commands/delivery.ts';
import { drillRule } from './commands/drill.ts';

/** A test waits until the other side has answered, however slow it is. */
const testPatience = minutes(2);

export const deliveryCommands: readonly Command[] = [
  {
    name: 'channel list',
    isDefault: true,
    arguments: '',
    count: [0, 0],
    options: [],
    summary: 'The channels that alerts are told over, and how each of them is.',
    operations: ['channel.list'],
    run: listChannels,
  },
  {
    name: 'channel test',
    arguments: 'NAME…',
    count: [1, Infinity],
    options: [],
    summary:
      'Send a test message at once and wait for what becomes of it. Ends with 3 when one did not arrive.',
    operations: ['channel.test'],
    completes: 'channel',
    patience: testPatience,
    run: testChannel,
  },
  {
    name: 'delivery list',
    isDefault: true,
    arguments: '[ALERT-ID]',
    count: [0, 1],
    options: ['channel', 'state', 'since', 'limit'],
    summary:
      'What was told over which channel, when, how often it was tried, and what was answered.',
    operations: ['delivery.list'],
    completes: 'alert',
    run: listDeliveries,
  },
  {
    name: 'drill',
    arguments: 'RULE',
    count: [1, 1],
    options: ['id', 'expires'],
    summary:
      'Hold an exercise: an alert of this rule, marked [DRILL], goes the whole way to people, and ends by itself.',
    operations: ['rule.drill'],
    completes: 'rule',
    run: drillRule,
  },
];
