/** Silences: list, read, set, change and end them. */
import { Type } from 'typebox';
import { rfc3339 } from '../domain/time.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { type Refusal, refuse } from './refusals.ts';
import { page, paging } from './schemas.ts';
import { pageOf, takeValue } from './silence-answers.ts';
import { silenceOrder, silenceStateOf } from './silence-plan.ts';
import {
  commentInput,
  createdByInput,
  durationInput,
  matchersInput,
  momentInput,
  readMatcherTexts,
  readSpan,
  renderSilence,
  silence,
  silenceId,
  stateInput,
} from './silence-view.ts';

const path = '/api/v1/silences';
const closed = { additionalProperties: false };

const unknown = (id: string) => (): Refusal =>
  refuse('silence-unknown', `there is no silence ${id}`);

function getExisting(house: House, id: string) {
  const found = house.mutes.silences().find((one) => one.id === id);
  if (found === undefined) throw unknown(id)();
  return found;
}

export const listSilences = defineOperation({
  name: 'silence.list',
  summary:
    'Silences: the active ones by their end, the pending by their start, those of the last five ' +
    'days that are over by their end, the latest first.',
  permission: 'read',
  method: 'GET',
  path,
  input: Type.Object({ state: stateInput, ...paging }, closed),
  output: page(silence),
  async run(house, given) {
    const now = house.now();
    const { state } = given;
    const all = house.mutes
      .silences()
      .filter((one) => state?.includes(silenceStateOf(one, now)) !== false);
    const { items, nextCursor } = pageOf('silence.list', given, all, (one) => [
      ...silenceOrder(one, now),
      one.id,
    ]);
    return { items: items.map((one) => renderSilence(one, now)), nextCursor };
  },
});

export const getSilence = defineOperation({
  name: 'silence.get',
  summary: 'One silence.',
  permission: 'read',
  method: 'GET',
  path: `${path}/:id`,
  refusals: ['silence-unknown'],
  input: Type.Object({ id: silenceId }, closed),
  output: silence,
  run: async (house, { id }) => renderSilence(getExisting(house, id), house.now()),
});

export const saveSilence = defineOperation({
  name: 'silence.save',
  summary:
    'Silences alerts for a time: they fire and are stored, and nobody is told. With an id: ' +
    'changes that silence, or ends it for a new one where it is too different.',
  permission: 'write',
  method: 'POST',
  path,
  refusals: ['silence-unknown', 'not-stored'],
  input: Type.Object(
    {
      id: Type.Optional(silenceId),
      matchers: matchersInput,
      startsAt: Type.Optional({ ...momentInput, description: 'now where left out' }),
      endsAt: Type.Optional(momentInput),
      duration: Type.Optional(durationInput),
      comment: commentInput,
      createdBy: createdByInput,
    },
    closed,
  ),
  output: silence,
  status: ({ createdAt }, askedAt) => (createdAt >= rfc3339(askedAt) ? 201 : 200),
  async run(house, { id, matchers, comment, createdBy, ...span }, caller) {
    const now = house.now();
    const before = id === undefined ? undefined : getExisting(house, id);
    // A change that says nothing of the start leaves it as it is.
    const start = span.startsAt ?? (before && rfc3339(before.startsAt));
    const draft = {
      ...(id !== undefined && { id }),
      ...(createdBy !== undefined && { createdBy }),
      ...readSpan({ ...span, startsAt: start }, now),
      matchers: readMatcherTexts(matchers),
      comment,
    };
    const saved = takeValue(await house.mutes.saveSilence(draft, caller.name), unknown(id ?? ''));
    return renderSilence(saved, house.now());
  },
});

export const expireSilence = defineOperation({
  name: 'silence.expire',
  summary: 'Ends a silence. What still fires is announced now.',
  permission: 'write',
  method: 'DELETE',
  path: `${path}/:id`,
  refusals: ['silence-unknown', 'not-stored'],
  input: Type.Object({ id: silenceId }, closed),
  output: silence,
  async run(house, { id }, caller) {
    const ended = takeValue(await house.mutes.expireSilence(id, caller.name), unknown(id));
    return renderSilence(ended, house.now());
  },
});
