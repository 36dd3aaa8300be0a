/** Whether there is something to tell a channel of an alert, since when, and why. */
import { type Alert, rankOf } from '../../domain/alert.ts';
import type { AnnounceReason } from '../../domain/message.ts';
import { type EpochMs, hours } from '../../domain/time.ts';
import type { Profile } from '../profile.ts';
import { isHeard, type Standing } from './standing.ts';

export interface News {
  readonly reason: AnnounceReason;
  /** From when it is news. */
  readonly since: EpochMs;
  /** From when it may be told, so that more of its group can come with it. */
  readonly readyAt: EpochMs;
  /** It is told even if there is nothing else; otherwise it waits for something that is. */
  readonly isAlone: boolean;
}

/** What was refused is offered again after this time where nothing is repeated. */
const offeredAgainAfter = hours(4);

/** Such news waits for more of its group. */
const gathered = (reason: AnnounceReason, since: EpochMs, { groupWait }: Profile): News => ({
  reason,
  since,
  readyAt: since + groupWait,
  isAlone: true,
});

/** Such news has waited long enough, or is too urgent for it. */
const prompt = (reason: AnnounceReason, since: EpochMs): News => ({
  reason,
  since,
  readyAt: since,
  isAlone: true,
});

function endNews(standing: Standing, profile: Profile): News | undefined {
  const { overSince, missed } = standing;
  if (overSince === null) return undefined;
  if (isHeard(standing))
    return profile.resolved ? gathered('resolved', overSince, profile) : undefined;
  return missed ? gathered('brief', overSince, profile) : undefined;
}

function firstNews({ away }: Standing, dueAt: EpochMs, profile: Profile): News {
  if (profile.after > 0) return gathered('escalated', dueAt, profile);
  return gathered(away === 'muted' ? 'unmuted' : 'raised', dueAt, profile);
}

function firingNews(standing: Standing, alert: Alert, profile: Profile): News | undefined {
  const { wantedSince, told, roseAt, away } = standing;
  if (wantedSince === null) return undefined;
  const dueAt = wantedSince + profile.after;
  if (told === null) return firstNews(standing, dueAt, profile);
  if (told.lapsed) {
    if (profile.after > 0) return gathered('escalated', dueAt, profile);
    return gathered(away === 'muted' ? 'unmuted' : 'repeat', dueAt, profile);
  }
  if (told.refused) {
    const again = told.at + (profile.repeatInterval || offeredAgainAfter);
    return prompt(told.accepted === null ? 'raised' : 'repeat', again);
  }
  if (rankOf(alert.severity) > rankOf(told.severity))
    return prompt('severity', Math.max(roseAt ?? told.at, dueAt));
  if (profile.repeatInterval === 0) return undefined;
  return prompt('repeat', told.at + profile.repeatInterval);
}

/** The news there is now, or (with `since` in the future) the next there will be by itself. */
export function newsOf(
  standing: Standing,
  alert: Alert,
  profile: Profile,
  now: EpochMs,
): News | undefined {
  if (standing.closing) return undefined;
  if (standing.overSince !== null) return endNews(standing, profile);
  const news = firingNews(standing, alert, profile);
  if (news !== undefined && news.since <= now) return news;
  const { told, wantedSince } = standing;
  const hasFallen = told !== null && rankOf(alert.severity) < rankOf(told.severity);
  if (wantedSince === null || !hasFallen) return news;
  const readyAt = news?.readyAt ?? Number.POSITIVE_INFINITY;
  return { reason: 'severity', since: now, readyAt, isAlone: false };
}
