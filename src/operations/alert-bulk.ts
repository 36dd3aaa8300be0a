/** The same deed for many alerts: by their ids, or by matchers. */
import { Type } from 'typebox';
import type { Deed } from '../rules/engine.ts';
import { matchesAlert } from '../rules/matchers.ts';
import { acknowledging, refusalOf, through, until } from './alert.ts';
import { readMatchers } from './alert-list.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { refusals, refuse, refuseField } from './refusals.ts';
import { renderAlert } from './render.ts';
import { alert, alertId, filter, list, nullable, text } from './schemas.ts';

/** Alerts that one call may act on. */
const bulkAlertsMax = 1000;

const path = '/api/v1/monitoring/alerts';
const chosen = {
  ids: Type.Optional(Type.Array(alertId, { minItems: 1, maxItems: bulkAlertsMax })),
  filter: Type.Optional(Type.Union([Type.String({ maxLength: 1000 }), filter])),
};
const closed = { additionalProperties: false };
const plainInput = Type.Object({ ...chosen, comment: Type.Optional(text) }, closed);
const acknowledgeInput = Type.Object({ ...chosen, comment: Type.Optional(text), until }, closed);
const commentInput = Type.Object({ ...chosen, comment: { ...text, minLength: 1 } }, closed);

interface Chosen {
  readonly ids?: readonly string[] | undefined;
  readonly filter?: string | readonly string[] | undefined;
}

/** The ids that are meant: those named, or the firing ones that the matchers let through. */
function idsOf(house: House, { ids, filter: texts }: Chosen): readonly string[] {
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

/** What became of each; `done` is the word for what was done. */
const answerOf = <const D extends string>(done: D) =>
  Type.Object({
    items: list(
      Type.Object({
        id: Type.String(),
        result: Type.Enum([done, 'unchanged', 'refused']),
        alert: nullable(alert),
        problem: nullable(
          Type.Object({ code: Type.String(), status: Type.Integer(), detail: Type.String() }),
        ),
      }),
    ),
  });

interface Doer {
  readonly house: House;
  readonly by: string;
  readonly door: string | undefined;
}

async function actOn<const D extends string>(
  { house, by, door }: Doer,
  id: string,
  deed: Deed,
  done: D,
) {
  const answer = await house.act(id, through(door, deed), by);
  const refusal = refusalOf(id, answer);
  const changed = answer.type === 'done' && answer.changed;
  const result: D | 'refused' | 'unchanged' = refusal ? 'refused' : changed ? done : 'unchanged';
  return {
    id,
    result,
    alert: answer.type === 'unknown' ? null : renderAlert(answer.alert),
    problem: refusal
      ? { code: refusal.code, status: refusals[refusal.code].status, detail: refusal.message }
      : null,
  };
}

/** All at once: the daemon commits what comes together in one transaction. */
const actOnAll = async <const D extends string>(
  doer: Doer,
  given: Chosen,
  deed: Deed,
  done: D,
) => ({
  items: await Promise.all(idsOf(doer.house, given).map((id) => actOn(doer, id, deed, done))),
});

const common = { permission: 'write', method: 'POST' } as const;

export const acknowledgeAlerts = defineOperation({
  ...common,
  name: 'alert.acknowledgeMany',
  summary: 'Acknowledges many alerts, by id or by matchers; answers for each one.',
  path: `${path}/acknowledge`,
  input: acknowledgeInput,
  output: answerOf('acknowledged'),
  run: (house, { ids, filter: texts, ...said }, { name: by, door }) =>
    actOnAll(
      { house, by, door },
      { ids, filter: texts },
      acknowledging(house, said),
      'acknowledged',
    ),
});

export const unacknowledgeAlerts = defineOperation({
  ...common,
  name: 'alert.unacknowledgeMany',
  summary: 'Takes many acknowledgements back, by id or by matchers; answers for each one.',
  path: `${path}/unacknowledge`,
  input: plainInput,
  output: answerOf('unacknowledged'),
  run: (house, { comment = null, ...given }, { name: by, door }) =>
    actOnAll({ house, by, door }, given, { type: 'unacknowledge', comment }, 'unacknowledged'),
});

export const resolveAlerts = defineOperation({
  ...common,
  name: 'alert.resolveMany',
  summary: 'Ends many alerts by hand, by id or by matchers; answers for each one.',
  path: `${path}/resolve`,
  input: plainInput,
  output: answerOf('resolved'),
  run: (house, { comment = null, ...given }, { name: by, door }) =>
    actOnAll({ house, by, door }, given, { type: 'resolve', comment }, 'resolved'),
});

export const commentAlerts = defineOperation({
  ...common,
  name: 'alert.commentMany',
  summary: 'Adds one comment to many alerts, by id or by matchers; answers for each one.',
  path: `${path}/comment`,
  input: commentInput,
  output: answerOf('commented'),
  run: (house, { comment, ...given }, { name: by, door }) =>
    actOnAll({ house, by, door }, given, { type: 'comment', comment }, 'commented'),
});
