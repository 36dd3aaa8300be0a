/** Rules, silences and routes on the past: what they would have said. */
import { Type } from 'typebox';
import type { MatcherText } from '../domain/mute.ts';
import { renderComplaint } from '../domain/rule.ts';
import { rfc3339 } from '../domain/time.ts';
import type { RuleReport } from '../recording/backtest/question.ts';
import { parseMatchers } from '../rules/matchers.ts';
import type { BacktestVerdict } from './house-records.ts';
import { readPast } from './instants.ts';
import { defineOperation } from './operation.ts';
import { refuse, refuseField } from './refusals.ts';
import { renderInstant } from './render.ts';
import { filter, instant, list, nullable, when } from './schemas.ts';

const milliseconds = nullable(Type.Number({ description: 'milliseconds' }));
const report = Type.Object({
  fired: Type.Integer(),
  announced: Type.Integer({ description: 'of these, those that nothing muted' }),
  medianMs: milliseconds,
  longestMs: milliseconds,
  firstAt: nullable(instant),
  lastAt: nullable(instant),
  firingAtBegin: Type.Integer({ description: 'true before: not counted as fired' }),
  firingAtEnd: Type.Integer(),
});

const output = Type.Object({
  from: instant,
  to: instant,
  rules: list(
    Type.Object({
      id: Type.String(),
      candidate: nullable(report),
      inForce: nullable(report),
    }),
  ),
  silences: list(Type.Object({ matchers: list(Type.String()), silenced: Type.Integer() })),
  channels: list(
    Type.Object({
      channel: Type.String(),
      messages: nullable(Type.Integer({ description: 'null: not among the channels tried' })),
      inForce: nullable(Type.Integer({ description: 'with the rules and silences in force' })),
    }),
  ),
  gaps: list(Type.Object({ from: instant, to: instant })),
  notes: list(Type.String({ description: 'what one must know to judge the figures' })),
  inputs: Type.Integer({ description: 'readings played' }),
  tookMs: Type.Number(),
});

const renderReport = (one: RuleReport | null) =>
  one === null
    ? null
    : {
        fired: one.fired,
        announced: one.announced,
        medianMs: one.median,
        longestMs: one.longest,
        firstAt: renderInstant(one.firstAt),
        lastAt: renderInstant(one.lastAt),
        firingAtBegin: one.firingAtBegin,
        firingAtEnd: one.firingAtEnd,
      };

/** Each text may hold several matchers. */
function readMatchers(texts: readonly string[]): readonly MatcherText[] {
  const parsed = parseMatchers(texts);
  if (parsed.type === 'wrong') throw refuseField('silences', parsed.why);
  return parsed.matchers.map(({ name, operator, value }) => ({ name, operator, value }));
}

/** What the desk says instead of an answer, as a refusal. */
function refuseVerdict(verdict: Exclude<BacktestVerdict, { readonly type: 'done' }>) {
  switch (verdict.type) {
    case 'busy':
      return refuse('conflict', `a backtest of ${verdict.by} is running; one runs at a time`);
    case 'empty':
      return refuse('conflict', verdict.why);
    case 'failed':
      return refuse('backtest-failed', verdict.why);
    default: {
      const errors = verdict.complaints.map((one) => ({
        pointer: '#/text',
        detail: renderComplaint(one),
      }));
      return refuse('invalid-input', errors[0]?.detail ?? 'the rules do not load', { errors });
    }
  }
}

const silence = Type.Object(
  { matchers: filter, startsAt: Type.Optional(when), endsAt: Type.Optional(when) },
  { additionalProperties: false },
);

export const backtestRules = defineOperation({
  name: 'rule.backtest',
  summary:
    'What a rule file would have said of the readings that are kept, beside the rules in force; with silences and channels. Changes nothing.',
  permission: 'admin',
  // It changes nothing.
  audited: false,
  method: 'POST',
  path: '/api/v1/rules/backtest',
  refusals: ['conflict', 'backtest-failed'],
  bodyBytesMax: 1024 * 1024,
  input: Type.Object(
    {
      text: Type.Optional(
        Type.String({
          maxLength: 512 * 1024,
          description: 'a rule file; left out: those in force',
        }),
      ),
      since: Type.Optional({
        ...when,
        description: 'RFC 3339, or how long ago; 30d where nothing is said',
      }),
      silences: Type.Optional(Type.Array(silence, { maxItems: 50 })),
      channels: Type.Optional(
        Type.Boolean({
          description: 'count messages by channel: all rules run, with all that mutes',
        }),
      ),
      settings: Type.Optional(
        Type.String({
          maxLength: 512 * 1024,
          description: 'a settings file whose channels are tried in place of those in force',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  output,
  async run(house, { text, since, silences = [], channels = false, settings }, caller) {
    const now = house.now();
    const read = (name: string, given: string | undefined): number | undefined =>
      given === undefined ? undefined : readPast(name, given, now);
    const tried = silences.map(({ matchers, startsAt, endsAt }) => {
      const [from, until] = [read('startsAt', startsAt), read('endsAt', endsAt)];
      return {
        matchers: readMatchers(matchers),
        ...(from === undefined ? {} : { startsAt: from }),
        ...(until === undefined ? {} : { endsAt: until }),
      };
    });
    const ask = {
      since: read('since', since ?? '30d') ?? now,
      silences: tried,
      // Without candidates, all rules in force are what is asked for.
      whole: channels || settings !== undefined || text === undefined,
      channels: channels || settings !== undefined,
      ...(text === undefined ? {} : { text }),
      ...(settings === undefined ? {} : { settings }),
    };
    const verdict = await house.records.backtests.run(ask, caller.name);
    if (verdict.type !== 'done') throw refuseVerdict(verdict);
    return {
      from: rfc3339(verdict.from),
      to: rfc3339(verdict.to),
      rules: verdict.rules.map(({ id, candidate, inForce }) => ({
        id,
        candidate: renderReport(candidate),
        inForce: renderReport(inForce),
      })),
      silences: silences.map(({ matchers }, place) => ({
        matchers,
        silenced: verdict.silenced[place] ?? 0,
      })),
      channels: verdict.channels,
      gaps: verdict.gaps.map(({ from, to }) => ({ from: rfc3339(from), to: rfc3339(to) })),
      notes: verdict.notes,
      inputs: verdict.inputs,
      tookMs: verdict.took,
    };
  },
});

export const showBacktest = defineOperation({
  name: 'rule.backtestProgress',
  summary: 'How far the backtest that is running has come.',
  permission: 'admin',
  method: 'GET',
  path: '/api/v1/backtest',
  input: Type.Object({}, { additionalProperties: false }),
  output: Type.Object({
    running: Type.Boolean(),
    by: nullable(Type.String()),
    part: nullable(Type.Number({ description: 'from 0 to 1' })),
  }),
  async run(house) {
    const running = house.records.backtests.running();
    return { running: running !== undefined, by: running?.by ?? null, part: running?.part ?? null };
  },
});
