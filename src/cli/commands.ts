/** The commands, one row each: parsing, help, completion and the man page are made from it. */
import { seconds } from '../domain/time.ts';
import { alertCommands } from './alert-commands.ts';
import { auditCommands } from './audit-commands.ts';
import type { Command } from './command.ts';
import { checkAlerts } from './commands/check.ts';
import { checkConfig } from './commands/config-check.ts';
import { examine } from './commands/doctor.ts';
import { listEvents } from './commands/event.ts';
import { showHealth } from './commands/health.ts';
import { showMetrics } from './commands/metrics.ts';
import { showStatus } from './commands/status.ts';
import { listUnits, showUnit } from './commands/unit.ts';
import { completion } from './completion.ts';
import { deliveryCommands } from './delivery-commands.ts';
import { help } from './help.ts';
import { muteCommands } from './mute-commands.ts';
import { recordCommands } from './record-commands.ts';
import { reloadCommands } from './reload-commands.ts';
import { ruleCommands } from './rule-commands.ts';
import { taskCommands } from './task-commands.ts';
import { thingCommands } from './thing-commands.ts';
import { tokenCommands } from './token-commands.ts';

const many = Infinity;

export const commands: readonly Command[] = [
  {
    name: 'status',
    arguments: '',
    count: [0, 0],
    options: [],
    summary: 'How tocsin is, what fires, and when it could not see.',
    operations: ['health.status', 'alert.list', 'maintenance.list'],
    run: showStatus,
  },
  ...alertCommands,
  {
    name: 'event list',
    isDefault: true,
    arguments: '',
    count: [0, 0],
    options: ['follow', 'since', 'until', 'limit', 'unit', 'kind', 'id', 'event', 'after'],
    summary: 'What happened to units and other things, oldest first: runs that failed, restarts.',
    operations: ['event.list', 'stream.follow'],
    run: listEvents,
  },
  {
    name: 'unit list',
    isDefault: true,
    arguments: '[PATTERN…]',
    count: [0, many],
    options: ['failed', 'all'],
    summary: 'The watched units as tocsin last knew them.',
    operations: ['resource.list'],
    completes: 'unit',
    run: listUnits,
  },
  {
    name: 'unit show',
    arguments: 'UNIT',
    count: [1, 1],
    options: [],
    summary: 'All that is known of a unit, its alerts and its latest events.',
    operations: ['resource.list', 'alert.list', 'event.list', 'topology.show'],
    completes: 'unit',
    run: showUnit,
  },
  ...thingCommands,
  ...taskCommands,
  ...muteCommands,
  ...deliveryCommands,
  ...tokenCommands,
  ...auditCommands,
  ...recordCommands,
  ...ruleCommands,
  ...reloadCommands,
  {
    name: 'health',
    arguments: '',
    count: [0, 0],
    options: ['since'],
    summary: 'The parts of tocsin, and when it could not see. Ends with 3 when it is unhealthy.',
    operations: ['health.status'],
    run: showHealth,
  },
  {
    name: 'metrics',
    arguments: '',
    count: [0, 0],
    options: [],
    summary: 'The appliance in figures; a dash for one that cannot be known now.',
    operations: ['metrics.show'],
    run: showMetrics,
  },
  {
    name: 'config check',
    arguments: '[FILE…]',
    count: [0, many],
    options: ['config', 'output'],
    summary: 'Check settings files, or those in force. Needs no tocsind.',
    operations: [],
    completes: 'file',
    run: checkConfig,
  },
  {
    name: 'doctor',
    arguments: '',
    count: [0, 0],
    options: ['rules-dir'],
    summary:
      'Check this installation and say what to do: units, sockets, rights, disk, sources, telling. Ends with 3 when something is wrong; as root it sees most.',
    operations: ['health.status', 'channel.list', 'rule.list', 'resource.list'],
    patience: seconds(10),
    run: examine,
  },
  {
    name: 'check',
    arguments: '',
    count: [0, 0],
    options: ['warning', 'critical'],
    shows: false,
    summary: 'A Nagios plugin: one line, and 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.',
    operations: ['health.status', 'alert.list'],
    run: checkAlerts,
  },
  {
    name: 'completion',
    arguments: 'bash|zsh|fish',
    count: [1, 1],
    options: [],
    summary:
      'Print the completion of a shell: source <(tocsin completion bash); in fish: tocsin completion fish | source.',
    operations: [],
    completes: 'shell',
    run: completion,
  },
  {
    name: 'help',
    arguments: '[COMMAND… | exit-codes]',
    count: [0, 2],
    options: [],
    summary: 'Explain the commands, one command, or the exit statuses.',
    operations: [],
    completes: 'command',
    run: help,
  },
];
