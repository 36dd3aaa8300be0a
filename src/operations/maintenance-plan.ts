/** When a maintenance window with a calendar is open. Pure; systemd says the moments. */
import type { EpochMs, Ms } from '../domain/time.ts';
import type { Opening } from './house-mutes.ts';

/** Moments looked at for one opening: so many without a gap make no window. */
export const openingMomentsMax = 200;

export type OpeningAnswer =
  | { readonly type: 'opening'; readonly opening: Opening }
  /** The calendar has no moment any more. */
  | { readonly type: 'never' }
  /** Its openings follow each other without a gap. */
  | { readonly type: 'always' };

/**
 * The first opening that the moments make: what begins before the one before has ended, or right
 * then, prolongs it. `moments`: in order, at most `openingMomentsMax`.
 */
export function firstOpening(moments: readonly EpochMs[], duration: Ms): OpeningAnswer {
  const [startsAt] = moments;
  if (startsAt === undefined) return { type: 'never' };
  let endsAt = startsAt + duration;
  let chained = 1;
  for (const moment of moments.slice(1)) {
    if (moment > endsAt) break;
    endsAt = moment + duration;
    chained += 1;
  }
  if (chained === openingMomentsMax) return { type: 'always' };
  return { type: 'opening', opening: { startsAt, endsAt } };
}

/** What systemd's answer comes to. */
export type Reckoned = OpeningAnswer | { readonly type: 'bad' | 'unknown'; readonly why: string };

export type AcceptedOpening =
  | { readonly type: 'opening'; readonly opening: Opening }
  | { readonly type: 'wrong'; readonly field: 'calendar'; readonly why: string };

function whyNot(reckoned: Reckoned, longest: Ms): string | undefined {
  switch (reckoned.type) {
    case 'never':
      return 'has no moment in the future';
    case 'always':
      return 'its openings follow each other without a gap: it would never be closed';
    case 'opening': {
      const { startsAt, endsAt } = reckoned.opening;
      const isLong = endsAt - startsAt > longest;
      return isLong ? 'its openings make one that is longer than mutes.longest' : undefined;
    }
    default:
      return reckoned.why;
  }
}

/** The first opening of a new window; else why there can be no such window. */
export function acceptOpening(reckoned: Reckoned, longest: Ms): AcceptedOpening {
  const why = whyNot(reckoned, longest);
  return reckoned.type === 'opening' && why === undefined
    ? reckoned
    : { type: 'wrong', field: 'calendar', why: why ?? '' };
}
