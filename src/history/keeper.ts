/**
 * Keeps history.db through what the world does to it: a full disk, a torn file, a file that goes
 * away. A tick that cannot be stored is lost and said so; the next one tries again.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type EpochMs, hours } from '../domain/time.ts';
import { classifyFailure, isCorruption } from '../platform/sqlite/failure.ts';
import { isMoved } from '../platform/sqlite/moved.ts';
import { setAside } from '../platform/sqlite/open.ts';
import { usedBytes } from '../platform/sqlite/space.ts';
import { compactSteps, inTransaction, type Steps } from './compact.ts';
import type {
  HistoryAnswer,
  HistoryLimits,
  HistoryQuery,
  HistoryState,
  HistoryStatistics,
  SeriesName,
  Tick,
  TickGroup,
  TickValue,
} from './history.ts';
import { type OpenedHistory, openHistory } from './open.ts';
import { readHistory } from './query.ts';
import { retentionSteps } from './retention.ts';
import type { Entry } from './tables/ticks.ts';
import { floorTo, hour } from './tiers.ts';

/** People can read for so long that a new history was begun. */
const lossToldFor = hours(24);

export interface KeeperParts {
  readonly path: string;
  readonly limits: HistoryLimits;
  /** Less than so many free bytes are left to tocsin.db. */
  readonly roomMin: number;
  /** Hard limit of the file in pages, 0 for none. */
  readonly pagesMax: number;
  readonly tell: (state: HistoryState) => void;
}

interface Loss {
  readonly text: string;
  readonly since: EpochMs;
}

const healthy: HistoryState = { status: 'healthy', reason: null };

export class Keeper {
  readonly #parts: KeeperParts;
  #limits: HistoryLimits;
  #opened: OpenedHistory | undefined;
  /** Start of the hour up to which everything is in chunks; undefined: to be looked at. */
  #compactedAt: EpochMs | undefined;
  #loss: Loss | undefined;
  #refused = 0;
  /** As told last. */
  #state: HistoryState | undefined;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#limits = parts.limits;
  }

  limit(limits: HistoryLimits): void {
    this.#limits = limits;
    this.#compactedAt = undefined;
  }

  record(tick: Tick): void {
    this.#guard(tick.at, () => {
      this.#assertRoom();
      const opened = this.#open(tick.at);
      this.#write(opened, tick);
      this.#tellWell(tick.at);
    });
  }

  query(query: HistoryQuery, now: EpochMs): HistoryAnswer {
    try {
      return readHistory(this.#open(now).tables, query);
    } catch (error) {
      this.#fail(error, now);
      return { type: 'unavailable', why: this.#state?.reason ?? String(error) };
    }
  }

  /** What is due after this tick, if anything; a failure ends the steps. */
  *upkeep(now: EpochMs): Steps {
    const opened = this.#opened;
    const due = floorTo(now, hour);
    if (opened === undefined || this.#compactedAt === due) return;
    try {
      yield* compactSteps(opened, now);
      yield* retentionSteps(opened, this.#limits, now);
      this.#compactedAt = due;
    } catch (error) {
      // Closed meanwhile: there is nothing to keep up any more.
      if (opened === this.#opened) this.#fail(error, now);
    }
  }

  statistics(fileBytes: number): HistoryStatistics {
    const { db, tables } = this.#open(0);
    return { bytes: fileBytes, usedBytes: usedBytes(db), series: tables.series.size };
  }

  close(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    try {
      opened?.db.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // What the log holds is read from it at the next start.
    }
    opened?.db.close();
  }

  #open(now: EpochMs): OpenedHistory {
    const { path, pagesMax } = this.#parts;
    if (this.#opened !== undefined && isMoved(path, this.#opened.inodes)) {
      this.#opened.db.close();
      this.#opened = undefined;
      this.#lose(`${path} was deleted or replaced while it was open`, now);
    }
    if (this.#opened === undefined) {
      this.#opened = openHistory(path, now);
      this.#compactedAt = undefined;
      const { db, lost } = this.#opened;
      if (pagesMax > 0) db.pragma(`max_page_count = ${pagesMax}`);
      if (lost !== null) this.#lose(`it was not sound (${lost.why}) and is now ${lost.file}`, now);
    }
    return this.#opened;
  }

  #write(opened: OpenedHistory, { at, groups }: Tick): void {
    const { series, ticks } = opened.tables;
    try {
      inTransaction(opened, () => ticks.write(at, this.#entriesOf(opened, at, groups)));
      series.settle('stored');
    } catch (error) {
      series.settle('lost');
      ticks.forgetCurrent();
      throw error;
    }
  }

  /** By rising series, each once. Those that are known come first: they have not vanished. */
  #entriesOf(opened: OpenedHistory, at: EpochMs, groups: readonly TickGroup[]): readonly Entry[] {
    const { series } = opened.tables;
    const entries = new Map<number, Entry>();
    const strangers: (readonly [SeriesName, Given])[] = [];
    for (const [name, value] of valuesOf(groups)) {
      const number = series.see(name, at);
      if (number === undefined) strangers.push([name, value]);
      else entries.set(number, entryOf(number, value));
    }
    const over = series.size + strangers.length - this.#limits.series;
    if (over > 0) series.evict(at, over);
    this.#refused = 0;
    for (const [name, value] of strangers) {
      const number = series.see(name, at) ?? series.add(name, at, this.#limits.series);
      if (number === undefined) this.#refused++;
      else entries.set(number, entryOf(number, value));
    }
    return [...entries.values()].sort((a, b) => a.series - b.series);
  }

  #assertRoom(): void {
    const folder = dirname(this.#parts.path);
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < this.#parts.roomMin) throw new NoRoom(`little room in ${folder}`);
  }

  #guard(now: EpochMs, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#fail(error, now);
    }
  }

  /** The next tick tries again, with a new file where this one is torn. */
  #fail(error: unknown, now: EpochMs): void {
    const { path } = this.#parts;
    const why = error instanceof Error ? error.message : String(error);
    const type = error instanceof NoRoom ? 'full' : classifyFailure(error, dirname(path)).type;
    if (type === 'full' || type === 'busy') {
      this.#tell({ status: 'degraded', reason: `numbers are not recorded: ${why}` });
      return;
    }
    this.#opened?.db.close();
    this.#opened = undefined;
    if (isCorruption(error)) {
      const file = setAside(path, now) ?? path;
      this.#lose(`it was not sound (${why}) and is now ${file}`, now);
    }
    this.#tell({ status: 'unhealthy', reason: `numbers are not recorded: ${why}` });
  }

  #lose(text: string, since: EpochMs): void {
    this.#loss = { text, since };
  }

  #tellWell(now: EpochMs): void {
    const loss = this.#loss;
    if (loss !== undefined && Math.abs(now - loss.since) < lossToldFor)
      this.#tell({ status: 'degraded', reason: `the history begins anew: ${loss.text}` });
    else if (this.#refused > 0)
      this.#tell({
        status: 'degraded',
        reason: `${this.#refused} numbers are not recorded: the setting history.series allows ${this.#limits.series}`,
      });
    else this.#tell(healthy);
  }

  #tell(state: HistoryState): void {
    const same = state.status === this.#state?.status && state.reason === this.#state.reason;
    this.#state = state;
    if (!same) this.#parts.tell(state);
  }
}

class NoRoom extends Error {
  override readonly name = 'NoRoom';
}

type Given = NonNullable<TickValue>;

function* valuesOf(groups: readonly TickGroup[]): Generator<readonly [SeriesName, Given]> {
  for (const { kind, attributes, rows } of groups)
    for (const [id, values] of rows)
      for (const [place, attribute] of attributes.entries()) {
        const value = values[place] ?? null;
        if (value !== null) yield [{ kind, id, attribute }, value];
      }
}

function entryOf(series: number, value: Given): Entry {
  const [min, avg, max] = typeof value === 'number' ? [value, value, value] : value;
  return { series, min, avg, max };
}
