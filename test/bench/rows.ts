/** Results as rows of the table, with the goals of issue 2. */
import type { BareBurst, Burst } from './burst.ts';
import type { Detection } from './detection.ts';
import type { Cost, Exposition } from './exposition.ts';
import type { Idle } from './idle.ts';
import { atMost, type Row } from './report.ts';
import type { RuleSpeed } from './rules.ts';
import type { Spread } from './statistics.ts';
import type { DiskSpeed, StoreSpeed } from './store.ts';

/** "A few milliseconds" of the main thread: as long as no detection may wait for a page. */
const expositionMsMax = 3;
/** Goals of issue 2. */
const p95BehindMsMax = 10;
const burstMsMax = 1500;
const idleShareMax = 0.003;
const rssMbMax = { few: 100, many: 130 };

const ms = (value: number): string => `${value.toFixed(value < 100 ? 2 : 0)} ms`;
const mb = (value: number): string => `${value.toFixed(1)} MB`;
const rate = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`;
const spread = ({ median, p95, max }: Spread): string =>
  `median ${ms(median)}, p95 ${ms(p95)}, max ${ms(max)}`;

export const ofDetection = (result: Detection): readonly Row[] => [
  { what: `detection, ${result.trials} trials: tocsin`, value: spread(result.tocsin) },
  { what: 'detection: busctl monitor', value: spread(result.floor) },
  { what: 'detection: behind, trial by trial', value: spread(result.behind) },
  {
    what: 'detection: p95 behind the floor',
    value: ms(result.p95Behind),
    goal: atMost(result.p95Behind, p95BehindMsMax, 'at most 10 ms'),
  },
  { what: 'detection: very first failure', value: ms(result.first) },
];

export function ofBurst({
  bare,
  tocsin,
}: {
  readonly bare: BareBurst;
  readonly tocsin: Burst;
}): readonly Row[] {
  const what = `burst of ${tocsin.units}`;
  const goal = atMost(tocsin.visibleMs, burstMsMax, 'at most 1.5 s');
  return [
    {
      what: `${what}: failing, tocsin / bare`,
      value: `${ms(tocsin.failingMs)} / ${ms(bare.failingMs)}`,
    },
    {
      what: `${what}: last failure to last alert`,
      value: ms(tocsin.visibleMs),
      ...(tocsin.units <= 1000 && { goal }),
    },
    { what: `${what}: to last signal, bare`, value: ms(bare.heardMs) },
    {
      what: `${what}: lost`,
      value: `${tocsin.lost.length}`,
      goal: atMost(tocsin.lost.length, 0, 'none'),
    },
    {
      what: `${what}: processor, daemon / systemd`,
      value: `${tocsin.daemonSeconds.toFixed(2)} s / ${tocsin.systemdSeconds.toFixed(2)} s`,
    },
    { what: `${what}: RSS afterwards`, value: mb(tocsin.memory.rssMb) },
  ];
}

export function ofIdle({ units, cost, without, memory, windowSeconds }: Idle): readonly Row[] {
  const what = `idle, ${units} units`;
  const share = cost.service / 600;
  const limit = units < 1000 ? rssMbMax.few : rssMbMax.many;
  const goal = atMost(memory.rssMb, limit, `at most ${limit} MB`);
  const seconds = (value: number): string => `${value.toFixed(2)} s`;
  return [
    {
      what: `${what}: processor per 10 min (of ${windowSeconds} s)`,
      value: `${seconds(cost.service)} = ${(share * 100).toFixed(3)} % of a core`,
      goal: atMost(share, idleShareMax, 'below 0.3 %'),
    },
    {
      what: `${what}: systemd, with / without`,
      value: `${seconds(cost.systemd)} / ${seconds(without.systemd)}`,
    },
    {
      what: `${what}: dbus-daemon, with / without`,
      value: `${seconds(cost.bus)} / ${seconds(without.bus)}`,
    },
    { what: `${what}: RSS`, value: mb(memory.rssMb), goal },
    {
      what: `${what}: PSS, anonymous, peak`,
      value: `${mb(memory.pssMb)}, ${mb(memory.anonymousMb)}, ${mb(memory.peakMb)}`,
    },
  ];
}

export const ofRules = (result: RuleSpeed): readonly Row[] => [
  {
    what: `rules (${result.rules}), ${result.units} units: evaluations`,
    value: rate(result.evaluationsPerSecond),
  },
  { what: 'rules: readings of one unit', value: rate(result.readingsPerSecond) },
  { what: 'rules: alerts raised', value: rate(result.alertsPerSecond) },
];

const cost = ({ processor, wall }: Cost): string => `${ms(processor)} cpu; ${spread(wall)}`;

export const ofExposition = (result: Exposition): readonly Row[] => {
  const what = `exposition, ${result.series} series, ${Math.round(result.bytes / 1000)} kB`;
  const goal = atMost(result.text.processor, expositionMsMax, 'at most 3 ms of processor');
  return [
    { what: `${what}: text`, value: cost(result.text), goal },
    { what: 'exposition: OpenMetrics', value: cost(result.openmetrics) },
    { what: 'exposition: longest slice of 49,000 series', value: spread(result.slice) },
    { what: 'metrics object, the same resources', value: cost(result.metrics) },
  ];
};

export const ofStore = (disk: DiskSpeed, speeds: readonly StoreSpeed[]): readonly Row[] => [
  { what: 'disk: 4 KiB and fdatasync', value: spread(disk.sync) },
  ...speeds.map(({ batch, changesPerSecond, commit }) => ({
    what: `store: batches of ${batch}`,
    value: `${rate(changesPerSecond)}; ${spread(commit)}`,
  })),
];
