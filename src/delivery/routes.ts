/** Which channel tells of an alert and which does not, and why, in words. */
import type { Alert } from '../domain/alert.ts';
import { type EpochMs, renderDuration, rfc3339 } from '../domain/time.ts';
import { matchesAlert, renderMatcher } from '../rules/matchers.ts';
import { newsOf } from './dispatch/news.ts';
import type { Entry } from './dispatch/survey.ts';
import { isOpen, nextOpening } from './hours.ts';
import type { Profile } from './profile.ts';

/** What the settings of the channel have against it; undefined: nothing. */
function whyNever(profile: Profile, alert: Alert): string | undefined {
  const { enabled, severities, matchers, name } = profile;
  if (!enabled) return `${name} is switched off`;
  if (!severities.has(alert.severity))
    return `${alert.severity} is not among its severities: ${[...severities].join(', ')}`;
  const failing = matchers.find((one) => !matchesAlert([one], alert));
  return failing === undefined ? undefined : `its matcher ${renderMatcher(failing)} does not hold`;
}

/** What keeps the alert from being told to anybody; undefined: nothing. */
function whyNotNow({ phase, mutedBy, acknowledged, acknowledgedBy }: Alert): string | undefined {
  if (phase === 'pending') return 'the alert is pending and does not fire yet';
  if (mutedBy.length > 0) return `it is muted by ${mutedBy.join(', ')}`;
  return acknowledged ? `${acknowledgedBy ?? 'somebody'} has acknowledged it` : undefined;
}

function whenTold({ told }: Entry['standing']): string {
  if (told === null) return '';
  const times = told.count === 1 ? 'told' : `told ${told.count} times, last`;
  if (told.refused) return `${times} at ${rfc3339(told.at)}, and refused`;
  return `${times} at ${rfc3339(told.at)}${told.accepted === null ? ', not arrived yet' : ''}`;
}

function whatIsNext(profile: Profile, { alert, standing }: Entry, now: EpochMs): string {
  const news = newsOf(standing, alert, profile, now);
  const { hours, after } = profile;
  if (news === undefined) return '';
  if (news.since <= now && hours?.waits.has(alert.severity) === true && !isOpen(hours, now))
    return `waits for working hours, from ${rfc3339(nextOpening(hours, now))}`;
  if (news.since <= now) return `there is news to tell (${news.reason})`;
  if (news.reason === 'escalated')
    return `unless it is acknowledged within ${renderDuration(after)} of its begin`;
  return '';
}

/** `entry`: what the channel knows of the alert; undefined where it was never its business. */
export function routeOf(
  profile: Profile,
  alert: Alert,
  entry: Entry | undefined,
  now: EpochMs,
): { readonly tells: boolean; readonly why: string } {
  const told = entry === undefined ? '' : whenTold(entry.standing);
  const withTold = (why: string): string => [why, told].filter((text) => text !== '').join('; ');
  const never = whyNever(profile, alert);
  if (never !== undefined) return { tells: false, why: withTold(never) };
  const notNow = alert.phase === 'resolved' ? undefined : whyNotNow(alert);
  if (notNow !== undefined) return { tells: false, why: withTold(notNow) };
  const next = entry === undefined ? '' : whatIsNext(profile, entry, now);
  return { tells: true, why: withTold(next) || 'severity and matchers fit' };
}
