/** One alert: read it, and act on it. */
import { Type } from 'typebox';
import type { Alert } from '../domain/alert.ts';
import type { Deed } from '../rules/engine.ts';
import type { ActAnswer, Caller, House } from './house.ts';
import { readFuture } from './instants.ts';
import { defineOperation } from './operation.ts';
import { type Refusal, refuse } from './refusals.ts';
import { renderAlert } from './render.ts';
import { alert, alertId, text } from './schemas.ts';

const path = '/api/v1/monitoring/alerts/:id';
const closed = { additionalProperties: false };
export const until = Type.Optional(
  Type.String({
    maxLength: 64,
    description:
      'it ends by itself: RFC 3339, a duration, or change (another title or message, or worse); ' +
      'else with the alert',
  }),
);
const commentInput = Type.Object({ id: alertId, comment: Type.Optional(text) }, closed);

const unknown = (id: string): Refusal => refuse('alert-unknown', `there is no alert ${id}`);

/** The alert with this id, or the refusal. */
export async function getExistingAlert(house: House, id: string): Promise<Alert> {
  const found = await house.findAlert(id);
  if (found === undefined) throw unknown(id);
  return found;
}

export function refusalOf(id: string, answer: ActAnswer): Refusal | undefined {
  if (answer.type === 'unknown') return unknown(id);
  if (answer.type === 'already-resolved') {
    return refuse('conflict', `alert ${id} is resolved already`);
  }
  return undefined;
}

/** The deed with the door through which it came, where there was one. */
export const through = (door: string | undefined, deed: Deed): Deed =>
  door === undefined ? deed : { ...deed, door };

async function act(house: House, id: string, deed: Deed, caller: Caller) {
  const answer = await house.act(id, through(caller.door, deed), caller.name);
  if (answer.type === 'done') return renderAlert(answer.alert);
  throw refusalOf(id, answer) ?? unknown(id);
}

const untilChange = 'change';

export function acknowledging(
  house: House,
  said: { readonly comment?: string | undefined; readonly until?: string | undefined },
): Deed {
  const comment = said.comment ?? null;
  if (said.until === undefined) return { type: 'acknowledge', comment, until: null };
  const { until: end } = said;
  const isChange = end === untilChange;
  const until = isChange ? untilChange : readFuture('until', end, house.now());
  return { type: 'acknowledge', comment, until };
}

export const getAlert = defineOperation({
  name: 'alert.get',
  summary: 'One alert, with its evidence.',
  permission: 'read',
  method: 'GET',
  path,
  refusals: ['alert-unknown'],
  input: Type.Object({ id: alertId }, closed),
  output: alert,
  run: async (house, { id }) => renderAlert(await getExistingAlert(house, id)),
});

export const acknowledgeAlert = defineOperation({
  name: 'alert.acknowledge',
  summary:
    'Says that somebody takes care of this occurrence. The same again changes nothing; ' +
    'another until or comment does.',
  permission: 'write',
  method: 'POST',
  path: `${path}/acknowledge`,
  refusals: ['alert-unknown', 'conflict'],
  input: Type.Object({ id: alertId, comment: Type.Optional(text), until }, closed),
  output: alert,
  run: (house, { id, ...said }, caller) => act(house, id, acknowledging(house, said), caller),
});

export const unacknowledgeAlert = defineOperation({
  name: 'alert.unacknowledge',
  summary: 'Takes the acknowledgement back.',
  permission: 'write',
  method: 'POST',
  path: `${path}/unacknowledge`,
  refusals: ['alert-unknown', 'conflict'],
  input: commentInput,
  output: alert,
  run: (house, { id, comment }, caller) =>
    act(house, id, { type: 'unacknowledge', comment: comment ?? null }, caller),
});

export const resolveAlert = defineOperation({
  name: 'alert.resolve',
  summary:
    'Ends it by hand. While its condition is true all the same it says stillTrue; it comes ' +
    'again once that was false and is true again.',
  permission: 'write',
  method: 'POST',
  path: `${path}/resolve`,
  refusals: ['alert-unknown', 'conflict'],
  input: commentInput,
  output: alert,
  run: (house, { id, comment }, caller) =>
    act(house, id, { type: 'resolve', comment: comment ?? null }, caller),
});

export const commentAlert = defineOperation({
  name: 'alert.comment',
  summary: 'Adds a comment to it.',
  permission: 'write',
  method: 'POST',
  path: `${path}/comment`,
  refusals: ['alert-unknown', 'conflict'],
  input: Type.Object({ id: alertId, comment: { ...text, minLength: 1 } }, closed),
  output: alert,
  run: (house, { id, comment }, caller) => act(house, id, { type: 'comment', comment }, caller),
});
