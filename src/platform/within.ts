/** Waiting with a limit; no timer is left behind, for a held one keeps a process from ending. */
import type { Ms } from '../domain/time.ts';
import type { Clock } from './clock.ts';

/** Resolves with the promise's value, or with `over` when that takes longer than `limit`. */
export async function within<T, O>(
  clock: Clock,
  limit: Ms,
  promise: Promise<T>,
  over: O,
): Promise<T | O> {
  const done = new AbortController();
  try {
    return await Promise.race([promise, clock.sleep(limit, done.signal).then(() => over)]);
  } finally {
    done.abort();
  }
}
