/** org.tocsin1.Manager: what can be asked of the whole. Each method is an operation. */

import { acknowledgeAlert, getAlert, resolveAlert } from '../operations/alert.ts';
import { explainAlert } from '../operations/alert-explain.ts';
import { listAlerts } from '../operations/alert-list.ts';
import { raiseAlert } from '../operations/alert-raise.ts';
import { showHealth } from '../operations/health.ts';
import type { RawInput } from '../operations/input.ts';
import { reloadDaemon } from '../operations/reload.ts';
import { saveSilence } from '../operations/silence.ts';
import { reportTask } from '../operations/task.ts';
import type { BusValue } from '../platform/system-bus.ts';
import { alertForm } from './alert.ts';
import { outputOf, textInput, withoutEmpty } from './ask.ts';
import { type Interface, type Method, textAt } from './member.ts';
import { managerInterface } from './names.ts';
import { jsonOf, wireText } from './values.ts';

const isTexts = (value: BusValue): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

const isDictionary = (value: BusValue | undefined): value is Readonly<Record<string, BusValue>> =>
  typeof value === 'object' && !Array.isArray(value);

/**
 * A filter as the query of the REST list: a text, or a list of texts, is what stands in the query
 * (`critical,warning` is two), other values are what they are.
 */
function filterInput(filter: BusValue | undefined): RawInput {
  const texts: Record<string, readonly string[]> = Object.create(null);
  const rest: (readonly [string, unknown])[] = [];
  for (const [name, value] of Object.entries(isDictionary(filter) ? filter : {})) {
    if (typeof value === 'string') texts[name] = [value];
    else if (isTexts(value)) texts[name] = value;
    else rest.push([name, jsonOf(value)]);
  }
  return { texts, json: Object.fromEntries(rest) };
}

const pairsOf = (value: BusValue | undefined): readonly (readonly BusValue[])[] =>
  Array.isArray(value) ? value : [];

const commentInput = (body: readonly BusValue[]): RawInput =>
  textInput({ id: textAt(body, 0), ...withoutEmpty({ comment: textAt(body, 1) }) });

const idAndComment = [
  ['id', 's'],
  ['comment', 's'],
] as const;

export const managerMethods: readonly Method<null>[] = [
  {
    name: 'ListAlerts',
    takes: [['filter', 'a{sv}']],
    gives: [['alerts', 'aa{sv}']],
    action: 'read',
    async run(ask, [filter]) {
      const { items } = await outputOf(ask, listAlerts, filterInput(filter));
      return [items.map((one) => alertForm.pack(one))];
    },
  },
  {
    name: 'GetAlert',
    takes: [['id', 's']],
    gives: [['alert', 'a{sv}']],
    action: 'read',
    async run(ask, body) {
      const found = await outputOf(ask, getAlert, textInput({ id: textAt(body, 0) }));
      return [alertForm.pack(found)];
    },
  },
  {
    name: 'Acknowledge',
    takes: idAndComment,
    gives: [],
    action: 'acknowledge',
    async run(ask, body) {
      await outputOf(ask, acknowledgeAlert, commentInput(body));
      return [];
    },
  },
  {
    name: 'Resolve',
    takes: idAndComment,
    gives: [],
    action: 'acknowledge',
    async run(ask, body) {
      await outputOf(ask, resolveAlert, commentInput(body));
      return [];
    },
  },
  {
    name: 'Silence',
    takes: [
      ['matchers', 'a(ss)'],
      ['seconds', 't'],
      ['comment', 's'],
    ],
    gives: [['id', 's']],
    action: 'silence',
    async run(ask, [given, seconds, comment]) {
      const matchers = pairsOf(given).map(([name, value]) => ({ name, value }));
      const duration = typeof seconds === 'bigint' ? `${seconds}s` : '';
      const saved = await outputOf(ask, saveSilence, { json: { matchers, duration, comment } });
      return [saved.id];
    },
  },
  {
    name: 'Report',
    takes: [['alert', 'a{sv}']],
    gives: [['id', 's']],
    action: 'report',
    async run(ask, [alert = {}]) {
      return [(await outputOf(ask, raiseAlert, { json: jsonOf(alert) })).id];
    },
  },
  {
    name: 'ReportTask',
    takes: [['task', 'a{sv}']],
    gives: [['id', 's']],
    action: 'report',
    async run(ask, [task = {}]) {
      return [(await outputOf(ask, reportTask, { json: jsonOf(task) })).id];
    },
  },
  {
    name: 'GetHealth',
    takes: [],
    gives: [
      ['status', 's'],
      ['components', 'a(sss)'],
    ],
    action: 'read',
    async run(ask) {
      const { status, components = {} } = await outputOf(ask, showHealth);
      const parts = Object.entries(components).map(([name, one]) => {
        const { status: health, reason } = one as { status: string; reason: string | null };
        return [name, health, wireText(reason ?? '')];
      });
      return [status, parts];
    },
  },
  {
    name: 'Explain',
    takes: [['id', 's']],
    gives: [['text', 's']],
    action: 'read',
    async run(ask, body) {
      const { text } = await outputOf(ask, explainAlert, textInput({ id: textAt(body, 0) }));
      return [wireText(text)];
    },
  },
  {
    name: 'Reload',
    takes: [],
    gives: [],
    action: 'reload',
    async run(ask) {
      await outputOf(ask, reloadDaemon);
      return [];
    },
  },
];

export const managerSpec: Interface = {
  name: managerInterface,
  methods: managerMethods,
  properties: [
    { name: 'Version', type: 's', emits: 'const' },
    { name: 'Health', type: 's', emits: 'true' },
    { name: 'CriticalCount', type: 'u', emits: 'true' },
    { name: 'WarningCount', type: 'u', emits: 'true' },
    { name: 'FiringCount', type: 'u', emits: 'true' },
    { name: 'OmittedCount', type: 'u', emits: 'true' },
    { name: 'LastSeq', type: 't', emits: 'true' },
  ],
  signals: [
    {
      name: 'AlertRaised',
      gives: [
        ['id', 's'],
        ['severity', 's'],
        ['title', 's'],
      ],
    },
    {
      name: 'AlertChanged',
      gives: [
        ['id', 's'],
        ['reason', 's'],
      ],
    },
    { name: 'AlertResolved', gives: [['id', 's']] },
  ],
};
