/** For tests: a house in which every operation has something to answer. */
import assert from 'node:assert/strict';
import { Check } from 'typebox/value';
import { defineKind, flag, gauge, instant, word } from '../domain/kind.ts';
import type { RuleSummary } from '../domain/rule.ts';
import { hours } from '../domain/time.ts';
import { fakeLogin } from './fake-access.ts';
import { fakeStart } from './fake-alerts.ts';
import { fakeChannel } from './fake-delivery.ts';
import { FakeHouse } from './fake-house.ts';
import type { Caller, Role } from './house.ts';
import type { BacktestVerdict } from './house-records.ts';
import type { Operation } from './operation.ts';
import { operations } from './registry.ts';
import { runOperation } from './run.ts';

const unitKind = defineKind('systemd.unit', {
  title: 'Unit',
  identity: 'NAME',
  attributes: {
    watched: flag({ help: 'h', source: 's' }),
    activeState: word({ help: 'h', source: 's' }),
    inactiveEnterAt: instant({ help: 'h', source: 's' }),
    tasks: gauge({ unit: 'tasks', help: 'h', source: 's' }),
  },
  events: {
    'run-failed': { help: 'h', attributes: { startedAt: instant({ help: 'h', source: 's' }) } },
  },
});

const rule: RuleSummary = {
  id: 'unit-failed',
  kind: 'systemd.unit',
  form: 'condition',
  source: 'system',
  severities: ['critical'],
  title: '{{ unit.id }} failed',
  enabled: true,
  file: '/usr/lib/tocsin/rules.d/systemd.yaml',
  line: 3,
  dropIns: [],
  digest: 'abc',
  definition: { when: 'unit.activeState == "failed"' },
};

const report = {
  fired: 14,
  announced: 3,
  median: 360_000,
  longest: null,
  firstAt: fakeStart,
  lastAt: fakeStart,
  firingAtBegin: 0,
  firingAtEnd: 1,
};
const verdict: BacktestVerdict = {
  type: 'done',
  from: fakeStart,
  to: fakeStart,
  rules: [{ id: 'unit-failed', candidate: report, inForce: null }],
  silenced: [2],
  channels: [{ channel: 'mail', messages: 4, inForce: null }],
  gaps: [{ from: fakeStart, to: fakeStart }],
  notes: ['numbers are kept once a minute'],
  inputs: 7,
  took: 12,
};

/** One alert, one unit, one event, one reported run, one rule, one silence, one window; something is degraded. */
export function furnishedHouse(): FakeHouse {
  const house = new FakeHouse([unitKind]);
  house.fire();
  house.inventory.push({
    kind: 'systemd.unit',
    id: 'unit-1.service',
    collector: 'systemd',
    attributes: {
      watched: true,
      activeState: { unreadable: 'bus lost' },
      inactiveEnterAt: fakeStart,
    },
    changedAt: fakeStart,
    readAt: fakeStart + 1,
    staleSince: null,
  });
  house.stored.push({
    number: 7,
    event: 'run-failed',
    kind: 'systemd.unit',
    id: 'unit-1.service',
    at: fakeStart + 1000,
    detectedAt: fakeStart + 1002,
    foundBy: 'signal',
    attributes: { startedAt: fakeStart },
    key: 'k',
  });
  void house.tasks.report({ job: 'copy', key: null, exitStatus: 0 }, 'uid:0');
  const end = { endsAt: fakeStart + hours(2), comment: 'moving house' };
  const matchers = [{ name: 'unit', operator: '=', value: 'none' }] as const;
  void house.mutes.saveSilence({ matchers, startsAt: fakeStart, ...end }, 'uid:0');
  const once = { type: 'once', startsAt: fakeStart, endsAt: end.endsAt } as const;
  void house.mutes.addWindow({ matchers, schedule: once, comment: end.comment }, 'uid:0');
  const earlier = { at: fakeStart, by: 'uid:0', door: 'local', client: null, outcome: 'done' };
  const silence = { operation: 'silence.save', subject: null, input: '{}' };
  void house.audit.write({ ...earlier, ...silence });
  house.delivery.statuses.push(fakeChannel('ops', { lastDeliveredAt: fakeStart }));
  house.records.earlier = 'earlier';
  house.records.verdict = verdict;
  house.ruleSummaries.push(rule);
  house.healthAnswer = {
    status: 'degraded',
    components: {
      systemd: { status: 'degraded', reason: 'bus lost', since: fakeStart, blindSince: fakeStart },
    },
  };
  house.clock = fakeStart + 60_000;
  return house;
}

export const callerOf = (role: Role): Caller => ({
  role,
  name: 'uid:1000',
  login: fakeLogin('viewer'),
});

/** Runs the operation with this name; the whole answer. */
export function run(house: FakeHouse, name: string, json: unknown, caller = callerOf('admin')) {
  const found = operations.find((one) => one.name === name);
  assert.ok(found, `no operation ${name}`);
  // Whatever version there is: what guards against overwriting is tested at the door.
  return runOperation(house, found, { json }, caller, { means: () => true });
}

/** The output, held against the operation's own schema. */
export async function outputOf(house: FakeHouse, name: string, json: unknown): Promise<unknown> {
  const answer = await run(house, name, json);
  assert.ok(answer.type === 'done', `${name}: ${JSON.stringify(answer)}`);
  const { output } = operations.find((one) => one.name === name) as Operation;
  assert.ok(Check(output, JSON.parse(JSON.stringify(answer.output))), `${name}: not as declared`);
  return answer.output;
}

export const silenceIn = (house: FakeHouse): string => house.mutes.silences()[0]?.id ?? '';
export const windowIn = (house: FakeHouse): string => house.mutes.windows()[0]?.id ?? '';
export const alertIn = (house: FakeHouse): string => house.activeAlerts()[0]?.id ?? '';
