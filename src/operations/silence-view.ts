/** How matchers and silences look from outside, and how they are read from a request. */
import { type Static, Type } from 'typebox';
import type { Maintenance, MatcherText, Silence } from '../domain/mute.ts';
import { type EpochMs, parseDuration, rfc3339 } from '../domain/time.ts';
import { flagsOf, operatorOf, parseMatchers, renderMatcher } from '../rules/matchers.ts';
import { parseInstant } from './instants.ts';
import { refuse, refuseField } from './refusals.ts';
import { instant, line, list, nullable, text } from './schemas.ts';
import { muteMatchersMax, muteStates, silenceStateOf } from './silence-plan.ts';

/** Alertmanager's form. */
export const matcherView = Type.Object({
  name: Type.String(),
  value: Type.String(),
  isRegex: Type.Boolean(),
  isEqual: Type.Boolean(),
});
export const matcherFields = {
  matchers: list(matcherView),
  filter: Type.String({
    description: 'the matchers as one text: unit="a.service",severity=~"c.*"',
  }),
};

const matcherText = Type.String({ minLength: 1, maxLength: 1000 });
const matcherObject = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 512 }),
    value: Type.String({ maxLength: 1000 }),
    isRegex: Type.Optional(Type.Boolean()),
    isEqual: Type.Optional(Type.Boolean({ description: 'true where left out' })),
  },
  { additionalProperties: false },
);
export const matchersInput = Type.Array(Type.Union([matcherText, matcherObject]), {
  maxItems: muteMatchersMax,
  description: 'unit="a.service", or {name, value, isRegex, isEqual}; all must hold',
});
export const stateInput = Type.Optional(
  Type.Unsafe<readonly (typeof muteStates)[number][]>({
    ...Type.Array(Type.Enum([...muteStates]), { minItems: 1, maxItems: 20 }),
    'x-commas': true,
  }),
);
export const commentInput = { ...text, minLength: 1, description: 'why; it cannot be left out' };
export const createdByInput = Type.Optional({
  ...line,
  description: 'a name for people; who called is kept beside it',
});
export const momentInput = Type.String({
  maxLength: 64,
  description: 'RFC 3339, or how long from now: 15m, 1h30m, 2d',
});
export const durationInput = Type.String({ maxLength: 32, description: '15m, 1h30m, 2d' });

export function readMatcherTexts(given: Static<typeof matchersInput>): readonly MatcherText[] {
  return given.flatMap((one) => {
    if (typeof one === 'string') {
      const answer = parseMatchers([one]);
      if (answer.type === 'wrong') throw refuseField('matchers', answer.why);
      return answer.matchers.map(({ name, operator, value }) => ({ name, operator, value }));
    }
    const { name, value, isRegex = false, isEqual = true } = one;
    return [{ name, operator: operatorOf(isEqual, isRegex), value }];
  });
}

export const renderMatchers = (matchers: readonly MatcherText[]) => ({
  matchers: matchers.map(flagsOf),
  filter: matchers.map(renderMatcher).join(','),
});

/** An instant, or that long from now; `0s` is now. */
export function readMoment(field: string, given: string, now: EpochMs): EpochMs {
  const span = parseDuration(given);
  const at = parseInstant(given) ?? (span === undefined ? undefined : now + span);
  if (at !== undefined) return at;
  throw refuseField(
    field,
    `must be RFC 3339 such as 2026-11-22T06:14:00Z, or a duration such as 1h30m; ${JSON.stringify(given)} is not`,
  );
}

export function readDuration(field: string, given: string): number {
  const span = parseDuration(given);
  if (span !== undefined && span > 0) return span;
  throw refuseField(field, `must be a duration such as 30m or 2h; ${JSON.stringify(given)} is not`);
}

/** From when to when: `startsAt` is now, the end an instant or a time after the start. */
export function readSpan(
  given: {
    readonly startsAt?: string | undefined;
    readonly endsAt?: string | undefined;
    readonly duration?: string | undefined;
  },
  now: EpochMs,
): { readonly startsAt: EpochMs; readonly endsAt: EpochMs } {
  const { startsAt: start, endsAt: end, duration } = given;
  if ((end === undefined) === (duration === undefined))
    throw refuse('invalid-input', 'give either endsAt or duration', {
      errors: [{ pointer: '#/endsAt', detail: 'endsAt or duration is needed, not both' }],
    });
  const startsAt = start === undefined ? now : readMoment('startsAt', start, now);
  if (end !== undefined) return { startsAt, endsAt: readMoment('endsAt', end, now) };
  return { startsAt, endsAt: startsAt + readDuration('duration', duration ?? '') };
}

export const silenceId = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[0-9A-Za-z-]+$',
  'x-expects': 'the id of a silence',
});

/** Who made a silence or a window, and why. */
export const madeFields = {
  comment: Type.String(),
  createdBy: Type.String(),
  setBy: Type.String({ description: 'the caller: uid:0' }),
  createdAt: instant,
  updatedAt: instant,
  endedBy: nullable(Type.String()),
};

export const renderMade = (one: Silence | Maintenance) => ({
  comment: one.comment,
  createdBy: one.createdBy,
  setBy: one.setBy,
  createdAt: rfc3339(one.createdAt),
  updatedAt: rfc3339(one.updatedAt),
  endedBy: one.endedBy,
});

export const silence = Type.Object({
  id: Type.String({ description: 'UUID' }),
  state: Type.Enum([...muteStates]),
  ...matcherFields,
  startsAt: instant,
  endsAt: instant,
  ...madeFields,
});
export type SilenceView = Static<typeof silence>;

export const renderSilence = (one: Silence, now: EpochMs): SilenceView => ({
  id: one.id,
  state: silenceStateOf(one, now),
  ...renderMatchers(one.matchers),
  startsAt: rfc3339(one.startsAt),
  endsAt: rfc3339(one.endsAt),
  ...renderMade(one),
});
