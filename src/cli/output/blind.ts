/** Times in which tocsin could not see: how long in all, by source. */
import type { EpochMs, Ms } from '../../domain/time.ts';
import type { HealthView } from '../views.ts';

type BlindView = NonNullable<HealthView['blind']>[number];

export interface BlindSum {
  readonly source: string;
  readonly span: Ms;
  /** It lasts still. */
  readonly isOpen: boolean;
  /** Of the latest one. */
  readonly why: string;
}

/** Only what lies between `from` and `to` counts. The longest first. */
export function sumBlindTimes(
  times: readonly BlindView[],
  from: EpochMs,
  to: EpochMs,
): readonly BlindSum[] {
  const bySource = Map.groupBy(times, ({ source }) => source);
  const sums = [...bySource].map(([source, all]): BlindSum => {
    const spans = all.map(({ since, until }) => {
      const end = until === null ? to : Math.min(to, Date.parse(until));
      return Math.max(0, end - Math.max(from, Date.parse(since)));
    });
    const latest = [...all].sort((a, b) => Date.parse(a.since) - Date.parse(b.since)).at(-1);
    return {
      source,
      span: spans.reduce((sum, span) => sum + span, 0),
      isOpen: all.some(({ until }) => until === null),
      why: latest?.why ?? '',
    };
  });
  return sums.filter(({ span, isOpen }) => span > 0 || isOpen).sort((a, b) => b.span - a.span);
}
