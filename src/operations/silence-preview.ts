/**
 * What matchers would silence: the alerts that they hit now, and how often each rule would have
 * been silenced in the past. Judged by the labels that alerts had last.
 */
import { type Static, Type } from 'typebox';
import { type Alert, rankOf } from '../domain/alert.ts';
import { days, type EpochMs, rfc3339 } from '../domain/time.ts';
import { compileMatchers, type Matcher, matchesAlert } from '../rules/matchers.ts';
import type { House } from './house.ts';
import { readPast } from './instants.ts';
import { defineOperation } from './operation.ts';
import { refuseField } from './refusals.ts';
import { renderAlert } from './render.ts';
import { alert, instant, list, when } from './schemas.ts';
import { matcherFields, matchersInput, readMatcherTexts, renderMatchers } from './silence-view.ts';

/** How far it looks back where nothing is said. */
const lookBackDefault = days(30);
/** Resolved alerts read at once, and altogether; what lies further back is not counted. */
const batchRows = 500;
const scannedRowsMax = 20_000;
/** Alerts of now that are shown whole. */
const alertsShownMax = 100;

const ruleCount = Type.Object({
  rule: Type.String(),
  occurrences: Type.Integer(),
  firstAt: instant,
  lastAt: instant,
});

interface Tally {
  occurrences: number;
  firstAt: EpochMs;
  lastAt: EpochMs;
}

/** Whether it would be silenced while it fires. */
const hits = (matchers: readonly Matcher[], one: Alert): boolean =>
  matchesAlert(matchers, { ...one, phase: 'firing' });

interface Past {
  readonly rules: ReadonlyMap<string, Tally>;
  /** From here on everything was counted. */
  readonly since: EpochMs;
  readonly isComplete: boolean;
}

function count(rules: Map<string, Tally>, one: Alert): void {
  const at = one.firingAt ?? one.startsAt;
  const { occurrences = 0, firstAt = at, lastAt = at } = rules.get(one.rule) ?? {};
  rules.set(one.rule, {
    occurrences: occurrences + 1,
    firstAt: Math.min(firstAt, at),
    lastAt: Math.max(lastAt, at),
  });
}

async function readPastAlerts(
  house: House,
  matchers: readonly Matcher[],
  since: EpochMs,
): Promise<Past> {
  const rules = new Map<string, Tally>();
  const active = house.activeAlerts().filter((one) => one.phase === 'firing');
  for (const one of active) if (one.startsAt >= since && hits(matchers, one)) count(rules, one);
  const known = new Set(active.map(({ id }) => id));
  let last: Alert | undefined;
  for (let scanned = 0; scanned < scannedRowsMax; scanned += batchRows) {
    const after = last && { startsAt: last.startsAt, id: last.id };
    const rows = await house.listResolved({ since, ...(after && { after }), limit: batchRows });
    for (const row of rows) if (!known.has(row.id) && hits(matchers, row)) count(rules, row);
    last = rows.at(-1);
    if (rows.length < batchRows) return { rules, since, isComplete: true };
  }
  return { rules, since: last?.startsAt ?? since, isComplete: false };
}

export const previewSilence = defineOperation({
  name: 'silence.preview',
  summary:
    'What a silence with these matchers hits now, and what it would have hit in the past. Sets ' +
    'nothing.',
  permission: 'read',
  method: 'POST',
  path: '/api/v1/silences/preview',
  input: Type.Object(
    { matchers: matchersInput, since: Type.Optional({ ...when, description: '30d' }) },
    { additionalProperties: false },
  ),
  output: Type.Object({
    ...matcherFields,
    now: Type.Object({
      firing: Type.Integer(),
      /** The worst first. */
      alerts: list(alert),
    }),
    past: Type.Object({
      since: instant,
      complete: Type.Boolean({ description: 'false: there were too many to look further back' }),
      occurrences: Type.Integer(),
      rules: list(ruleCount),
    }),
  }),
  async run(house, { matchers: given, since }) {
    const texts = readMatcherTexts(given);
    const compiled = compileMatchers(texts);
    if (compiled.type === 'wrong') throw refuseField('matchers', compiled.why);
    const { matchers } = compiled;
    const now = house.now();
    const from = since === undefined ? now - lookBackDefault : readPast('since', since, now);
    const firing = house.activeAlerts().filter((one) => one.phase === 'firing');
    const hit = firing.filter((one) => matchesAlert(matchers, one)).sort(worstFirst);
    const past = await readPastAlerts(house, matchers, from);
    const rules = [...past.rules].map(([rule, { occurrences, firstAt, lastAt }]) => ({
      rule,
      occurrences,
      firstAt: rfc3339(firstAt),
      lastAt: rfc3339(lastAt),
    }));
    return {
      ...renderMatchers(texts),
      now: { firing: hit.length, alerts: hit.slice(0, alertsShownMax).map(renderAlert) },
      past: {
        since: rfc3339(past.since),
        complete: past.isComplete,
        occurrences: rules.reduce((sum, { occurrences }) => sum + occurrences, 0),
        rules: rules.sort((a, b) => b.occurrences - a.occurrences || (a.rule < b.rule ? -1 : 1)),
      },
    };
  },
});

export type PreviewView = Static<typeof previewSilence.output>;

function worstFirst(a: Alert, b: Alert): number {
  return rankOf(b.severity) - rankOf(a.severity) || b.startsAt - a.startsAt;
}
