/** The timeline of an alert: every change, event and comment of this occurrence, in order. */
import { Type } from 'typebox';
import { type Alert, type Change, changeReasons } from '../domain/alert.ts';
import { type EpochMs, rfc3339 } from '../domain/time.ts';
import type { StoredEvent } from '../store/store.ts';
import { getExistingAlert } from './alert.ts';
import { decodeCursor, digestOfList, encodeCursor } from './cursor.ts';
import type { House } from './house.ts';
import { defineOperation } from './operation.ts';
import { renderEvent } from './render.ts';
import {
  alertId,
  fact,
  instant,
  limitDefault,
  nullable,
  page,
  paging,
  severity,
} from './schemas.ts';

/** Of one occurrence; a unit that fails for weeks has more, and the newest are shown. */
const eventsMax = 1000;

const change = Type.Object({
  type: Type.Enum(['change', 'comment']),
  time: instant,
  seq: Type.Integer(),
  reason: Type.Enum([...changeReasons]),
  by: nullable(Type.String()),
  comment: nullable(Type.String()),
  severity,
  phase: Type.Enum(['pending', 'firing', 'resolved']),
  stale: Type.Boolean(),
  title: Type.String(),
  cause: nullable(Type.String()),
  value: nullable(Type.Union([Type.Boolean(), Type.Number(), Type.String()])),
});
const event = Type.Object({
  type: Type.Literal('event'),
  time: instant,
  detectedAt: instant,
  number: Type.Integer(),
  event: Type.String(),
  resource: Type.Object({ kind: Type.String(), id: Type.String() }),
  foundBy: Type.String(),
  attributes: Type.Unsafe<Readonly<Record<string, unknown>>>(Type.Record(Type.String(), fact)),
});

const changeEntry = (one: Change) =>
  ({
    type: one.reason === 'commented' ? 'comment' : 'change',
    time: rfc3339(one.at),
    seq: one.seq,
    reason: one.reason,
    by: one.by,
    comment: one.comment,
    severity: one.alert.severity,
    phase: one.alert.phase,
    stale: one.alert.stale,
    title: one.alert.title,
    cause: one.alert.cause,
    value: one.alert.value,
  }) as const;

const eventEntry = (one: StoredEvent, house: House) =>
  ({ type: 'event', ...renderEvent(one, house.kinds) }) as const;

/** A place in the timeline. At one instant the event comes before the change that it caused. */
type Place = readonly [at: EpochMs, rank: number, number: number];

const inOrder = (a: Place, b: Place): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

function eventsWithin(house: House, found: Alert): Promise<readonly StoredEvent[]> {
  return house.listEvents({
    kind: found.resource.kind,
    id: found.resource.id,
    since: found.startsAt,
    until: found.resolvedAt ?? house.now(),
    limit: eventsMax,
  });
}

export const alertTimeline = defineOperation({
  name: 'alert.timeline',
  summary: 'What happened to an alert: every change, event and comment, oldest first.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/monitoring/alerts/:id/timeline',
  input: Type.Object({ id: alertId, ...paging }, { additionalProperties: false }),
  output: page(Type.Union([change, event])),
  async run(house, input) {
    const found = await getExistingAlert(house, input.id);
    const digest = digestOfList('alert.timeline', input);
    const after = decodeCursor(digest, input.cursor, ['number', 'number', 'number']);
    const [changes, events] = await Promise.all([
      house.changesOf(input.id),
      eventsWithin(house, found),
    ]);
    const rows = [
      ...events.map((one) => ({
        place: [one.at, 0, one.number] as Place,
        entry: eventEntry(one, house),
      })),
      ...changes.map((one) => ({ place: [one.at, 1, one.seq] as Place, entry: changeEntry(one) })),
    ]
      .filter(({ place }) => after === undefined || inOrder(place, after) > 0)
      .sort((a, b) => inOrder(a.place, b.place));
    const limit = input.limit ?? limitDefault;
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: shown.map(({ entry }) => entry),
      nextCursor: last === undefined ? null : encodeCursor(digest, last.place),
    };
  },
});
