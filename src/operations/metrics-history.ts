/** The past of one number, for charts. */
import { Type } from 'typebox';
import { isNumeric, type Kind } from '../domain/kind.ts';
import { didYouMean } from '../domain/nearest.ts';
import { type EpochMs, hours, type Ms, parseDuration, rfc3339 } from '../domain/time.ts';
import { pointsMax } from '../history/history.ts';
import type { House } from './house.ts';
import { readPast } from './instants.ts';
import { defineOperation } from './operation.ts';
import { refuse, refuseField } from './refusals.ts';
import { instant, list, name, nullable, when } from './schemas.ts';

const rangeDefault = hours(1);

/** As for other instants, and whole milliseconds since the epoch, as points have them. */
const moment = {
  ...when,
  description: 'RFC 3339, milliseconds since 1970, or how long ago: 90s, 15m, 1h30m, 2d',
};

const point = Type.Unsafe<readonly [number, number, number, number]>({
  ...Type.Array(Type.Number(), { minItems: 4, maxItems: 4 }),
  description: 'start in milliseconds since 1970, least, mean, greatest',
});

function readMoment(field: string, text: string, now: EpochMs): EpochMs {
  // Eight digits at least: 1970 is of no interest, and 20261122 is a typing error.
  if (!/^\d{9,15}$/.test(text)) return readPast(field, text, now);
  return Number(text);
}

function readStep(text: string): Ms {
  const step = parseDuration(text);
  if (step === undefined || step <= 0)
    throw refuseField('step', `must be a duration such as 30s, 5m or 1h; ${text} is not`);
  return step;
}

function findNumber(kinds: readonly Kind[], kindName: string, attribute: string) {
  const kind = kinds.find((one) => one.name === kindName);
  if (kind === undefined) {
    const names = kinds.map((one) => one.name);
    const hint = didYouMean(kindName, names);
    throw refuse('kind-unknown', `there is no kind ${JSON.stringify(kindName)}${hint}`);
  }
  const names = Object.keys(kind.attributes);
  const found = Object.hasOwn(kind.attributes, attribute) ? kind.attributes[attribute] : undefined;
  if (found === undefined)
    throw refuse(
      'attribute-unknown',
      `${kind.name} has no attribute ${JSON.stringify(attribute)}${didYouMean(attribute, names)}`,
    );
  if (!isNumeric(found.type))
    throw refuseField('attribute', `${attribute} is a ${found.type}: only numbers have a history`);
  return found;
}

async function askHistory(house: House, query: Parameters<House['numbers']>[0]) {
  const answer = await house.numbers(query);
  if (answer.type === 'unavailable') throw refuse('history-unavailable', answer.why);
  if (answer.type === 'points') return answer;
  const { kind, id, step } = query;
  if (house.findResource(kind, id) === undefined)
    throw refuse('resource-unknown', `nothing was ever recorded of ${kind} ${id}`);
  // It is there, and its first number is still to come.
  return { step: step ?? null, points: [] };
}

export const metricsHistory = defineOperation({
  name: 'metrics.history',
  summary: `The past of one number, in at most ${pointsMax} points.`,
  permission: 'read',
  method: 'GET',
  path: '/api/v1/monitoring/metrics/history',
  refusals: ['kind-unknown', 'attribute-unknown', 'resource-unknown', 'history-unavailable'],
  input: Type.Object(
    {
      kind: name,
      id: name,
      attribute: name,
      from: Type.Optional({ ...moment, description: `${moment.description}; default 1h` }),
      to: Type.Optional({ ...moment, description: 'the same; default now' }),
      step: Type.Optional({
        ...name,
        description: 'at least so far apart: 30s, 5m, 1h; default: as fine as it is kept',
      }),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({
    kind: Type.String(),
    id: Type.String(),
    attribute: Type.String(),
    unit: nullable(Type.String()),
    from: instant,
    to: instant,
    step: nullable(
      Type.Number({
        description: 'milliseconds from one point to the next; null: not recorded yet',
      }),
    ),
    points: list(point),
  }),
  async run(house, { kind, id, attribute, ...asked }) {
    const found = findNumber(house.kinds, kind, attribute);
    const now = house.now();
    const to = asked.to === undefined ? now : readMoment('to', asked.to, now);
    const from = asked.from === undefined ? to - rangeDefault : readMoment('from', asked.from, now);
    if (from >= to) throw refuseField('from', 'must lie before `to`');
    const step = asked.step === undefined ? {} : { step: readStep(asked.step) };
    const answer = await askHistory(house, { kind, id, attribute, from, to, ...step });
    const unit = found.type === 'duration' ? 'milliseconds' : (found.unit ?? null);
    return {
      kind,
      id,
      attribute,
      unit,
      from: rfc3339(from),
      to: rfc3339(to),
      step: answer.step,
      points: answer.points,
    };
  },
});
