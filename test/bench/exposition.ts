/** How long the main thread works for one page of metrics, of units with all that is known of them. */
import { createExposition } from '../../src/api/metrics/expose.ts';
import { systemdUnit } from '../../src/collectors/systemd/kinds.ts';
import type { AttributeReading } from '../../src/domain/reading.ts';
import { createInventory } from '../../src/inventory/create.ts';
import { noFigures } from '../../src/operations/fake-figures.ts';
import { FakeHouse } from '../../src/operations/fake-house.ts';
import { renderMetrics } from '../../src/operations/metrics.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** Milliseconds of one piece of work. */
export interface Cost {
  /** Mean of what it took of a processor: a shared machine does not spoil it. */
  readonly processor: number;
  readonly wall: Spread;
}

export interface Exposition {
  readonly series: number;
  readonly bytes: number;
  /** A page in Prometheus' text format. */
  readonly text: Cost;
  readonly openmetrics: Cost;
  /** The metrics object over the same resources. */
  readonly metrics: Cost;
  /** The longest slice of a page with about as many series as a page can have. */
  readonly slice: Spread;
}

const largest = 49_000;

const now = Date.UTC(2026, 10, 22);

function unitOf(i: number): Readonly<Record<string, AttributeReading>> {
  const numbers = { nRestarts: i % 3, mainPid: 1000 + i, memoryBytes: 1e6 * i, cpuSeconds: i / 7 };
  const instants = { stateChangeAt: now - i, activeEnterAt: now - i, inactiveEnterAt: now - 2 * i };
  const words = { type: 'service', loadState: 'loaded', activeState: 'active', result: 'success' };
  const flags = { watched: true, declared: true, mustRun: true, wanted: true, present: true };
  const more = { oneshot: false, restarting: false, gaveUp: false, needDaemonReload: false };
  return { ...words, ...numbers, ...instants, ...flags, ...more, tasks: 3, execMainStatus: 0 };
}

/** As many units as make at least so many series. */
function houseOf(series: number): FakeHouse {
  const inventory = createInventory();
  const house = new FakeHouse([systemdUnit]);
  const kinds = [systemdUnit.name];
  const source = { name: 'systemd', kinds, state: 'seeing', lookDuration: 1 } as const;
  house.figuresAnswer = { ...noFigures, sources: [source] };
  house.resources = (kind) => inventory.list(kind);
  const count = (): number => house.resources().length;
  const pageSeries = (): number =>
    createExposition(house)
      .render('text')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')).length;
  const step = Math.ceil(series / 500);
  for (let isFull = false; !isFull; isFull = pageSeries() >= series) {
    const from = count();
    const resources = Array.from({ length: step }, (_, i) => ({
      kind: 'systemd.unit',
      id: `unit-${from + i}.service`,
      attributes: unitOf(from + i),
    }));
    inventory.apply('systemd', { type: 'partial', resources, gone: [], events: [] }, now);
  }
  return house;
}

/** Milliseconds of processor that this thread has had. */
function spent(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function time(rounds: number, work: () => unknown): Cost {
  // Compiles.
  for (let i = 0; i < rounds / 5; i++) work();
  const times: number[] = [];
  const from = spent();
  for (let i = 0; i < rounds; i++) {
    const began = performance.now();
    work();
    times.push(performance.now() - began);
  }
  return { processor: (spent() - from) / rounds, wall: spreadOf(times) };
}

/**
 * The longest work during which nobody else could do any, of each page of the largest size: in
 * processor time, because by the clock a shared machine takes its part of it.
 */
async function timeSlices(house: FakeHouse, rounds: number): Promise<Spread> {
  const exposition = createExposition(house);
  const longest: number[] = [];
  for (let i = 0; i < rounds; i++) {
    let began = spent();
    let most = 0;
    const lap = (): void => {
      most = Math.max(most, spent() - began);
      began = spent();
    };
    await exposition.renderInSlices('text', async () => lap());
    lap();
    longest.push(most);
  }
  return spreadOf(longest);
}

export async function measureExposition(series: number, rounds: number): Promise<Exposition> {
  const house = houseOf(series);
  const exposition = createExposition(house);
  const page = exposition.render('text');
  return {
    series: page.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length,
    bytes: Buffer.byteLength(page),
    text: time(rounds, () => exposition.render('text')),
    openmetrics: time(rounds, () => exposition.render('openmetrics')),
    metrics: time(rounds, () => renderMetrics(house)),
    slice: await timeSlices(houseOf(largest), Math.ceil(rounds / 10)),
  };
}
