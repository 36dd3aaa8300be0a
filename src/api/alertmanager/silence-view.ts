/** Silences as Alertmanager shows them; acknowledgements stand among them. */
import type { Silence } from '../../domain/mute.ts';
import { type EpochMs, rfc3339 } from '../../domain/time.ts';
import type { House } from '../../operations/house.ts';
import { silenceOrder, silenceStateOf } from '../../operations/silence-plan.ts';
import { flagsOf, type Matcher } from '../../rules/matchers.ts';
import type { Texts } from '../query.ts';
import { acknowledgedAlerts, acknowledgementOf, findAcknowledged } from './acknowledgement.ts';
import { readFilter, readFlag } from './params.ts';
import { done, notFound, type Reply, refused } from './reply.ts';

const renderSilence = (silence: Silence, now: EpochMs) => ({
  id: silence.id,
  status: { state: silenceStateOf(silence, now) },
  updatedAt: rfc3339(silence.updatedAt),
  comment: silence.comment,
  createdBy: silence.createdBy,
  startsAt: rfc3339(silence.startsAt),
  endsAt: rfc3339(silence.endsAt),
  annotations: {},
  matchers: silence.matchers.map(flagsOf),
});

/** A filter finds the silences that have the very same matchers, as Alertmanager does it. */
const hasMatchers = ({ matchers }: Silence, filter: readonly Matcher[]): boolean =>
  filter.every((wanted) =>
    matchers.some(
      ({ name, operator, value }) =>
        name === wanted.name && operator === wanted.operator && value === wanted.value,
    ),
  );

export const allSilences = (house: House): readonly Silence[] => [
  ...house.mutes.silences(),
  ...acknowledgedAlerts(house.activeAlerts()).map(acknowledgementOf),
];

export function listSilences(house: House, query: Texts): Reply {
  const filter = readFilter(query);
  if (filter.type === 'wrong') return refused(filter.why);
  const now = house.now();
  const order = (a: Silence, b: Silence): number => {
    const [one, other] = [silenceOrder(a, now), silenceOrder(b, now)];
    return one[0] - other[0] || one[1] - other[1] || (a.id < b.id ? -1 : 1);
  };
  const found = allSilences(house)
    .filter((silence) => readFlag(query, silenceStateOf(silence, now)))
    .filter((silence) => hasMatchers(silence, filter.value))
    .sort(order);
  return done(found.map((silence) => renderSilence(silence, now)));
}

export function showSilence(house: House, id: string): Reply {
  const stored = house.mutes.silences().find((silence) => silence.id === id.toLowerCase());
  const acknowledged = findAcknowledged(house.activeAlerts(), id);
  const found = stored ?? (acknowledged && acknowledgementOf(acknowledged));
  return found === undefined ? notFound : done(renderSilence(found, house.now()));
}
