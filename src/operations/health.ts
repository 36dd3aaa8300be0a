/** How tocsin itself is: can it see everything, and when could it not. */
import { Type } from 'typebox';
import { hours, rfc3339 } from '../domain/time.ts';
import { readPast } from './instants.ts';
import { defineOperation, mayRun } from './operation.ts';
import { renderInstant } from './render.ts';
import { health, instant, list, nullable, when } from './schemas.ts';

/** Blind times that ended longer ago are shown only when asked for. */
const blindTimesShown = hours(24);

export const component = Type.Object({
  status: health,
  reason: nullable(Type.String()),
  since: instant,
  blindSince: nullable(instant),
});
const blind = Type.Object({
  source: Type.String(),
  since: instant,
  until: nullable(instant),
  why: Type.String(),
});

export const showHealth = defineOperation({
  name: 'health.status',
  summary: 'Health of tocsin. Without the right to read: the status alone.',
  permission: 'none',
  method: 'GET',
  path: '/api/v1/health',
  input: Type.Object(
    { since: Type.Optional({ ...when, description: 'blind times that ended after this' }) },
    { additionalProperties: false },
  ),
  output: Type.Object({
    status: health,
    version: Type.Optional(Type.String()),
    startedAt: Type.Optional(instant),
    ready: Type.Optional(Type.Boolean()),
    seq: Type.Optional(Type.Integer({ description: 'number of the latest change' })),
    components: Type.Optional(
      Type.Unsafe<Readonly<Record<string, unknown>>>(Type.Record(Type.String(), component)),
    ),
    blind: Type.Optional(list(blind)),
  }),
  status: ({ status }) => (status === 'unhealthy' ? 503 : 200),
  statuses: [200, 503],
  async run(house, { since }, caller) {
    const { status, components } = house.health();
    if (!mayRun(caller, 'read')) return { status };
    const now = house.now();
    const from = since === undefined ? now - blindTimesShown : readPast('since', since, now);
    const times = await house.blindTimes(from);
    const shown = Object.entries(components).map(([name, one]) => [
      name,
      { ...one, since: rfc3339(one.since), blindSince: renderInstant(one.blindSince) },
    ]);
    return {
      status,
      version: house.version,
      startedAt: rfc3339(house.startedAt),
      ready: house.ready(),
      seq: house.feed.lastSeq(),
      components: Object.fromEntries(shown),
      blind: times.map((one) => ({
        ...one,
        since: rfc3339(one.since),
        until: renderInstant(one.until),
      })),
    };
  },
});
