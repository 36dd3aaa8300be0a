/**
 * The history of numbers: history.db in a thread of its own. Every 30 s one tick of all numbers
 * goes in; charts come out. It may lose its last ticks with the power, is started anew when it is
 * torn, and nothing that happens here touches an alert.
 */
import type { EpochMs, Ms } from '../domain/time.ts';
import type { HistoryPoint } from './grid.ts';

export interface SeriesName {
  readonly kind: string;
  readonly id: string;
  readonly attribute: string;
}

/** A number of one tick: not known; the same all the time; or [least, mean, greatest]. */
export type TickValue = null | number | readonly [min: number, avg: number, max: number];

/** All resources of one kind, so that names are said once. */
export interface TickGroup {
  readonly kind: string;
  readonly attributes: readonly string[];
  /** Values in the order of `attributes`. */
  readonly rows: readonly (readonly [id: string, values: readonly TickValue[]])[];
}

export interface Tick {
  /** Start of the 30 s that it stands for: a multiple of them since the epoch. */
  readonly at: EpochMs;
  readonly groups: readonly TickGroup[];
}

/** What is kept; from the settings. */
export interface HistoryLimits {
  readonly raw: Ms;
  readonly medium: Ms;
  readonly long: Ms;
  readonly bytes: number;
  /** Numbers that are recorded at a time; those that vanished longest ago make room. */
  readonly series: number;
}

export interface HistoryQuery extends SeriesName {
  readonly from: EpochMs;
  /** Not included. */
  readonly to: EpochMs;
  /** At least so far apart; a multiple of what is stored. */
  readonly step?: Ms;
}

export type HistoryAnswer =
  | { readonly type: 'points'; readonly step: Ms; readonly points: readonly HistoryPoint[] }
  /** This number was never recorded, or is forgotten. */
  | { readonly type: 'unknown' }
  | { readonly type: 'unavailable'; readonly why: string };

/** How it is: `degraded` loses ticks or leaves numbers out, `unhealthy` cannot work at all. */
export interface HistoryState {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly reason: string | null;
}

export interface HistoryStatistics {
  /** Of the files on disk. */
  readonly bytes: number;
  /** Bytes of the file that hold something. */
  readonly usedBytes: number;
  readonly series: number;
}

export interface History {
  /** Resolves when it is stored, or when it cannot be; never rejects. */
  record(tick: Tick): Promise<void>;
  query(query: HistoryQuery): Promise<HistoryAnswer>;
  statistics(): Promise<HistoryStatistics | undefined>;
  close(): Promise<void>;
}

/** More points are in no answer. */
export const pointsMax = 1000;
