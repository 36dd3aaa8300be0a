/**
 * The door to systemd's calendar: moments of a calendar expression, as systemd itself reckons
 * them. `systemd-analyze calendar` knows time zones, daylight saving and every form of
 * systemd.time(7).
 */
import { days, type EpochMs, type Ms, seconds } from '../domain/time.ts';
import type { Probes } from './probes.ts';

export type Moments =
  /** After the base, in order; fewer than asked where the calendar ends. */
  | { readonly type: 'moments'; readonly moments: readonly EpochMs[] }
  /** systemd refuses the expression. */
  | { readonly type: 'bad'; readonly why: string }
  /** Nobody answered; asking later may help. */
  | { readonly type: 'unknown'; readonly why: string };

const timeout = seconds(10);

/**
 * `Next elapse: Mon 2026-11-23 06:00:00 UTC`, and `Iter. #2: …` for those after it (systemd 252;
 * 257 says `Iteration #2: …`). In another zone each is followed by a line `(in UTC): …`.
 */
const momentPattern =
  /^ *(?:Next elapse|Iter\w*\.? #\d+|\(in UTC\)): \w{3} ([\d-]{10}) ([\d:]{8}(?:\.\d+)?) UTC$/;

export function readMoments(output: string): readonly EpochMs[] {
  return output.split('\n').flatMap((line) => {
    const [, day, time] = momentPattern.exec(line) ?? [];
    const at = day === undefined ? NaN : Date.parse(`${day}T${time}Z`);
    return Number.isNaN(at) ? [] : [at];
  });
}

async function momentsAfter(
  probes: Probes,
  calendar: string,
  base: EpochMs,
  options: { readonly count: number; readonly signal: AbortSignal },
): Promise<Moments> {
  const { count, signal } = options;
  const argv = ['systemd-analyze', 'calendar', `--iterations=${count}`] as const;
  const since = `--base-time=@${Math.floor(base / 1000)}`;
  const answer = await probes.run(
    `calendar ${calendar} ${count} after ${base}`,
    [...argv, since, '--', calendar],
    {
      timeout,
      signal,
    },
  );
  if (answer.type === 'missing')
    return { type: 'unknown', why: `systemd-analyze cannot be run: ${answer.why}` };
  if (answer.type !== 'ended') return { type: 'unknown', why: 'systemd-analyze does not answer' };
  if (answer.exitStatus === 0) return { type: 'moments', moments: readMoments(answer.stdout) };
  const said = answer.stderr.trim().split('\n').at(-1) ?? '';
  return { type: 'bad', why: said === '' ? `exit status ${answer.exitStatus}` : said };
}

export type Place =
  | {
      readonly type: 'placed';
      /** The two latest moments up to now, and the next one, where there are such. */
      readonly before: EpochMs | null;
      readonly last: EpochMs | null;
      readonly next: EpochMs | null;
    }
  | Exclude<Moments, { readonly type: 'moments' }>;

/** Moments of one question when looking back. */
const lookCount = 24;
/** How often it looks further back: the gaps of a calendar differ (Mon..Fri, a leap day). */
const looksMax = 6;
const widerBy = 5;

async function placeIn(
  probes: Probes,
  calendar: string,
  now: EpochMs,
  signal: AbortSignal,
): Promise<Place> {
  const coming = await momentsAfter(probes, calendar, now, { count: 2, signal });
  if (coming.type !== 'moments') return coming;
  const [next, second] = coming.moments;
  let back: Ms = 2 * (next === undefined || second === undefined ? days(1) : second - next);
  let found: readonly EpochMs[] = [];
  let base = now - back;
  for (let look = 0; look < looksMax && !signal.aborted; look++) {
    const past = await momentsAfter(probes, calendar, base, { count: lookCount, signal });
    if (past.type !== 'moments') return past;
    const upToNow = past.moments.filter((at) => at <= now);
    found = [...found, ...upToNow].slice(-2);
    if (upToNow.length === lookCount) base = upToNow.at(-1) ?? base;
    else if (found.length === 2) break;
    else {
      back *= widerBy;
      base = now - back;
      found = [];
    }
  }
  return {
    type: 'placed',
    before: found.length === 2 ? (found[0] ?? null) : null,
    last: found.at(-1) ?? null,
    next: next ?? null,
  };
}

export interface Calendar {
  momentsAfter(
    calendar: string,
    base: EpochMs,
    options: { readonly count: number; readonly signal: AbortSignal },
  ): Promise<Moments>;
  /** Where `now` lies between the moments of the calendar. */
  placeOf(calendar: string, now: EpochMs, signal: AbortSignal): Promise<Place>;
}

export const createCalendar = (probes: Probes): Calendar => ({
  momentsAfter: (calendar, base, options) => momentsAfter(probes, calendar, base, options),
  placeOf: (calendar, now, signal) => placeIn(probes, calendar, now, signal),
});
