/** Figures of the API's own use: what was asked, how it was answered, how long that took. */
import { createHistogram, type GrowingHistogram } from '../domain/histogram.ts';
import { type Ms, minutes, seconds } from '../domain/time.ts';
import type { ApiFigures, RequestCount } from '../operations/figures.ts';
import { followStream } from '../operations/stream.ts';
import type { Clock } from '../platform/clock.ts';
import type { RequestRecord } from './reception.ts';

export type RequestFigures = Omit<ApiFigures, 'streamClients'>;

export interface RequestLedger {
  record(record: RequestRecord): void;
  read(): RequestFigures;
}

const window = minutes(5);
/** The latest ones within the window; with more than that the window is shorter. */
const requestsKeptMax = 4096;
/** Seconds: an answer from memory takes less than a millisecond, one from the store a few. */
const durationBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

interface Kept {
  readonly at: Ms;
  /** Undefined for a stream. */
  readonly duration: Ms | undefined;
  readonly isError: boolean;
}

/** A probe that tells of trouble (503) has answered well. */
const probes: readonly string[] = ['health.status', 'probe'];

const isError = ({ status, operation }: RequestRecord): boolean =>
  status >= 500 && !probes.includes(operation);

/** The value that `share` of them do not exceed: nearest rank. Null for none. */
const quantile = (sorted: readonly number[], share: number): number | null =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;

class Recent {
  readonly #clock: Clock;
  readonly #since: Ms;
  readonly #ring: Kept[] = [];
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  add(kept: Kept): void {
    this.#ring[this.#next] = kept;
    this.#next = (this.#next + 1) % requestsKeptMax;
  }

  read(): Pick<RequestFigures, 'requestsPerSecond' | 'errorRatio' | 'latencyP50' | 'latencyP99'> {
    const now = this.#clock.monotonic();
    const isFull = this.#ring.length === requestsKeptMax;
    const oldest = isFull ? (this.#ring[this.#next]?.at ?? now) : this.#since;
    const span = Math.max(seconds(1), Math.min(window, now - oldest));
    const kept = this.#ring.filter(({ at }) => at > now - window);
    const errors = kept.filter((one) => one.isError).length;
    const durations = kept.flatMap(({ duration }) => duration ?? []).sort((a, b) => a - b);
    return {
      requestsPerSecond: kept.length / (span / seconds(1)),
      errorRatio: kept.length === 0 ? null : errors / kept.length,
      latencyP50: quantile(durations, 0.5),
      latencyP99: quantile(durations, 0.99),
    };
  }
}

export function createRequestLedger(clock: Clock): RequestLedger {
  const recent = new Recent(clock);
  const counts = new Map<string, RequestCount>();
  const durations = new Map<string, GrowingHistogram>();
  let requests = 0;
  let errors = 0;

  function time(operation: string, duration: Ms): void {
    const histogram = durations.get(operation) ?? createHistogram(durationBounds);
    histogram.add(duration / seconds(1));
    durations.set(operation, histogram);
  }

  return {
    record(record) {
      const { operation, status: code, duration } = record;
      const failed = isError(record);
      // A stream is open for as long as its client likes: that says nothing of us.
      const isStream = operation === followStream.name;
      requests += 1;
      errors += failed ? 1 : 0;
      const key = `${operation} ${code}`;
      const count = (counts.get(key)?.count ?? 0) + 1;
      counts.set(key, { operation, code, count });
      if (!isStream) time(operation, duration);
      const at = clock.monotonic();
      recent.add({ at, duration: isStream ? undefined : duration, isError: failed });
    },
    read: () => ({ requests, errors, ...recent.read(), counts: [...counts.values()], durations }),
  };
}
