/** How long to wait after an attempt that failed: full jitter, so that many do not come at once. */
import { hours, type Ms, minutes, seconds } from '../domain/time.ts';

const shortest: Ms = seconds(1);
const longest: Ms = minutes(5);
/** The other side may ask for patience, and not for silence. */
export const askedForMax: Ms = hours(1);

/**
 * After so many failures in a row (from 1). `random` is from 0 to below 1; `after` is what the
 * other side asked for.
 */
export function backoff(failures: number, random: number, after: Ms = 0): Ms {
  const most = Math.min(longest, shortest * 2 ** Math.min(failures, 20));
  const own = shortest + random * (most - shortest);
  return Math.max(own, Math.min(after, askedForMax));
}
