/** Who needs whom, and who loses what when something dies. */
import { Type } from 'typebox';
import { refKey } from '../domain/reading.ts';
import { dependantsOf, edgesOf } from '../domain/topology.ts';
import { defineOperation } from './operation.ts';
import { refuse, refuseField } from './refusals.ts';
import { name, nullable } from './schemas.ts';

const ref = Type.Object({ kind: Type.String(), id: Type.String() });

/** A page can draw so many; more is asked for piece by piece, with kind and id. */
const edgesMax = 20_000;

export const showTopology = defineOperation({
  name: 'topology.show',
  summary:
    'Who needs whom: device, LUN, target, initiator; units; library, drive; pool, repository. ' +
    'With kind and id: only what depends on that one, nearest first.',
  permission: 'read',
  method: 'GET',
  path: '/api/v1/topology',
  refusals: ['resource-unknown'],
  input: Type.Object(
    {
      kind: Type.Optional({ ...name, description: 'with id: whose dependants' }),
      id: Type.Optional({ ...name, description: 'with kind: whose dependants' }),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({
    nodes: Type.Array(
      Type.Object({
        kind: Type.String(),
        id: Type.String(),
        present: nullable(Type.Boolean({ description: 'null where the kind does not say' })),
        firing: Type.Array(Type.String(), { description: 'ids of its firing alerts' }),
      }),
    ),
    edges: Type.Array(
      Type.Object({
        from: { ...ref, description: 'what is needed' },
        to: { ...ref, description: 'who needs it' },
        relation: Type.String({ description: 'what `from` does for `to`' }),
      }),
    ),
    truncated: Type.Boolean({ description: `there are more than ${edgesMax} edges` }),
  }),
  async run(house, { kind, id }) {
    if ((kind === undefined) !== (id === undefined))
      throw refuseField('id', 'goes together with kind');
    const resources = house.resources();
    const edges = edgesOf(resources, house.kinds);
    const start = kind === undefined || id === undefined ? undefined : { kind, id };
    if (start !== undefined && house.findResource(start.kind, start.id) === undefined)
      throw refuse('resource-unknown', `there is no resource ${refKey(start)}`);
    const within = start && new Set([start, ...dependantsOf(start, edges)].map(refKey));
    const chosen = edges.filter(
      ({ from, to }) =>
        within === undefined || (within.has(refKey(from)) && within.has(refKey(to))),
    );
    const shown = chosen.slice(0, edgesMax);
    const keys = new Set(shown.flatMap(({ from, to }) => [refKey(from), refKey(to)]));
    if (start !== undefined) keys.add(refKey(start));
    const firing = Map.groupBy(
      house.activeAlerts().filter(({ phase }) => phase === 'firing'),
      ({ resource }) => refKey(resource),
    );
    return {
      nodes: resources
        .filter((one) => keys.has(refKey(one)))
        .map((one) => ({
          kind: one.kind,
          id: one.id,
          present: typeof one.attributes.present === 'boolean' ? one.attributes.present : null,
          firing: (firing.get(refKey(one)) ?? []).map((alert) => alert.id),
        })),
      edges: shown,
      truncated: chosen.length > shown.length,
    };
  },
});
