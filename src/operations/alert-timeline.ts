/**
 * The timeline of an alert: every change, event, comment and mute of this occurrence, every message
 * that told of it and every attempt to send one, in order.
 */
import { type Static, Type } from 'typebox';
import { type Alert, type Change, changeReasons } from '../domain/alert.ts';
import type { Delivery } from '../domain/delivery.ts';
import { announceReasons, messageTypes } from '../domain/message.ts';
import { type EpochMs, rfc3339 } from '../domain/time.ts';
import type { StoredEvent } from '../store/store.ts';
import { getExistingAlert } from './alert.ts';
import { decodeCursor, digestOfList, encodeCursor } from './cursor.ts';
import { discreetDelivery } from './discretion.ts';
import { sayOutcome, tellingOf } from './explain-told.ts';
import type { House } from './house.ts';
import { type Muter, muterTypes, nameMuter } from './mute-names.ts';
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
/** Messages that told of it, the newest. */
const deliveriesMax = 1000;

const change = Type.Object({
  type: Type.Enum(['change', 'comment']),
  time: instant,
  seq: Type.Integer(),
  reason: Type.Enum([...changeReasons]),
  by: nullable(Type.String()),
  door: nullable(Type.String({ description: 'through which they came: local, api' })),
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

const mute = Type.Object({
  type: Type.Enum(['mute-begun', 'mute-ended']),
  time: instant,
  id: Type.String({ description: 'of the silence, the window or the alert that mutes it' }),
  muter: Type.Enum([...muterTypes]),
  name: Type.String({ description: 'comment of a silence or window, title of an alert' }),
  by: nullable(Type.String()),
});
const delivery = Type.Object({
  type: Type.Literal('delivery'),
  time: instant,
  number: Type.Integer(),
  channel: Type.String(),
  message: Type.Enum([...messageTypes]),
  reason: nullable(Type.Enum([...announceReasons])),
});
const attempt = Type.Object({
  type: Type.Literal('attempt'),
  time: instant,
  number: Type.Integer({ description: 'of the delivery' }),
  channel: Type.String(),
  outcome: Type.Enum(['delivered', 'retry', 'refused']),
  detail: Type.String(),
});

const changeEntry = (one: Change) =>
  ({
    type: one.reason === 'commented' ? 'comment' : 'change',
    time: rfc3339(one.at),
    seq: one.seq,
    reason: one.reason,
    by: one.by,
    door: one.door,
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

interface Row {
  readonly place: Place;
  readonly entry: Entry;
}

export const entry = Type.Union([change, event, mute, delivery, attempt]);
type Entry = Static<typeof entry>;

/** Muters that one change can tell apart in the order of the timeline. */
const mutersMax = 1000;

/** Mutes that begin and end with a change: what the alert before it had, and what it has. */
async function muteRows(house: House, changes: readonly Change[]): Promise<readonly Row[]> {
  const muters = new Map<string, Promise<Muter>>();
  const rows = changes.map(async ({ at, seq, alert }, i) => {
    const last = changes[i - 1]?.alert;
    const before = new Set(last?.phase === 'resolved' ? [] : last?.mutedBy);
    const after = new Set(alert.phase === 'resolved' ? [] : alert.mutedBy);
    const moved = [...before.symmetricDifference(after)].slice(0, mutersMax);
    return Promise.all(
      moved.map(async (id, k): Promise<Row> => {
        const named =
          muters.get(id) ??
          nameMuter(house, id, after.has(id) ? alert : (changes[i - 1]?.alert ?? alert));
        muters.set(id, named);
        const { type: muter, name, by } = await named;
        const type = after.has(id) ? 'mute-begun' : 'mute-ended';
        const place: Place = [at, 2, seq * mutersMax + k];
        return { place, entry: { type, time: rfc3339(at), id, muter, name, by } };
      }),
    );
  });
  return (await Promise.all(rows)).flat();
}

/** A message and the attempts to send it; beyond so many attempts their order is not kept. */
const attemptsMax = 100_000;

function deliveryRows(one: Delivery, alertId: string): readonly Row[] {
  const { message, number, attempts } = one;
  const { channel, at } = message;
  const { reason } = tellingOf(one, alertId);
  const told: Row = {
    place: [at, 3, number],
    entry: { type: 'delivery', time: rfc3339(at), number, channel, message: message.type, reason },
  };
  const tried = attempts.map((tries, i): Row => {
    const { type: outcome } = tries.outcome;
    const detail = sayOutcome(tries.outcome);
    const time = rfc3339(tries.at);
    const place: Place = [tries.at, 4, number * attemptsMax + i];
    return { place, entry: { type: 'attempt', time, number, channel, outcome, detail } };
  });
  return [told, ...tried];
}

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
  summary:
    'What happened to an alert: every change, event, comment and mute, every message that told ' +
    'of it and every attempt to send one, oldest first.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/monitoring/alerts/:id/timeline',
  refusals: ['alert-unknown'],
  input: Type.Object({ id: alertId, ...paging }, { additionalProperties: false }),
  output: page(entry),
  async run(house, input, caller) {
    const found = await getExistingAlert(house, input.id);
    const digest = digestOfList('alert.timeline', input);
    const after = decodeCursor(digest, input.cursor, ['number', 'number', 'number']);
    const [changes, events, deliveries] = await Promise.all([
      house.changesOf(input.id),
      eventsWithin(house, found),
      house.delivery.list({ alertId: input.id, limit: deliveriesMax }),
    ]);
    const all: readonly Row[] = [
      ...events.map(
        (one): Row => ({
          place: [one.at, 0, one.number],
          entry: eventEntry(one, house),
        }),
      ),
      ...changes.map((one): Row => ({ place: [one.at, 1, one.seq], entry: changeEntry(one) })),
      ...(await muteRows(house, changes)),
      ...deliveries.flatMap((one) => deliveryRows(discreetDelivery(caller, one), input.id)),
    ];
    const rows = all
      .filter(({ place }) => after === undefined || inOrder(place, after) > 0)
      .toSorted((a, b) => inOrder(a.place, b.place));
    const limit = input.limit ?? limitDefault;
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: shown.map((row) => row.entry),
      nextCursor: last === undefined ? null : encodeCursor(digest, last.place),
    };
  },
});
