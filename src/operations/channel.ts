/** Channels: where tocsin tells of alerts, how each of them is, and a test of one. */
import { Type } from 'typebox';
import { saidOf } from '../domain/message.ts';
import { didYouMean } from '../domain/nearest.ts';
import { decodeCursor, digestOfList, encodeCursor } from './cursor.ts';
import { discreetChannel } from './discretion.ts';
import type { House } from './house.ts';
import type { ChannelStatus } from './house-delivery.ts';
import { defineOperation } from './operation.ts';
import { type Refusal, refuse } from './refusals.ts';
import { renderInstant } from './render.ts';
import { instant, limitDefault, name, nullable, page, paging } from './schemas.ts';

export const channel = Type.Object({
  name: Type.String(),
  type: Type.String({ description: 'mail, webhook, …' }),
  place: Type.Enum(['core', 'relay'], { description: 'the process that sends' }),
  enabled: Type.Boolean(),
  health: Type.Enum(['healthy', 'failing', 'unknown'], {
    description: 'unknown until the first attempt',
  }),
  reason: nullable(Type.String({ description: 'what the last attempt said, for operators' })),
  failingSince: nullable(instant),
  lastDeliveredAt: nullable(instant),
  waiting: Type.Integer({ description: 'alerts with news for it that has not arrived' }),
  waitingSince: nullable(instant),
  sentLastHour: Type.Integer(),
  budget: nullable(Type.Integer({ description: 'messages that it may take in an hour' })),
  settings: Type.Unsafe<Readonly<Record<string, unknown>>>(
    Type.Record(Type.String(), Type.Unknown()),
  ),
});

const renderChannel = (one: ChannelStatus) => ({
  ...one,
  failingSince: renderInstant(one.failingSince),
  lastDeliveredAt: renderInstant(one.lastDeliveredAt),
  waitingSince: renderInstant(one.waitingSince),
});

export function unknownChannel(house: House, asked: string): Refusal {
  const names = house.delivery.channels().map((one) => one.name);
  const known = names.length === 0 ? 'none is configured' : `there are ${names.join(', ')}`;
  return refuse('channel-unknown', `no channel ${asked}${didYouMean(asked, names)}; ${known}`);
}

export const listChannels = defineOperation({
  name: 'channel.list',
  summary: 'The channels of the settings, and how each of them is.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/channels',
  input: Type.Object({ ...paging }, { additionalProperties: false }),
  output: page(channel),
  async run(house, input, caller) {
    const digest = digestOfList('channel.list', input);
    const [after = ''] = decodeCursor(digest, input.cursor, ['string']) ?? [];
    const limit = input.limit ?? limitDefault;
    const rows = house.delivery
      .channels()
      .filter((one) => one.name > after)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: shown.map((one) => renderChannel(discreetChannel(caller, one))),
      nextCursor: last === undefined ? null : encodeCursor(digest, [last.name]),
    };
  },
});

export const testChannel = defineOperation({
  name: 'channel.test',
  summary: 'Sends a test message over a channel at once, and says what became of it.',
  permission: 'admin',
  method: 'POST',
  path: '/api/v1/channels/:name/test',
  refusals: ['channel-unknown'],
  input: Type.Object({ name }, { additionalProperties: false }),
  output: Type.Object({
    channel: Type.String(),
    result: Type.Enum(['delivered', 'retry', 'refused'], {
      description: 'retry: it failed now and might not later; nothing is sent again by itself',
    }),
    detail: Type.String({ description: 'what the other side answered, or why it failed' }),
    tookMs: Type.Integer(),
  }),
  async run(house, input, caller) {
    const answer = await house.delivery.test(input.name, caller.name);
    if (answer === undefined) throw unknownChannel(house, input.name);
    const { outcome, took } = answer;
    return {
      channel: input.name,
      result: outcome.type,
      detail: saidOf(outcome),
      tookMs: Math.round(took),
    };
  },
});
