/**
 * Drills: an alert of a rule that is real in everything but its cause. It fires, is stored, told
 * over every channel that would tell of the rule, and ends by itself.
 */
import { Type } from 'typebox';
import { severities } from '../domain/alert.ts';
import { drillMark } from '../domain/message.ts';
import type { RuleSummary } from '../domain/rule.ts';
import { type EpochMs, hours, minutes, parseDuration } from '../domain/time.ts';
import { raiseIn } from './alert-raise.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { refuseField } from './refusals.ts';
import { renderAlert } from './render.ts';
import { getRule } from './rule.ts';
import { alert, line, list, name } from './schemas.ts';

const lastsDefault = minutes(10);
/** An exercise that nobody ends must not look like the real thing for days. */
const lastsMax = hours(24);

function readEnd(given: string | undefined, now: EpochMs): EpochMs {
  const span = given === undefined ? lastsDefault : parseDuration(given);
  if (span === undefined || span <= 0 || span > lastsMax)
    throw refuseField('for', 'must be a duration such as 10m, at most 24h');
  return now + span;
}

/** `unit` of `systemd.unit`: what the rule's texts call the resource. */
const variableOf = ({ kind }: RuleSummary): string => kind.slice(kind.lastIndexOf('.') + 1);

/** A text of the rule about this resource; what else of it is said there is left open. */
function textOf(rule: RuleSummary, field: string, id: string): string {
  const text = rule.definition[field];
  if (typeof text !== 'string') return '';
  const name = `${variableOf(rule)}.id`;
  return text.replaceAll(/\{\{(.*?)\}\}/gs, (_, said: string) => (said.trim() === name ? id : '…'));
}

const worst = ({ severities: own }: RuleSummary) =>
  severities.findLast((one) => own.includes(one)) ?? 'warning';

/** The resource that was named, else one of the kind, else a name that says what it is. */
const resourceOf = (house: House, { kind }: RuleSummary, given: string | undefined) => ({
  kind,
  id: given ?? house.resources(kind)[0]?.id ?? 'drill',
});

export const drillRule = defineOperation({
  name: 'rule.drill',
  summary: 'An exercise: raises an alert of the rule, marked [DRILL], that ends by itself.',
  permission: 'admin',
  method: 'POST',
  path: '/api/v1/rules/:id/drill',
  refusals: ['rule-unknown', 'too-many-alerts'],
  input: Type.Object(
    {
      id: name,
      resource: Type.Optional({ ...line, description: 'id of the resource it is to be about' }),
      for: Type.Optional(Type.String({ maxLength: 32, description: 'how long it fires; 10m' })),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({
    alert,
    channels: list(
      Type.Object({ channel: Type.String(), tells: Type.Boolean(), why: Type.String() }),
    ),
  }),
  status: () => 201,
  statuses: [201],
  async run(house, input, caller) {
    const rule = getRule(house, input.id);
    const resource = resourceOf(house, rule, input.resource);
    const now = house.now();
    const text = (field: string): string => textOf(rule, field, resource.id);
    const raised = await raiseIn(
      house,
      {
        door: caller.door,
        origin: 'drill',
        rule: rule.id,
        severity: worst(rule),
        source: rule.source,
        title: `${drillMark}${text('title')}`.slice(0, 500),
        message: `An exercise, asked for by ${caller.name}: nothing is wrong. ${text('message')}`,
        advice: `Acknowledge it, to see that this works: tocsin alert ack ID. For a real one: ${text('advice')}`,
        resource,
        labels: { [variableOf(rule)]: resource.id, drill: 'true' },
        key: `drill ${rule.id}`,
        expiresAt: readEnd(input.for, now),
      },
      caller.name,
    );
    const channels = await house.delivery.routesOf(raised.id);
    return { alert: renderAlert(raised), channels: channels ?? [] };
  },
});
