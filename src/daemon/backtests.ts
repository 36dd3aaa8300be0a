/** Backtests: one at a time, in a thread, with an end. */
import type { Kind } from '../domain/kind.ts';
import type { ResourceRef } from '../domain/reading.ts';
import { type EpochMs, minutes, seconds } from '../domain/time.ts';
import type { BacktestAsk, BacktestDesk, BacktestVerdict } from '../operations/house-records.ts';
import type { Clock } from '../platform/clock.ts';
import { type JobOutcome, runJob } from '../platform/job.ts';
import type { BacktestAnswer } from '../recording/backtest/question.ts';
import type { KeptRow } from '../recording/kept/around.ts';
import type { CompiledRules } from '../rules/compiled.ts';
import type { FlapSettings } from '../rules/engine.ts';
import type { Channels } from './backtest-routes.ts';
import type { AroundJob, BacktestJob } from './backtest-worker.ts';
import type { ReadingsLog } from './readings-log.ts';

/** Set by tools/build.ts: in the bundle the worker is one file beside the code. */
declare const TOCSIN_BUNDLE: boolean | undefined;
const workerUrl = new URL(
  typeof TOCSIN_BUNDLE === 'undefined' ? './backtest-worker.ts' : './backtest-worker.mjs',
  import.meta.url,
);

// Beside the daemon's own 130 MB both stay below MemoryHigh= of tocsin.service (384 MB): what is
// beyond is taken from the alarms. Ten days of 5,000 units were played in 192 (test/bench).
const aroundLimits = { timeout: seconds(20), heapMb: 128 };
const limits = { timeout: minutes(5), heapMb: 208 };

export interface BacktestsParts {
  readonly clock: Clock;
  readonly kinds: readonly Kind[];
  /** Where the segments are. */
  readonly folder: string;
  readonly log: Pick<ReadingsLog, 'since' | 'flush'>;
  readonly rules: () => CompiledRules;
  readonly flapping: () => FlapSettings | null;
  readonly channels: () => Channels;
  /** The channels that a settings file names, or the first complaint about it. */
  readonly readChannels: (text: string) => Channels | string;
}

export class Backtests implements BacktestDesk {
  readonly #parts: BacktestsParts;
  #running: { by: string; part: number } | undefined;
  /** One bundle after the other: each has a thread of its own. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: BacktestsParts) {
    this.#parts = parts;
  }

  running(): { readonly by: string; readonly part: number } | undefined {
    return this.#running;
  }

  async run(ask: BacktestAsk, by: string): Promise<BacktestVerdict> {
    const routes = this.#routesOf(ask);
    return typeof routes === 'string'
      ? { type: 'failed', why: routes }
      : this.#run(ask, routes, by);
  }

  #routesOf({ channels, settings }: BacktestAsk): BacktestJob['routes'] | string {
    if (!channels) return null;
    const inForce = this.#parts.channels();
    const tried = settings === undefined ? inForce : this.#parts.readChannels(settings);
    return typeof tried === 'string' ? tried : { tried, inForce };
  }

  async #run(
    { since, text, silences, whole }: BacktestAsk,
    routes: BacktestJob['routes'],
    by: string,
  ): Promise<BacktestVerdict> {
    if (this.#running !== undefined) return { type: 'busy', by: this.#running.by };
    const running = { by, part: 0 };
    this.#running = running;
    const { clock, flapping, kinds, folder, log, rules } = this.#parts;
    try {
      await log.flush();
      const job: BacktestJob = {
        type: 'backtest',
        folder,
        routes,
        names: log.since(since),
        question: {
          kinds,
          files: rules().files ?? [],
          ...(text === undefined ? {} : { text }),
          name: 'request.yaml',
          since,
          until: clock.now(),
          silences,
          flapping: flapping(),
          whole,
        },
      };
      const began = clock.monotonic();
      const outcome = await runJob<BacktestAnswer>(workerUrl, job, limits, (part) => {
        running.part = part;
      });
      return this.#verdict(outcome, running.part, clock.monotonic() - began);
    } finally {
      this.#running = undefined;
    }
  }

  /** Kept readings around something; nothing where they cannot be read in time. */
  around(refs: readonly ResourceRef[], from: EpochMs, to: EpochMs): Promise<readonly KeptRow[]> {
    const rows = this.#turn.then(() => this.#around(refs, from, to));
    this.#turn = rows.catch(() => []);
    return rows;
  }

  async #around(
    refs: readonly ResourceRef[],
    from: EpochMs,
    to: EpochMs,
  ): Promise<readonly KeptRow[]> {
    const { folder, log } = this.#parts;
    await log.flush();
    const job: AroundJob = { type: 'around', folder, names: log.since(from), refs, from, to };
    const outcome = await runJob<readonly KeptRow[]>(workerUrl, job, aroundLimits);
    return outcome.type === 'done' ? outcome.answer : [];
  }

  #verdict(outcome: JobOutcome<BacktestAnswer>, part: number, took: number): BacktestVerdict {
    if (outcome.type === 'failed') return outcome;
    if (outcome.type === 'done') return { ...outcome.answer, took };
    const reached = `${Math.round(part * 100)} %`;
    const why = `it took more than ${limits.timeout / 1000} s and had done ${reached}; ask for less`;
    return { type: 'failed', why };
  }
}
