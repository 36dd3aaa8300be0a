/**
 * The history of numbers: what a tick costs, what a day of a series takes, what is done each hour
 * and day, and how fast a full store answers.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { days, type EpochMs, hours } from '../../src/domain/time.ts';
import { createHistory } from '../../src/history/client.ts';
import { compactSteps, inTransaction, makeDay } from '../../src/history/compact.ts';
import { chunkGrid } from '../../src/history/grid.ts';
import type { HistoryLimits, HistoryQuery, Tick, TickValue } from '../../src/history/history.ts';
import { type OpenedHistory, openHistory } from '../../src/history/open.ts';
import { readHistory } from '../../src/history/query.ts';
import { day, floorTo, hour, long, medium, raw, type Tier } from '../../src/history/tiers.ts';
import { processorSeconds } from './processor.ts';
import { type Spread, spreadOf } from './statistics.ts';

const kind = 'bench.thing';
const limits: HistoryLimits = {
  raw: days(2),
  medium: days(60),
  long: days(1095),
  bytes: 2 ** 33,
  series: 100_000,
};

/** Shapes of numbers. `mixed` is seven, two and one of them in ten: a guess, and no measurement. */
const shapes = {
  /** A limit, a size, a state: nearly all there is. */
  constant: (series: number): number => 1e9 + series,
  /** Bytes written: grows by another amount each time. */
  counter: (series: number, n: number): number =>
    (n % 1e6) * 3e8 + Math.floor(noise(series, n) * 1e8),
  /** A share of a processor: another one each time. */
  noisy: noise,
} as const;
export type Shape = keyof typeof shapes | 'mixed';
export const shapesMeasured: readonly Shape[] = ['constant', 'counter', 'noisy', 'mixed'];

/** From 0 to 1, the same for the same place. */
function noise(series: number, n: number): number {
  let x = Math.imul(series + 1, 0x9e3779b1) ^ Math.imul(n + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 15), 0xc2b2ae35);
  return ((x ^ (x >>> 13)) >>> 0) / 2 ** 32;
}

function numberOf(shape: Shape, series: number, n: number): number {
  if (shape !== 'mixed') return shapes[shape](series, n);
  const own = series % 10;
  return shapes[own < 7 ? 'constant' : own < 9 ? 'counter' : 'noisy'](series, n);
}

const attributes = ['a', 'b', 'c', 'd', 'e'];
const idOf = (resource: number): string => `iscsi/iqn.2026-11.example.com:storage-${resource}`;

function tickOf(at: EpochMs, series: number): Tick {
  const n = at / raw.step;
  const rows = Array.from({ length: series / attributes.length }, (_, resource) => {
    const values = attributes.map(
      (_name, i): TickValue => numberOf('mixed', resource * attributes.length + i, n),
    );
    return [idOf(resource), values] as const;
  });
  return { at, groups: [{ kind, attributes, rows }] };
}

/** Writes chunks of one tier straight through the encoder; the bytes of their data. */
function fill(opened: OpenedHistory, tier: Tier, shape: Shape, from: EpochMs, to: EpochMs) {
  const { chunks, series } = opened.tables;
  const ids = series.ids();
  const perSlot = tier.step / raw.step;
  for (let start = floorTo(from, tier.span); start < to; start += tier.span)
    inTransaction(opened, () => {
      for (const id of ids) {
        const grid = chunkGrid(tier, start);
        for (let slot = 0; slot < grid.slots; slot++) {
          const n = (start + slot * tier.step) / raw.step;
          // Least and greatest are those of two samples: enough for the size of an encoding.
          const [a, b] = [numberOf(shape, id, n), numberOf(shape, id, n + perSlot - 1)];
          grid.count[slot] = perSlot;
          grid.min[slot] = Math.min(a, b);
          grid.max[slot] = Math.max(a, b);
          grid.avg[slot] = a + (b - a) * noise(id, n + 7);
        }
        chunks.write(tier, id, grid);
      }
    });
}

function addSeries(opened: OpenedHistory, count: number, at: EpochMs): void {
  inTransaction(opened, () => {
    for (let n = 0; n < count; n++) {
      const id = idOf(Math.floor(n / attributes.length));
      const attribute = attributes[n % attributes.length] ?? '';
      opened.tables.series.add({ kind, id, attribute }, at, limits.series);
    }
  });
}

function withFolder<T>(call: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const done = (): void => rmSync(folder, { recursive: true, force: true });
  const answer = call(join(folder, 'history.db'));
  if (answer instanceof Promise) return answer.finally(done) as T;
  done();
  return answer;
}

export interface SeriesBytes {
  readonly shape: Shape;
  /** Bytes on disk of a day of one series, in each tier. */
  readonly perDay: Readonly<Record<Tier['name'], number>>;
  /** Of one series for as long as each tier is kept. */
  readonly kept: number;
}

export function measureBytes(shape: Shape, series: number): SeriesBytes {
  const end = floorTo(Date.now(), long.span);
  const perDay = Object.fromEntries(
    [raw, medium, long].map((tier) => [
      tier.name,
      withFolder((path) => {
        const opened = openHistory(path, end);
        addSeries(opened, series, end);
        opened.db.pragma('wal_checkpoint(TRUNCATE)');
        const before = statSync(path).size;
        const length = Math.max(tier.span, day);
        fill(opened, tier, shape, end - length, end);
        opened.db.pragma('wal_checkpoint(TRUNCATE)');
        const bytes = statSync(path).size - before;
        opened.db.close();
        return bytes / series / (length / day);
      }),
    ]),
  ) as SeriesBytes['perDay'];
  const kept = [raw, medium, long].reduce(
    (sum, { name }) => sum + (perDay[name] * limits[name]) / day,
    0,
  );
  return { shape, perDay, kept };
}

export interface HistoryTicks {
  /** Milliseconds from the call to the answer. */
  readonly tick: Spread;
  /** Milliseconds of processor of one tick, both threads. */
  readonly tickProcessorMs: number;
  /** Of the main thread alone; the recorder's look at the inventory is not in it. */
  readonly tickMainMs: number;
}

export interface HistoryUpkeep {
  /** Milliseconds of processor. */
  readonly hourMs: number;
  readonly dayMs: number;
  /** Milliseconds of one transaction: a query may wait for one. */
  readonly sliceMs: Spread;
}

export async function measureTicks(series: number, ticks: number): Promise<HistoryTicks> {
  return withFolder(async (path) => {
    const history = createHistory(path, { limits: () => limits, now: Date.now });
    let at = floorTo(Date.now(), hour);
    const took: number[] = [];
    const record = async (): Promise<void> => {
      const tick = tickOf(at, series);
      at += raw.step;
      const began = performance.now();
      await history.record(tick);
      took.push(performance.now() - began);
    };
    for (let n = 0; n < 10; n++) await record();
    took.length = 0;
    const [all, main] = [processorSeconds(process.pid), process.threadCpuUsage()];
    const made = process.threadCpuUsage();
    for (let n = 0; n < ticks; n++) tickOf(at, series);
    const making = process.threadCpuUsage(made);
    for (let n = 0; n < ticks; n++) await record();
    const own = process.threadCpuUsage(main);
    const total = processorSeconds(process.pid) - all;
    await history.close();
    const ms = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000 / ticks;
    return {
      tick: spreadOf(took),
      tickProcessorMs: (total * 1000) / ticks - 2 * ms(making),
      tickMainMs: ms(own) - 2 * ms(making),
    };
  });
}

/** What is done after an hour and after a day, slice by slice. */
export function measureUpkeep(series: number): HistoryUpkeep {
  return withFolder((path) => {
    const end = floorTo(Date.now(), day);
    const opened = openHistory(path, end);
    addSeries(opened, series, end);
    const { ticks, series: names } = opened.tables;
    const ids = names.ids();
    for (let at = end - hour; at < end; at += raw.step)
      inTransaction(opened, () => {
        const n = at / raw.step;
        const entries = ids.map((id) => {
          const avg = numberOf('mixed', id, n);
          return { series: id, min: avg, avg, max: avg };
        });
        ticks.write(at, entries);
      });
    const slices: number[] = [];
    const run = (steps: Iterable<void>): number => {
      const began = process.cpuUsage();
      let last = performance.now();
      for (const _ of steps) {
        slices.push(performance.now() - last);
        last = performance.now();
      }
      const { user, system } = process.cpuUsage(began);
      return (user + system) / 1000;
    };
    // The day is not over: only the hour is made.
    const hourMs = run(compactSteps(opened, end - day / 2));
    fill(opened, raw, 'mixed', end - day, end - hour);
    const dayMs = run(makeDay(opened, end - day));
    opened.db.close();
    return { hourMs, dayMs, sliceMs: spreadOf(slices) };
  });
}

export interface HistoryReads {
  readonly series: number;
  readonly fileBytes: number;
  readonly byRange: Readonly<Record<string, Spread>>;
}

/** A store as full as it gets: two days, sixty days, three years, and half an hour of ticks. */
export function measureQueries(series: number, times: number): HistoryReads {
  return withFolder((path) => {
    const now = floorTo(Date.now(), hour) + hours(0.5);
    let opened = openHistory(path, now);
    addSeries(opened, series, now);
    for (const tier of [raw, medium, long]) {
      const until = tier === raw ? floorTo(now, hour) : floorTo(now, day);
      fill(opened, tier, 'mixed', until - limits[tier.name], until);
    }
    const { ticks, due } = opened.tables;
    const ids = opened.tables.series.ids();
    inTransaction(opened, () => due.add(floorTo(now, day)));
    for (let at = floorTo(now, hour); at < now; at += raw.step)
      inTransaction(opened, () => {
        const entries = ids.map((id) => {
          const avg = numberOf('mixed', id, at / raw.step);
          return { series: id, min: avg, avg, max: avg };
        });
        ticks.write(at, entries);
      });
    opened.db.pragma('wal_checkpoint(TRUNCATE)');
    opened.db.close();
    opened = openHistory(path, now);
    const ranges = { '1 h': hours(1), '2 d': days(2), '60 d': days(60), '3 y': days(1095) };
    const byRange = Object.fromEntries(
      Object.entries(ranges).map(([name, range]) => {
        const took = Array.from({ length: times }, (_, i) => {
          const place = Math.floor(noise(i, times) * series);
          const query: HistoryQuery = {
            kind,
            id: idOf(Math.floor(place / attributes.length)),
            attribute: attributes[place % attributes.length] ?? '',
            from: now - range,
            to: now,
          };
          const began = performance.now();
          const answer = readHistory(opened.tables, query);
          const milliseconds = performance.now() - began;
          if (answer.type !== 'points' || answer.points.length < 100)
            throw new Error(`${name}: ${JSON.stringify(answer).slice(0, 200)}`);
          return milliseconds;
        });
        return [name, spreadOf(took)];
      }),
    );
    opened.db.close();
    return { series, fileBytes: statSync(path).size, byRange };
  });
}
