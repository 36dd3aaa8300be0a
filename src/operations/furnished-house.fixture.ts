/** For tests: a house in which every operation has something to answer. */
import assert from 'node:assert/strict';
import { Check } from 'typebox/value';
import { defineKind, flag, gauge, instant, word } from '../domain/kind.ts';
import type { RuleSummary } from '../domain/rule.ts';
import { fakeStart } from './fake-alerts.ts';
import { FakeHouse } from './fake-house.ts';
import type { Caller, Role } from './house.ts';
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

/** One alert, one unit, one event, one reported run, one rule; something is degraded. */
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

export const callerOf = (role: Role): Caller => ({ role, name: 'uid:1000' });

/** Runs the operation with this name; the whole answer. */
export function run(house: FakeHouse, name: string, json: unknown, caller = callerOf('admin')) {
  const found = operations.find((one) => one.name === name);
  assert.ok(found, `no operation ${name}`);
  return runOperation(house, found, { json }, caller);
}

/** The output, held against the operation's own schema. */
export async function outputOf(house: FakeHouse, name: string, json: unknown): Promise<unknown> {
  const answer = await run(house, name, json);
  assert.ok(answer.type === 'done', `${name}: ${JSON.stringify(answer)}`);
  const { output } = operations.find((one) => one.name === name) as Operation;
  assert.ok(Check(output, JSON.parse(JSON.stringify(answer.output))), `${name}: not as declared`);
  return answer.output;
}

export const alertIn = (house: FakeHouse): string => house.activeAlerts()[0]?.id ?? '';
