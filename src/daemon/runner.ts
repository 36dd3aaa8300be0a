/**
 * A runner lets one collector look and watch, with a deadline, never twice at once, and says what
 * became of it. A collector that hangs or throws harms no other.
 */
import type { Collector, Ports, RunningCollector, Watcher } from '../collectors/collector.ts';
import type { Settings } from '../config/settings.ts';
import type { BlindTime } from '../domain/health.ts';
import { failed, type Reading } from '../domain/reading.ts';
import { type EpochMs, type Ms, renderDuration, seconds } from '../domain/time.ts';
import type { SourceFigures } from '../operations/figures.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { within } from '../platform/within.ts';
import type { HealthBoard } from './health.ts';
import type { Pipeline } from './pipeline.ts';
import type { Settling } from './settling.ts';
import { Sight } from './sight.ts';

/** Looks that a watcher asks for come no faster than this. */
const lookAgainEvery = seconds(1);
const jitter = 0.1;
const watchRetryMax = seconds(30);
/** A watch that has gone on for so long after a bug sees again, also where it does not say so. */
const watchTrustedAfter = seconds(10);
/** The eye that is blind between a bug of the watch and that. */
const bug = 'bug';
const stopWithin = seconds(1);

export interface RunnerParts {
  readonly pipeline: Pipeline;
  readonly health: HealthBoard;
  readonly clock: Clock;
  readonly log: Log;
  readonly ports: Ports;
  /** From 0 to 1, for the jitter. */
  readonly random: () => number;
  readonly cursors: Map<string, string>;
  readonly lastSeenAt: EpochMs | undefined;
  readonly wasStored: Watcher['wasStored'];
  readonly settling: Settling;
}

type Look = { readonly reading: Reading } | { readonly timeout: Ms };

const pick = (ports: Ports, needs: readonly (keyof Ports)[]): Ports =>
  Object.fromEntries(needs.map((name) => [name, ports[name]])) as unknown as Ports;

export class Runner {
  readonly name: string;
  readonly running: RunningCollector;
  /** Resolves when the first look has ended, well or not. */
  readonly firstLook: Promise<void>;
  readonly #collector: Collector;
  readonly #parts: RunnerParts;
  readonly #sight: Sight;
  readonly #abort = new AbortController();
  readonly #watching: Promise<void>;
  #firstLookDone: () => void = () => {};
  readonly #blindParts = new Map<string, BlindTime>();
  #failures = 0;
  #settled = false;
  #absentWhy: string | null = null;
  #lookDuration: Ms | null = null;
  #lookingSince: Ms | undefined;
  #lookAfterwards = false;
  #next: Timer | undefined;

  constructor(collector: Collector, settings: Settings, parts: RunnerParts) {
    this.name = collector.name;
    this.#collector = collector;
    this.#parts = parts;
    this.firstLook = new Promise((resolve) => {
      this.#firstLookDone = resolve;
    });
    this.running = collector.start(
      pick(parts.ports, collector.needs),
      (settings[collector.name] ?? {}) as Readonly<Record<string, never>>,
    );
    this.#sight = new Sight(this.name, parts.pipeline, parts.clock, () => this.#tellHealth());
    this.#watching = this.#watch(this.#watcher());
    void this.#look();
  }

  figures(): SourceFigures {
    const kinds = this.#collector.kinds.map((kind) => kind.name);
    return { name: this.name, kinds, state: this.#state(), lookDuration: this.#lookDuration };
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#next?.cancel();
    this.#sight.stop();
    await within(this.#parts.clock, stopWithin, this.#watching, undefined);
  }

  #state(): SourceFigures['state'] {
    if (this.#sight.isStale()) return 'blind';
    if (!this.#settled) return 'waiting';
    return this.#absentWhy === null ? 'seeing' : 'absent';
  }

  #tellHealth(): void {
    const { health } = this.#parts;
    const why = this.#sight.why();
    if (why === undefined)
      health.set(this.name, 'collector', { status: 'healthy', reason: this.#absentWhy });
    else {
      const blindSince = this.#sight.since() ?? null;
      health.set(this.name, 'collector', { status: 'unknown', reason: why, blindSince });
    }
  }

  async #look(): Promise<void> {
    const { clock } = this.#parts;
    const { timeout } = this.#collector;
    this.#lookingSince = clock.monotonic();
    const answer = this.#collect();
    const read = answer.then((reading): Look => ({ reading }));
    const look = await within<Look, Look>(clock, timeout, read, { timeout });
    this.#lookDuration = clock.monotonic() - this.#lookingSince;
    if (!this.#abort.signal.aborted) this.#take(look);
    this.#firstLookDone();
    // A look that hangs is not begun a second time; its late answer is thrown away.
    if ('timeout' in look) await answer;
    const began = this.#lookingSince;
    this.#lookingSince = undefined;
    this.#scheduleNext(began);
  }

  async #collect(): Promise<Reading> {
    try {
      return await this.running.collect(this.#abort.signal);
    } catch (error) {
      this.#parts.log.error(`${this.name}: looking failed: ${(error as Error).stack}`);
      return failed(`internal error: ${(error as Error).message}`);
    }
  }

  #take(look: Look): void {
    const { log, pipeline } = this.#parts;
    const reading =
      'reading' in look ? look.reading : failed(`no answer within ${renderDuration(look.timeout)}`);
    this.#absentWhy = reading.type === 'absent' ? reading.why : null;
    if (reading.type === 'failed') {
      this.#failures += 1;
      if (this.#failures === 1)
        log.warning(`${this.name}: could not look: ${reading.why}, trying again`);
      this.#sight.blind('look', reading.why);
    } else {
      if (this.#failures > 0)
        log.notice(`${this.name}: looking works again after ${this.#failures} failures`);
      this.#failures = 0;
      this.#sight.seeing('look');
    }
    pipeline.tell(this.name, reading);
    if (reading.type !== 'failed' && !this.#settled) {
      this.#settled = true;
      const kinds = this.#parts.settling.settled(this.name);
      pipeline.settle(kinds, reading.type === 'absent' ? 'absent' : 'gone');
    }
    this.#tellHealth();
  }

  #scheduleNext(began: Ms): void {
    if (this.#abort.signal.aborted) return;
    const { clock, random } = this.#parts;
    const { every } = this.#collector;
    // After a failure it is asked again sooner, up to its own pace.
    const pace = this.#failures === 0 ? every : Math.min(every, seconds(2) * this.#failures ** 2);
    const soonest = began + lookAgainEvery - clock.monotonic();
    const delay = this.#lookAfterwards
      ? Math.max(0, soonest)
      : pace * (1 + jitter * (2 * random() - 1));
    this.#lookAfterwards = false;
    this.#next?.cancel();
    this.#next = clock.after(delay, () => void this.#look());
  }

  /** One of several eyes: its blind time has its own name, and makes no alert stale. */
  #tellPart(part: string, why: string | null): void {
    const { clock, health, pipeline } = this.#parts;
    const blind = this.#blindParts.get(part);
    if (why === null && blind !== undefined) {
      pipeline.blindTime({ ...blind, until: clock.now() });
      this.#blindParts.delete(part);
    } else if (why !== null && blind === undefined) {
      const begun = { source: part, since: clock.now(), until: null, why };
      this.#blindParts.set(part, begun);
      pipeline.blindTime(begun);
    }
    const blindSince = this.#blindParts.get(part)?.since ?? null;
    const status = why === null ? 'healthy' : 'degraded';
    health.set(part, 'eye', { status, reason: why, blindSince });
  }

  #watcher(): Watcher {
    const { name } = this;
    const { clock, cursors, health, lastSeenAt, pipeline, wasStored } = this.#parts;
    return {
      tell: (reading) => pipeline.tell(name, reading),
      lookAgain: () => {
        this.#lookAfterwards = true;
        // While it looks, the next look is scheduled at its end.
        if (this.#lookingSince === undefined) this.#scheduleNext(clock.monotonic());
      },
      blind: (why) => this.#sight.blind('watch', why),
      seeing: () => {
        this.#sight.seeing('watch');
        this.#sight.seeing(bug);
      },
      blindPart: (part, why) => this.#tellPart(part, why),
      recovered: () => health.countRecovered(name),
      saveCursor: (cursor, value) => {
        cursors.set(`${name}/${cursor}`, value);
        pipeline.saveCursor(`${name}/${cursor}`, value);
      },
      cursor: (cursor) => cursors.get(`${name}/${cursor}`),
      lastSeenAt,
      wasStored,
      signal: this.#abort.signal,
    };
  }

  async #watch(watcher: Watcher): Promise<void> {
    const { clock, log } = this.#parts;
    const { running } = this;
    const { signal } = this.#abort;
    for (let attempt = 0; running.watch !== undefined && !signal.aborted; attempt++) {
      const trusted = clock.after(watchTrustedAfter, () => this.#sight.seeing(bug));
      try {
        await running.watch(watcher);
        this.#sight.seeing(bug);
        return;
      } catch (error) {
        trusted.cancel();
        log.error(`${this.name}: watching failed, trying again: ${(error as Error).stack}`);
        this.#sight.blind(bug, `internal error: ${(error as Error).message}`);
        await clock.sleep(Math.min(watchRetryMax, seconds(1) * 2 ** attempt), signal);
      }
    }
  }
}
