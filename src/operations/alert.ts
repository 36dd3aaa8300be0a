/** One alert: read it, and act on it. */
import { Type } from 'typebox';
import type { Alert } from '../domain/alert.ts';
import type { Deed } from '../rules/engine.ts';
import { matchesAlert } from '../rules/matchers.ts';
import { readMatchers } from './alert-list.ts';
import type { ActAnswer, Caller, House } from './house.ts';
import { readFuture } from './instants.ts';
import { defineOperation } from './operation.ts';
import { type Refusal, refusals, refuse, refuseField } from './refusals.ts';
import { renderAlert } from './render.ts';
import { alert, alertId, filter, list, nullable, text } from './schemas.ts';

/** Alerts that one call may acknowledge. */
const bulkAlertsMax = 1000;

const path = '/api/v1/monitoring/alerts/:id';
const closed = { additionalProperties: false };
const until = Type.Optional(
  Type.String({ maxLength: 64, description: 'it ends by itself: RFC 3339, or a duration' }),
);
const commentInput = Type.Object({ id: alertId, comment: Type.Optional(text) }, closed);

const unknown = (id: string): Refusal => refuse('alert-unknown', `there is no alert ${id}`);

/** The alert with this id, or the refusal. */
export async function getExistingAlert(house: House, id: string): Promise<Alert> {
  const found = await house.findAlert(id);
  if (found === undefined) throw unknown(id);
  return found;
}

function refusalOf(id: string, answer: ActAnswer): Refusal | undefined {
  if (answer.type === 'unknown') return unknown(id);
  if (answer.type === 'already-resolved') {
    return refuse('conflict', `alert ${id} is resolved already`);
  }
  return undefined;
}

async function act(house: House, id: string, deed: Deed, caller: Caller) {
  const answer = await house.act(id, deed, caller.name);
  if (answer.type === 'done') return renderAlert(answer.alert);
  throw refusalOf(id, answer) ?? unknown(id);
}

function acknowledging(
  house: House,
  said: { readonly comment?: string | undefined; readonly until?: string | undefined },
): Deed {
  const comment = said.comment ?? null;
  const end = said.until === undefined ? null : readFuture('until', said.until, house.now());
  return { type: 'acknowledge', comment, until: end };
}

export const getAlert = defineOperation({
  name: 'alert.get',
  summary: 'One alert, with its evidence.',
  permission: 'read',
  method: 'GET',
  path,
  input: Type.Object({ id: alertId }, closed),
  output: alert,
  run: async (house, { id }) => renderAlert(await getExistingAlert(house, id)),
});

export const acknowledgeAlert = defineOperation({
  name: 'alert.acknowledge',
  summary: 'Says that somebody takes care of it. Acknowledging twice changes nothing.',
  permission: 'write',
  method: 'POST',
  path: `${path}/acknowledge`,
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
  input: commentInput,
  output: alert,
  run: (house, { id, comment }, caller) =>
    act(house, id, { type: 'unacknowledge', comment: comment ?? null }, caller),
});

export const resolveAlert = defineOperation({
  name: 'alert.resolve',
  summary: 'Ends it by hand. It comes again once its condition was false and is true again.',
  permission: 'write',
  method: 'POST',
  path: `${path}/resolve`,
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
  input: Type.Object({ id: alertId, comment: { ...text, minLength: 1 } }, closed),
  output: alert,
  run: (house, { id, comment }, caller) => act(house, id, { type: 'comment', comment }, caller),
});

const bulkInput = Type.Object(
  {
    ids: Type.Optional(Type.Array(alertId, { minItems: 1, maxItems: bulkAlertsMax })),
    filter: Type.Optional(Type.Union([Type.String({ maxLength: 1000 }), filter])),
    comment: Type.Optional(text),
    until,
  },
  closed,
);

/** The ids that are meant: those named, or the firing ones that the matchers let through. */
function idsOf(
  house: House,
  ids: readonly string[] | undefined,
  texts: string | readonly string[] | undefined,
): readonly string[] {
  if ((ids === undefined) === (texts === undefined)) {
    throw refuse('invalid-input', 'give either ids or filter');
  }
  if (ids !== undefined) return [...new Set(ids)];
  const matchers = readMatchers(typeof texts === 'string' ? [texts] : texts);
  if (matchers.length === 0) throw refuseField('filter', 'must hold a matcher');
  const matched = house
    .activeAlerts()
    .filter((one) => one.phase === 'firing' && matchesAlert(matchers, one));
  if (matched.length > bulkAlertsMax) {
    throw refuseField('filter', `matches ${matched.length} alerts; at most ${bulkAlertsMax}`);
  }
  return matched.map(({ id }) => id);
}

export const acknowledgeAlerts = defineOperation({
  name: 'alert.acknowledgeMany',
  summary: 'Acknowledges many alerts, by id or by matchers; answers for each one.',
  permission: 'write',
  method: 'POST',
  path: '/api/v1/monitoring/alerts/acknowledge',
  input: bulkInput,
  output: Type.Object({
    items: list(
      Type.Object({
        id: Type.String(),
        result: Type.Enum(['acknowledged', 'unchanged', 'refused']),
        alert: nullable(alert),
        problem: nullable(
          Type.Object({ code: Type.String(), status: Type.Integer(), detail: Type.String() }),
        ),
      }),
    ),
  }),
  async run(house, { ids, filter: texts, ...said }, caller) {
    const deed = acknowledging(house, said);
    // All at once: the daemon commits what comes together in one transaction.
    const items = idsOf(house, ids, texts).map(async (id) => {
      const answer = await house.act(id, deed, caller.name);
      const refusal = refusalOf(id, answer);
      return {
        id,
        result: refusal
          ? 'refused'
          : answer.type === 'done' && answer.changed
            ? 'acknowledged'
            : 'unchanged',
        alert: answer.type === 'unknown' ? null : renderAlert(answer.alert),
        problem: refusal
          ? { code: refusal.code, status: refusals[refusal.code].status, detail: refusal.message }
          : null,
      } as const;
    });
    return { items: await Promise.all(items) };
  },
});
