/** Maintenance windows: list, read, open by calendar or once, and end them. */
import { type Static, Type } from 'typebox';
import type { Maintenance, Schedule } from '../domain/mute.ts';
import { type EpochMs, renderDuration, rfc3339 } from '../domain/time.ts';
import type { House } from './house.ts';
import type { Opening } from './house-mutes.ts';
import { defineOperation } from './operation.ts';
import { type Refusal, refuse } from './refusals.ts';
import { renderInstant } from './render.ts';
import { alertId, instant, line, nullable, page, paging } from './schemas.ts';
import { type Place, pageOf, takeValue } from './silence-answers.ts';
import { muteStates, overAt, windowStateOf } from './silence-plan.ts';
import {
  commentInput,
  createdByInput,
  durationInput,
  madeFields,
  matcherFields,
  matchersInput,
  momentInput,
  readDuration,
  readMatcherTexts,
  readSpan,
  renderMade,
  renderMatchers,
  stateInput,
} from './silence-view.ts';

const path = '/api/v1/maintenance';
const closed = { additionalProperties: false };
const windowId = { ...alertId, 'x-expects': 'the id of a maintenance window' };

export const maintenance = Type.Object({
  id: Type.String({ description: 'ULID' }),
  state: Type.Enum([...muteStates], { description: 'active: open now; expired: over for good' }),
  ...matcherFields,
  calendar: nullable(Type.String({ description: 'systemd.time(7); null: open once' })),
  duration: nullable(Type.String()),
  startsAt: nullable(instant),
  endsAt: nullable(instant),
  opening: nullable(Type.Object({ startsAt: instant, endsAt: instant })),
  ...madeFields,
  endedAt: nullable(instant),
});
export type MaintenanceView = Static<typeof maintenance>;

const renderSchedule = (schedule: Schedule) =>
  schedule.type === 'once'
    ? {
        calendar: null,
        duration: null,
        startsAt: rfc3339(schedule.startsAt),
        endsAt: rfc3339(schedule.endsAt),
      }
    : {
        calendar: schedule.calendar,
        duration: renderDuration(schedule.duration),
        startsAt: null,
        endsAt: null,
      };

const renderOpening = (opening: Opening | null) =>
  opening && { startsAt: rfc3339(opening.startsAt), endsAt: rfc3339(opening.endsAt) };

function renderWindow(house: House, one: Maintenance): MaintenanceView {
  const opening = house.mutes.openingOf(one.id);
  return {
    id: one.id,
    state: windowStateOf(one, opening, house.now()),
    ...renderMatchers(one.matchers),
    ...renderSchedule(one.schedule),
    opening: renderOpening(opening),
    ...renderMade(one),
    endedAt: renderInstant(one.endedAt),
  };
}

/** Open ones by their end, those to come by their next opening, the latest ended. */
function placeOf(house: House, one: Maintenance, now: EpochMs): Place {
  const opening = house.mutes.openingOf(one.id);
  const state = windowStateOf(one, opening, now);
  const keys = {
    active: opening?.endsAt ?? 0,
    pending: opening?.startsAt ?? Number.MAX_SAFE_INTEGER,
    expired: -(overAt(one) ?? now),
  };
  return [muteStates.indexOf(state), keys[state], one.id];
}

const unknown = (id: string) => (): Refusal =>
  refuse('maintenance-unknown', `there is no maintenance window ${id}`);

export const listMaintenance = defineOperation({
  name: 'maintenance.list',
  summary: 'Maintenance windows: open ones first, then those to come, then those that are over.',
  permission: 'read',
  method: 'GET',
  path,
  input: Type.Object({ state: stateInput, ...paging }, closed),
  output: page(maintenance),
  async run(house, given) {
    const now = house.now();
    const isAsked = (one: Maintenance): boolean =>
      given.state?.includes(windowStateOf(one, house.mutes.openingOf(one.id), now)) !== false;
    const all = house.mutes.windows().filter(isAsked);
    const { items, nextCursor } = pageOf('maintenance.list', given, all, (one) =>
      placeOf(house, one, now),
    );
    return { items: items.map((one) => renderWindow(house, one)), nextCursor };
  },
});

export const getMaintenance = defineOperation({
  name: 'maintenance.get',
  summary: 'One maintenance window, with its present or next opening.',
  permission: 'read',
  method: 'GET',
  path: `${path}/:id`,
  refusals: ['maintenance-unknown'],
  input: Type.Object({ id: windowId }, closed),
  output: maintenance,
  async run(house, { id }) {
    const found = house.mutes.windows().find((one) => one.id === id);
    if (found === undefined) throw unknown(id)();
    return renderWindow(house, found);
  },
});

const addInput = Type.Object(
  {
    calendar: Type.Optional({
      ...line,
      description: 'it opens at each moment of it: Sat 02:00 (systemd.time(7))',
    }),
    duration: Type.Optional({ ...durationInput, description: 'how long it is open: 2h' }),
    startsAt: Type.Optional(momentInput),
    endsAt: Type.Optional(momentInput),
    matchers: Type.Optional({ ...matchersInput, description: 'everything where left out' }),
    comment: commentInput,
    createdBy: createdByInput,
  },
  closed,
);

function scheduleOf(given: Static<typeof addInput>, now: EpochMs): Schedule {
  const { calendar, duration, startsAt, endsAt } = given;
  if (calendar === undefined) return { type: 'once', ...readSpan(given, now) };
  if (startsAt !== undefined || endsAt !== undefined || duration === undefined)
    throw refuse('invalid-input', 'a calendar goes with duration, not with startsAt and endsAt', {
      errors: [{ pointer: '#/duration', detail: 'is needed with calendar' }],
    });
  return { type: 'calendar', calendar, duration: readDuration('duration', duration) };
}

export const addMaintenance = defineOperation({
  name: 'maintenance.add',
  summary:
    'Opens a maintenance window, once or by a calendar: while it is open nobody is told of what ' +
    'it matches. When it closes there is a report, and what still fires is announced.',
  permission: 'write',
  method: 'POST',
  path,
  refusals: ['not-stored'],
  input: addInput,
  output: maintenance,
  status: () => 201,
  statuses: [201],
  async run(house, given, caller) {
    const { matchers = [], comment, createdBy } = given;
    const draft = {
      matchers: readMatcherTexts(matchers),
      schedule: scheduleOf(given, house.now()),
      comment,
      ...(createdBy !== undefined && { createdBy }),
    };
    const added = takeValue(await house.mutes.addWindow(draft, caller.name), unknown(''));
    return renderWindow(house, added);
  },
});

export const endMaintenance = defineOperation({
  name: 'maintenance.end',
  summary: 'Ends a maintenance window for good; one that is open closes now.',
  permission: 'write',
  method: 'DELETE',
  path: `${path}/:id`,
  refusals: ['maintenance-unknown', 'not-stored'],
  input: Type.Object({ id: windowId }, closed),
  output: maintenance,
  async run(house, { id }, caller) {
    const ended = takeValue(await house.mutes.endWindow(id, caller.name), unknown(id));
    return renderWindow(house, ended);
  },
});
