/** What has to be done now and then: the heartbeat, retention, and looking after the database. */
import { days, type EpochMs, hours, type Ms, minutes, rfc3339, seconds } from '../domain/time.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { StuckProbe } from '../platform/probes.ts';
import type { Store } from '../store/store.ts';
import type { HealthBoard } from './health.ts';
import type { Pipeline } from './pipeline.ts';

/** Bounds the blind time that a kill leaves behind: it began at most this long ago. */
const heartbeatEvery = seconds(30);
const pruneEvery = hours(1);
/** A clock that is years ahead for an hour must not cost what is kept: time passes by days here. */
const pruneAheadMax = days(1);
/** Cursor: up to which instant old things were deleted. */
export const prunedCursor = 'pruned';
/** CONTRACT: "`metrics` every 30 s". */
const metricsEvery = seconds(30);
/** A database that was deleted while open takes writes that nobody will ever see. */
const inspectEvery = seconds(10);
const limitsEvery = seconds(10);
/** More than these are counted by nobody: one would be enough. */
const stuckSaidMax = 10;
/** A report that was kept is a minute late at most. */
const spoolEvery = minutes(1);
/** Reads the whole file in a thread of its own. */
const checkEvery = days(1);

export interface ChoresParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly pipeline: Pipeline;
  readonly health: HealthBoard;
  /** What has to be left out because a limit is reached; null when nothing has. */
  readonly leftOut: () => string | null;
  /** Children that hang in the kernel. */
  readonly stuckProbes: () => readonly StuckProbe[];
  /** Tells the clients of the stream the appliance in figures. */
  readonly tellMetrics: () => void;
  /** Takes in reports that were kept while nobody could take them. */
  readonly drainSpool: () => void;
  readonly retention: () => { readonly age: Ms; readonly size: number };
  /** What the cursor of the last deletion says; undefined when there was none. */
  readonly prunedAt: string | undefined;
  /** The database is not what it should be; a new start sets it right. */
  readonly onUnsound: () => void;
}

export class Chores {
  readonly #parts: ChoresParts;
  readonly #timers = new Map<string, Timer>();
  #prunedAt: EpochMs;

  constructor(parts: ChoresParts) {
    this.#parts = parts;
    const prunedAt = Number(parts.prunedAt ?? Number.NaN);
    this.#prunedAt = Number.isFinite(prunedAt) ? prunedAt : parts.clock.now();
  }

  start(): void {
    this.#every('heartbeat', heartbeatEvery, () => this.heartbeat());
    this.#every('metrics', metricsEvery, () => this.#parts.tellMetrics());
    this.#parts.drainSpool();
    this.#every('spool', spoolEvery, () => this.#parts.drainSpool());
    this.#every('prune', pruneEvery, () => this.#ask(this.#prune()));
    this.#every('inspect', inspectEvery, () => this.#ask(this.#inspect()));
    this.#every('limits', limitsEvery, () => this.#lookAtLimits());
    this.#every('check', checkEvery, () => this.#ask(this.#check()));
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
  }

  heartbeat(): void {
    const { clock, pipeline } = this.#parts;
    pipeline.saveCursor('heartbeat', String(clock.now()));
  }

  #every(name: string, pace: Ms, call: () => void): void {
    const timer = this.#parts.clock.after(pace, () => {
      this.#every(name, pace, call);
      call();
    });
    this.#timers.set(name, timer);
  }

  #lookAtLimits(): void {
    const reason = this.#parts.leftOut();
    const status = reason === null ? 'healthy' : 'degraded';
    this.#parts.health.set('engine', 'engine', { status, reason });
    this.#tellStuckProbes();
  }

  #tellStuckProbes(): void {
    const { health, stuckProbes } = this.#parts;
    const stuck = stuckProbes();
    const said = stuck.map(
      ({ object, since, argv }) => `${object}: ${argv[0]} since ${rfc3339(since)}`,
    );
    const reason = stuck.length === 0 ? null : said.slice(0, stuckSaidMax).join('; ');
    const blindSince = stuck[0]?.since ?? null;
    const status = reason === null ? 'healthy' : 'degraded';
    health.set('probes', 'probes', { status, reason, blindSince });
  }

  /** A store that cannot answer says so by itself when it next has to write, or it is closed. */
  #ask(asked: Promise<void>): void {
    asked.catch((error: Error) => this.#parts.log.warning(`database: ${error.message}, ignoring`));
  }

  async #prune(): Promise<void> {
    const { clock, log, pipeline, retention, store } = this.#parts;
    const { age, size } = retention();
    const at = Math.min(clock.now(), this.#prunedAt + pruneAheadMax);
    const { deleted } = await store.prune({ age, bytes: size }, at);
    this.#prunedAt = at;
    pipeline.saveCursor(prunedCursor, String(at));
    if (deleted > 0) log.info(`retention: ${deleted} old rows deleted`);
  }

  async #inspect(): Promise<void> {
    if ((await this.#parts.store.inspect()) !== null) await this.#check();
  }

  /** Where the file was deleted the data is written back; a bad one is set aside at the start. */
  async #check(): Promise<void> {
    const why = await this.#parts.store.check();
    if (why === null) return;
    this.#parts.log.error(`database: ${why}; starting anew`);
    this.#parts.onUnsound();
  }
}
