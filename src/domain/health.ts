/** Health of a component, and of the whole. */
import type { EpochMs } from './time.ts';

export const healths = ['healthy', 'degraded', 'unhealthy', 'unknown'] as const;
export type Health = (typeof healths)[number];

export interface ComponentHealth {
  readonly status: Health;
  /** Why it is not healthy; null when it is. */
  readonly reason: string | null;
  /** Since when it has this status. */
  readonly since: EpochMs;
  /** Since when nothing could be seen here; null when it can. */
  readonly blindSince: EpochMs | null;
}

/** Times in which a source could not be watched. `until` is null while it lasts. */
export interface BlindTime {
  readonly source: string;
  readonly since: EpochMs;
  readonly until: EpochMs | null;
  readonly why: string;
}
