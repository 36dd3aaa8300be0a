/** The commands about alerts. */
import type { Command } from './command.ts';
import { listAlerts, showAlert } from './commands/alert.ts';
import { acknowledge, comment, raise, resolve, unacknowledge } from './commands/alert-acts.ts';
import { explainAlert } from './commands/alert-explain.ts';
import { watchAlerts } from './commands/alert-watch.ts';

const many = Infinity;

export const alertCommands: readonly Command[] = [
  {
    name: 'alert list',
    isDefault: true,
    arguments: '[MATCHER…]',
    count: [0, many],
    options: [
      'severity',
      'source',
      'phase',
      'all',
      'since',
      'until',
      'limit',
      'grep',
      'acknowledged',
      'unacknowledged',
    ],
    summary:
      'Alerts, newest first. A MATCHER is written as for Alertmanager, unit="a.service" or severity=~"crit.*"; a bare word is the id of a rule.',
    operations: ['alert.list'],
    completes: 'rule',
    run: listAlerts,
  },
  {
    name: 'alert show',
    arguments: 'ID',
    count: [1, 1],
    options: [],
    summary: 'One alert with evidence, cause, victims, advice and timeline.',
    operations: ['alert.get', 'alert.list', 'alert.timeline'],
    completes: 'alert',
    run: showAlert,
  },
  {
    name: 'alert explain',
    arguments: 'ID',
    count: [1, 1],
    options: [],
    summary:
      'Why an alert is there, in plain words: the first sign, its cause and how certain that is, what changed on the machine in the 24 hours before, its victims, who was told, and what to do.',
    operations: ['alert.explain', 'alert.list'],
    completes: 'alert',
    run: explainAlert,
  },
  {
    name: 'alert ack',
    arguments: 'ID…',
    count: [1, many],
    options: ['comment', 'expires'],
    summary:
      'Say that somebody takes care of this occurrence: until it is resolved, for a time (--expires 2h), or until it changes or gets worse (--expires change). Twice is no fault.',
    operations: ['alert.acknowledgeMany', 'alert.list'],
    completes: 'alert',
    run: acknowledge,
  },
  {
    name: 'alert unack',
    arguments: 'ID…',
    count: [1, many],
    options: ['comment'],
    summary: 'Take the acknowledgement back.',
    operations: ['alert.unacknowledge', 'alert.list'],
    completes: 'alert',
    run: unacknowledge,
  },
  {
    name: 'alert resolve',
    arguments: 'ID…',
    count: [1, many],
    options: ['comment'],
    summary:
      'End it by hand. While its condition is true all the same, it is shown as still true; it comes again once that was false and is true again.',
    operations: ['alert.resolve', 'alert.list'],
    completes: 'alert',
    run: resolve,
  },
  {
    name: 'alert comment',
    arguments: 'ID TEXT',
    count: [2, 2],
    options: [],
    summary: 'Add a comment.',
    operations: ['alert.comment', 'alert.list'],
    completes: 'alert',
    run: comment,
  },
  {
    name: 'alert raise',
    arguments: 'TITLE',
    count: [1, 1],
    options: ['severity', 'source', 'message', 'advice', 'kind', 'id', 'label', 'expires', 'key'],
    summary: 'Raise an alert by hand or from a program: a warning of the source system.',
    operations: ['alert.raise'],
    run: raise,
  },
  {
    name: 'alert watch',
    arguments: '[MATCHER…]',
    count: [0, many],
    options: ['severity', 'source', 'after'],
    summary: 'Show every change of an alert as it happens, also over lost connections.',
    operations: ['stream.follow'],
    completes: 'rule',
    run: watchAlerts,
  },
];
