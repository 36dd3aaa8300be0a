/** The inventory: all watched things as last known. */
import { Type } from 'typebox';
import { didYouMean } from '../domain/nearest.ts';
import { type ResourceRef, refKey } from '../domain/reading.ts';
import { decodeCursor, digestOfList, encodeCursor } from './cursor.ts';
import { defineOperation } from './operation.ts';
import { refuse } from './refusals.ts';
import { renderResource } from './render.ts';
import { fact, instant, limitDefault, name, nullable, page, paging } from './schemas.ts';

export const resource = Type.Object({
  kind: Type.String(),
  id: Type.String(),
  collector: Type.String(),
  attributes: Type.Unsafe<Readonly<Record<string, unknown>>>(Type.Record(Type.String(), fact)),
  changedAt: instant,
  readAt: instant,
  staleSince: nullable(instant),
});

/** By kind, then id, in the order of code points. */
const inOrder = (a: ResourceRef, b: ResourceRef): number => {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
};

export const listResources = defineOperation({
  name: 'resource.list',
  summary: 'The inventory, by kind and id.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/resources',
  input: Type.Object(
    {
      kind: Type.Optional(name),
      id: Type.Optional({ ...name, description: 'exactly this id' }),
      q: Type.Optional({ ...name, description: 'part of the id' }),
      stale: Type.Optional(Type.Boolean()),
      ...paging,
    },
    { additionalProperties: false },
  ),
  output: page(resource),
  async run(house, input) {
    const digest = digestOfList('resource.list', input);
    const place = decodeCursor(digest, input.cursor, ['string', 'string']);
    const after = place && { kind: place[0], id: place[1] };
    const limit = input.limit ?? limitDefault;
    const words = input.q?.toLowerCase() ?? '';
    const rows = house
      .resources(input.kind)
      .filter((one) => input.id === undefined || one.id === input.id)
      .filter((one) => input.stale === undefined || (one.staleSince !== null) === input.stale)
      .filter((one) => one.id.toLowerCase().includes(words))
      .filter((one) => after === undefined || inOrder(one, after) > 0)
      .sort(inOrder);
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      items: shown.map((one) => renderResource(one, house.kinds)),
      nextCursor: last === undefined ? null : encodeCursor(digest, [last.kind, last.id]),
    };
  },
});

export const getResource = defineOperation({
  name: 'resource.get',
  summary: 'One resource. An id with %, \\ or // is asked for with resource.list and `id=`.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/resources/:kind/:id{.+}',
  refusals: ['resource-unknown'],
  input: Type.Object({ kind: name, id: name }, { additionalProperties: false }),
  output: resource,
  async run(house, { kind, id }) {
    const found = house.findResource(kind, id);
    if (found !== undefined) return renderResource(found, house.kinds);
    const names = house.kinds.map((one) => one.name);
    const hint = names.includes(kind) ? '' : didYouMean(kind, names);
    throw refuse('resource-unknown', `there is no resource ${refKey({ kind, id })}${hint}`);
  },
});
