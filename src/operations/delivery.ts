/** Deliveries: every message with every attempt to send it. */
import { Type } from 'typebox';
import { type Delivery, deliveryStates } from '../domain/delivery.ts';
import { type Attempt, announceReasons, messageTypes, saidOf } from '../domain/message.ts';
import { rfc3339 } from '../domain/time.ts';
import { decodeCursor, digestOfList, encodeCursor } from './cursor.ts';
import { discreetDelivery } from './discretion.ts';
import { readPast } from './instants.ts';
import { defineOperation } from './operation.ts';
import { renderInstant } from './render.ts';
import {
  alertId,
  instant,
  limitDefault,
  list,
  name,
  nullable,
  page,
  paging,
  severity,
  someOf,
  when,
} from './schemas.ts';

const item = Type.Object({
  key: Type.String({ description: 'the same for the same news in every message' }),
  reason: Type.Enum([...announceReasons]),
  alertId: Type.String(),
  rule: Type.String(),
  severity,
  phase: Type.Enum(['pending', 'firing', 'resolved']),
  title: Type.String(),
  victims: Type.Integer(),
});
const attempt = Type.Object({
  at: instant,
  tookMs: Type.Integer(),
  result: Type.Enum(['delivered', 'retry', 'refused']),
  detail: Type.String(),
});
export const delivery = Type.Object({
  number: Type.Integer(),
  key: Type.String({ description: 'of the message: the same in every attempt' }),
  channel: Type.String(),
  sequence: Type.Integer({ description: 'counts the messages of the channel, without gaps' }),
  time: instant,
  type: Type.Enum([...messageTypes]),
  why: nullable(Type.String({ description: 'of a digest: why it is one' })),
  title: Type.String({ description: 'of a report, reminder or test; empty otherwise' }),
  drill: Type.Boolean(),
  items: list(item),
  omitted: Type.Integer({ description: 'items that the message had no room for' }),
  state: Type.Enum([...deliveryStates], {
    description: 'folded: its news went out in a later message',
  }),
  attempts: list(attempt),
  nextAttemptAt: nullable(instant),
});

const renderAttempt = ({ at, took, outcome }: Attempt) => ({
  at: rfc3339(at),
  tookMs: Math.round(took),
  result: outcome.type,
  detail: saidOf(outcome),
});

export function renderDelivery({ number, message, state, attempts, nextAttemptAt }: Delivery) {
  const { key, channel, sequence, type, why, title, drill, omitted } = message;
  return {
    number,
    key,
    channel,
    sequence,
    time: rfc3339(message.at),
    type,
    why,
    title,
    drill,
    items: message.items.map((one) => ({
      key: one.key,
      reason: one.reason,
      alertId: one.alert.id,
      rule: one.alert.rule,
      severity: one.alert.severity,
      phase: one.alert.phase,
      title: one.alert.title,
      victims: one.victims,
    })),
    omitted,
    state,
    attempts: attempts.map(renderAttempt),
    nextAttemptAt: renderInstant(nextAttemptAt),
  };
}

export const listDeliveries = defineOperation({
  name: 'delivery.list',
  summary: 'What was told over which channel, when, and how often it was tried; newest first.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/deliveries',
  input: Type.Object(
    {
      channel: Type.Optional(name),
      state: someOf(deliveryStates),
      alert: Type.Optional(alertId),
      since: Type.Optional(when),
      ...paging,
    },
    { additionalProperties: false },
  ),
  output: page(delivery),
  async run(house, input, caller) {
    const digest = digestOfList('delivery.list', input);
    const [before] = decodeCursor(digest, input.cursor, ['number']) ?? [];
    const limit = input.limit ?? limitDefault;
    const rows = await house.delivery.list({
      ...(input.channel !== undefined && { channel: input.channel }),
      ...(input.state !== undefined && { state: input.state }),
      ...(input.alert !== undefined && { alertId: input.alert }),
      ...(input.since !== undefined && { since: readPast('since', input.since, house.now()) }),
      ...(before !== undefined && { before }),
      limit: limit + 1,
    });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: shown.map((one) => renderDelivery(discreetDelivery(caller, one))),
      nextCursor: last === undefined ? null : encodeCursor(digest, [last.number]),
    };
  },
});
