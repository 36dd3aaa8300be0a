/**
 * The budget of a channel: messages in any hour. The first half may go at once; the other half is
 * spread over the hour, so that after a burst the next digest is minutes away, and not an hour.
 */
import { type EpochMs, hours } from '../domain/time.ts';

/** Of the instants of messages (oldest first), those that count at `now`. */
export const withinHour = (sent: readonly EpochMs[], now: EpochMs): readonly EpochMs[] =>
  sent.filter((at) => at > now - hours(1) && at <= now);

/** When the next message may go; `sent` are the instants of the last hour, oldest first. */
export function budgetOpensAt(
  budget: number | null,
  sent: readonly EpochMs[],
  now: EpochMs,
): EpochMs {
  const counted = withinHour(sent, now);
  const half = Math.ceil((budget ?? Number.POSITIVE_INFINITY) / 2);
  if (budget === null || counted.length < half) return now;
  const inTheWay = counted[counted.length - budget];
  if (inTheWay !== undefined) return inTheWay + hours(1);
  return Math.max(now, (counted.at(-1) ?? now) + hours(1) / half);
}
