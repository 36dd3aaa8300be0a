/** The log of events: what happened once to some resource. */
import { Type } from 'typebox';
import { decodeCursor, digestOfList, encodeCursor } from './cursor.ts';
import { readPast } from './instants.ts';
import { defineOperation } from './operation.ts';
import { renderEvent } from './render.ts';
import { fact, instant, limitDefault, name, page, paging, resourceRef, when } from './schemas.ts';

export const event = Type.Object({
  number: Type.Integer({ description: 'place in the event log; gaps are allowed' }),
  event: Type.String(),
  resource: resourceRef,
  time: instant,
  detectedAt: instant,
  foundBy: Type.Enum(['signal', 'journal', 'reconciliation', 'report']),
  attributes: Type.Unsafe<Readonly<Record<string, unknown>>>(Type.Record(Type.String(), fact)),
});

export const listEvents = defineOperation({
  name: 'event.list',
  summary: 'Events, newest first.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/events',
  input: Type.Object(
    {
      kind: Type.Optional(name),
      id: Type.Optional(name),
      event: Type.Optional(name),
      since: Type.Optional(when),
      until: Type.Optional(when),
      ...paging,
    },
    { additionalProperties: false },
  ),
  output: page(event),
  async run(house, input) {
    const digest = digestOfList('event.list', input);
    const [before] = decodeCursor(digest, input.cursor, ['number']) ?? [];
    const limit = input.limit ?? limitDefault;
    const { kind, id, event: what, since, until } = input;
    const rows = await house.listEvents({
      ...(kind !== undefined && { kind }),
      ...(id !== undefined && { id }),
      ...(what !== undefined && { event: what }),
      ...(since !== undefined && { since: readPast('since', since, house.now()) }),
      ...(until !== undefined && { until: readPast('until', until, house.now()) }),
      ...(before !== undefined && { before }),
      limit: limit + 1,
    });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: shown.map((row) => renderEvent(row, house.kinds)),
      nextCursor: last === undefined ? null : encodeCursor(digest, [last.number]),
    };
  },
});
