/** Results of the history as rows of the table, with the goals of issue 3. */
import {
  type HistoryReads,
  type HistoryTicks,
  type HistoryUpkeep,
  measureBytes,
  measureQueries,
  measureTicks,
  measureUpkeep,
  type SeriesBytes,
  shapesMeasured,
} from './history.ts';
import { atMost, type Row } from './report.ts';
import type { Spread } from './statistics.ts';

const queryMsMax = 50;
const bytesMax = 2 * 1024 ** 3;
/** Queries of each range. */
const times = 100;

const ms = ({ median, p95, max }: Spread): string =>
  `median ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, max ${max.toFixed(1)} ms`;
const whole = (value: number): string => Math.round(value).toLocaleString('en');

const ofBytes = ({ shape, perDay, kept }: SeriesBytes): Row => ({
  what: `history: bytes of a ${shape} series a day, raw / medium / long`,
  value: `${whole(perDay.raw)} / ${whole(perDay.medium)} / ${whole(perDay.long)}; ${whole(kept)} kept`,
});

const ofWork = (ticks: HistoryTicks, upkeep: HistoryUpkeep): readonly Row[] => [
  { what: 'history: a tick, to its answer', value: ms(ticks.tick) },
  {
    what: 'history: a tick, processor of all / of the main thread',
    value: `${ticks.tickProcessorMs.toFixed(1)} / ${ticks.tickMainMs.toFixed(1)} ms`,
  },
  {
    what: 'history: processor of an hour / of a day that is made into chunks',
    value: `${whole(upkeep.hourMs)} / ${whole(upkeep.dayMs)} ms`,
  },
  { what: 'history: one slice of that', value: ms(upkeep.sliceMs) },
];

const ofReads = ({ fileBytes, byRange, series }: HistoryReads): readonly Row[] => [
  {
    what: `history: a full store of ${series} mixed series`,
    value: `${whole(fileBytes / 1e6)} MB`,
    goal: atMost(fileBytes, bytesMax, 'at most 2 GiB'),
  },
  ...Object.entries(byRange).map(([range, spread]) => ({
    what: `history: query of ${range}`,
    value: ms(spread),
    goal: atMost(spread.p95, queryMsMax, 'p95 at most 50 ms'),
  })),
];

export async function measureHistory(
  quick: boolean,
): Promise<{ readonly result: unknown; readonly rows: readonly Row[] }> {
  const series = quick ? 500 : 5000;
  const bytes = shapesMeasured.map((shape) => measureBytes(shape, quick ? 200 : 2000));
  const ticks = await measureTicks(series, quick ? 10 : 60);
  const upkeep = measureUpkeep(series);
  const reads = measureQueries(quick ? 50 : series, times);
  const rows = [...bytes.map(ofBytes), ...ofWork(ticks, upkeep), ...ofReads(reads)];
  return { result: { bytes, ticks, upkeep, reads }, rows };
}
