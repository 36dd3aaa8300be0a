/** Figures of tocsin itself: how it looks, how fast it saw, and how its API is used. */
import type { Histogram } from '../domain/histogram.ts';
import type { Outcome } from '../domain/message.ts';
import type { EpochMs, Ms } from '../domain/time.ts';

/** How one collector stands. */
export interface SourceFigures {
  readonly name: string;
  /** Names of the kinds it reads. */
  readonly kinds: readonly string[];
  /**
   * `waiting`: no look has succeeded yet; `absent`: there is no such thing on this machine;
   * `blind`: it cannot see, and what was known of its things is marked stale.
   */
  readonly state: 'waiting' | 'seeing' | 'absent' | 'blind';
  /** How long the latest look took; null before the first has ended. */
  readonly lookDuration: Ms | null;
}

export interface RequestCount {
  /** Name of the operation, `other` where it was none: never a text of the caller. */
  readonly operation: string;
  /** Status of HTTP. */
  readonly code: number;
  readonly count: number;
}

export interface ApiFigures {
  /** Since the start, streams included. */
  readonly requests: number;
  /** Of these, those that tocsin could not answer (5xx). */
  readonly errors: number;
  /** Over the last five minutes, as the three below. */
  readonly requestsPerSecond: number;
  /** Null when there were no requests; the same for the latencies. */
  readonly errorRatio: number | null;
  readonly latencyP50: Ms | null;
  readonly latencyP99: Ms | null;
  readonly streamClients: number;
  readonly counts: readonly RequestCount[];
  /** Seconds, by operation; without streams, which are open for as long as one likes. */
  readonly durations: ReadonlyMap<string, Histogram>;
}

export interface DeliveryFigures {
  /** Attempts to send a message since the start. */
  readonly attempts: readonly {
    readonly channel: string;
    readonly result: Outcome['type'];
    readonly count: number;
  }[];
  /** When the oldest message that waits was made; null when none does. */
  readonly oldestWaiting: EpochMs | null;
}

export interface Figures {
  readonly sources: readonly SourceFigures[];
  readonly api: ApiFigures;
  /** Seconds from the moment at the source to the moment tocsin saw it, by source of the alert. */
  readonly detection: ReadonlyMap<string, Histogram>;
  /** In which nothing could be seen, since the start; `tocsin`: since its end before. */
  readonly blind: ReadonlyMap<string, Ms>;
  readonly delivery: DeliveryFigures;
  /** By name of the file; one that does not exist is left out. */
  readonly databaseBytes: ReadonlyMap<string, number>;
}
