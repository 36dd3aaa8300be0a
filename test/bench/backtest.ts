/**
 * What keeping readings costs while 5,000 units change all the time, and how long a backtest over
 * 30 days of them takes. In this process; the clock is ours, the disk is real.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { kinds } from '../../src/collectors/registry.ts';
import { ReadingsLog, suffix } from '../../src/daemon/readings-log.ts';
import { type AttributeReading, partial } from '../../src/domain/reading.ts';
import { days, type EpochMs, hours, minutes, seconds } from '../../src/domain/time.ts';
import { createInventory } from '../../src/inventory/create.ts';
import { openSegments } from '../../src/platform/segments.ts';
import type { BacktestAnswer } from '../../src/recording/backtest/question.ts';
import { runBacktest } from '../../src/recording/backtest/run.ts';
import type { Input } from '../../src/recording/input.ts';
import { encodeFrame } from '../../src/recording/kept/frame.ts';
import { NumberCode } from '../../src/recording/kept/line.ts';
import { Thinner } from '../../src/recording/kept/thin.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { loadShipped } from '../support/shipped-rules.ts';
import { atMost, type Row } from './report.ts';

const start = Date.UTC(2026, 9, 22);
const idOf = (i: number): string => `unit-${i}.service`;
const good: Readonly<Record<string, AttributeReading>> = {
  type: 'service',
  description: 'One of many',
  watched: true,
  wanted: true,
  present: true,
  loadState: 'loaded',
  activeState: 'active',
  subState: 'running',
  result: 'success',
  nRestarts: 0,
  restarting: false,
  gaveUp: false,
  jobResult: null,
  needDaemonReload: false,
  memoryBytes: 50_000_000,
  cpuSeconds: 1,
  tasks: 4,
};
const failed = { activeState: 'failed', subState: 'failed', result: 'exit-code' };
const well = { activeState: 'active', subState: 'running', result: 'success' };

const inputOf = (id: string, attributes: Readonly<Record<string, AttributeReading>>): Input => ({
  type: 'reading',
  collector: 'systemd',
  reading: partial([{ kind: 'systemd.unit', id, attributes }]),
});

/** The same on every run; what repeats itself would be compressed to nothing. */
function createNoise(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Keeping {
  readonly units: number;
  readonly cpuShare: number;
  readonly bytesPerMinute: number;
  readonly longestHoldMs: number;
}

/** Three numbers of each unit change every minute, and some units change their state. */
async function measureKeeping(units: number, span: number): Promise<Keeping> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const clock = new FakeClock(start);
  const inventory = createInventory();
  const segments = openSegments(folder, suffix);
  const limits = { age: days(30), size: 256 * 1024 * 1024 };
  const log = new ReadingsLog({
    kinds,
    inventory,
    clock,
    segments,
    limits: () => limits,
    onState: (why) => {
      if (why !== null) throw new Error(why);
    },
  });
  const tell = (id: string, attributes: Readonly<Record<string, AttributeReading>>): void => {
    const input = inputOf(id, attributes);
    if (input.type !== 'reading') return;
    const differences = inventory.apply('systemd', input.reading, clock.now());
    const began = process.cpuUsage();
    log.tap(input, clock.now(), { differences, changes: [] });
    tapped += usedSince(began);
  };
  let tapped = 0;
  for (let i = 0; i < units; i++) tell(idOf(i), good);
  log.start();
  await log.flush();
  const bytesNow = (): number => segments.list().reduce((sum, { bytes }) => sum + bytes, 0);
  const before = bytesNow();
  const noise = createNoise();
  let used = 0;
  tapped = 0;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  for (let minute = 0; minute < span; minute++) {
    for (let i = 0; i < units; i++) {
      const numbers = {
        memoryBytes: 50_000_000 + Math.floor(noise() * 1000) * 4096,
        cpuSeconds: minute * 0.37 + i + noise(),
        tasks: 4 + ((i + minute) % 5),
      };
      const state = (i + minute) % 500 === 0 ? failed : {};
      tell(idOf(i), { ...numbers, ...state });
    }
    // What was told just now is over before anything is measured.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
    const began = process.cpuUsage();
    delay.enable();
    await clock.advance(minutes(1));
    // The minute looks at the resources in slices, and lets others run in between.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    await log.flush();
    delay.disable();
    used += usedSince(began);
  }
  await log.stop();
  const bytes = bytesNow() - before;
  rmSync(folder, { recursive: true });
  return {
    units,
    cpuShare: (used + tapped) / (span * seconds(60)),
    bytesPerMinute: bytes / span,
    longestHoldMs: delay.max / 1e6,
  };
}

function usedSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

interface Played {
  readonly units: number;
  readonly what: string;
  /** Of a processor. */
  readonly seconds: number;
  readonly inputs: number;
  readonly kiB: number;
}

interface Past {
  readonly segments: readonly (() => Buffer)[];
  readonly bytes: number;
}

/** Days in which each unit fails and recovers `perDay` times; a number of `gauged` units changes each minute. */
function makePast(units: number, span: number, perDay: number, gauged: number): Past {
  const segments: Buffer[] = [];
  const inventory = createInventory();
  const thinner = new Thinner(kinds);
  const apply = (input: Input, at: EpochMs): void => {
    if (input.type !== 'reading') return;
    thinner.take(input, at, inventory.apply('systemd', input.reading, at));
  };
  for (let i = 0; i < units; i++) apply(inputOf(idOf(i), good), start);
  thinner.drain();
  const steps = Math.round((units * perDay * 2) / 4);
  for (let from = start; from < start + days(span); from += hours(6)) {
    const frame = (type: 'S' | 'F' | 'N', kind: string, to: EpochMs, lines: readonly unknown[]) =>
      encodeFrame(
        { type, kind, from, to },
        lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
      );
    const head = { at: from, continues: from > start };
    const frames = [frame('S', '', from, [head, ...thinner.snapshot(inventory.list())])];
    const code = new NumberCode();
    let step = 0;
    for (let minute = 1; minute <= 360; minute++) {
      const to = from + minutes(minute);
      for (; step < (steps * minute) / 360; step++) {
        const unit = (step * 7919 + Math.floor(from / 1000)) % units;
        const isFailed =
          inventory.find({ kind: 'systemd.unit', id: idOf(unit) })?.attributes.activeState ===
          'failed';
        apply(inputOf(idOf(unit), isFailed ? well : failed), to);
      }
      for (let i = 0; i < gauged; i++)
        apply(inputOf(idOf(i), { memoryBytes: 1_000_000 + ((minute * 7919 + i) % 999_983) }), to);
      const rows = thinner.numbersOf('systemd.unit', inventory.list('systemd.unit'));
      for (const [kind, lines] of thinner.drain()) frames.push(frame('F', kind, to, lines));
      const line = { n: thinner.place(), at: to, c: 'systemd', ...code.encode(rows) };
      if (rows.length > 0) frames.push(frame('N', 'systemd.unit', to, [line]));
    }
    segments.push(Buffer.concat(frames));
  }
  return {
    segments: segments.map((bytes) => () => bytes),
    bytes: segments.reduce((sum, { length }) => sum + length, 0),
  };
}

const ruleOf = (when: string): string => `rules:
  - id: unit-failed
    kind: systemd.unit
    when: ${when}
    for: 5m
    severity: warning
    source: system
    title: "{{ unit.id }} failed"
`;

function play(past: Past, units: number, what: string, span: number, when: string): Played {
  const { files } = loadShipped();
  const began = process.cpuUsage();
  const answer: BacktestAnswer = runBacktest({
    question: {
      kinds,
      files,
      text: ruleOf(when),
      name: 'request.yaml',
      since: start,
      until: start + days(span),
      silences: [],
      flapping: null,
      whole: false,
    },
    segments: past.segments,
    onProgress: () => {},
  });
  if (answer.type !== 'done') throw new Error(JSON.stringify(answer));
  const [rule] = answer.rules;
  if ((rule?.candidate?.fired ?? 0) === 0) throw new Error('nothing fired');
  return {
    units,
    what,
    seconds: usedSince(began) / 1000,
    inputs: answer.inputs,
    kiB: past.bytes / 1024,
  };
}

export async function measureBacktest(quick: boolean): Promise<{
  readonly keeping: Keeping;
  readonly played: readonly Played[];
}> {
  const units = quick ? 500 : 5000;
  const span = quick ? 3 : 30;
  const keeping = await measureKeeping(units, quick ? 5 : 30);
  return { keeping, played: measurePlayed(units, span) };
}

export function measurePlayed(units: number, span: number): readonly Played[] {
  const state = 'unit.watched && unit.activeState == "failed"';
  const gauged = units / 50;
  const words = play(makePast(units, span, 0.5, 0), units, `states, ${span} days`, span, state);
  const what = `a number of ${gauged} units each minute, ${span} days`;
  const either = `unit.memoryBytes > 900000.0 || unit.activeState == "failed"`;
  return [words, play(makePast(units, span, 0.5, gauged), units, what, span, either)];
}

const secondsMax = 60;

export function ofBacktest({
  keeping,
  played,
}: Awaited<ReturnType<typeof measureBacktest>>): readonly Row[] {
  const { units, cpuShare, bytesPerMinute, longestHoldMs } = keeping;
  return [
    {
      what: `keeping readings of ${units} units, 3 numbers each a minute: of a processor`,
      value: `${(cpuShare * 100).toFixed(2)} %`,
      goal: atMost(cpuShare, 0.01, 'at most 1 %'),
    },
    { what: 'longest hold of the loop by it', value: `${longestHoldMs.toFixed(1)} ms` },
    { what: 'written a minute', value: `${(bytesPerMinute / 1024).toFixed(1)} KiB` },
    ...played.map((one) => ({
      what: `backtest of ${one.units} units: ${one.what}`,
      value: `${one.seconds.toFixed(1)} s, ${one.inputs} readings, ${(one.kiB / 1024).toFixed(1)} MiB`,
      goal: atMost(one.seconds, secondsMax, `at most ${secondsMax} s`),
    })),
  ];
}
