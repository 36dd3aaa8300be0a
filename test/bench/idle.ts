/**
 * What watching costs while nothing happens: processor and memory of the daemon, and what it makes
 * systemd and the bus do, with so many units loaded.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Container } from '../support/container.ts';
import { bootAppliance } from './appliance.ts';
import { type Memory, processorSeconds, readMemory } from './processor.ts';

/** Processor seconds, scaled to ten minutes. */
export interface IdleCost {
  /** tocsind, all threads. */
  readonly daemon: number;
  /** All of tocsin.service: journalctl, too. */
  readonly service: number;
  readonly systemd: number;
  readonly bus: number;
}

export interface Idle {
  /** Loaded, by `systemctl list-units --all`; what the base brings with it included. */
  readonly units: number;
  readonly windowSeconds: number;
  readonly cost: IdleCost;
  /** The same without tocsin, just before. */
  readonly without: Pick<IdleCost, 'systemd' | 'bus'>;
  readonly memory: Memory;
  /** From `systemctl start` to READY, in milliseconds. */
  readonly startMs: number;
}

const template = `[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
`;
const unitsAtOnce = 500;
const tenMinutes = 600;

async function countUnits(container: Container): Promise<number> {
  const listed = await container.run('systemctl list-units --all --plain --no-legend');
  return listed.trim().split('\n').length;
}

/** As many instances of one template as are missing; they have run and stay active. */
async function load(container: Container, units: number): Promise<void> {
  container.writeFile('/etc/systemd/system/bench-idle@.service', template);
  const missing = Math.max(0, units - (await countUnits(container)));
  for (let first = 1; first <= missing; first += unitsAtOnce) {
    const last = Math.min(missing, first + unitsAtOnce - 1);
    const names = Array.from({ length: last - first + 1 }, (_, i) => `bench-idle@${first + i}`);
    await container.run(['systemctl', 'start', ...names], { timeoutMs: 300_000 });
  }
}

interface Clocks {
  readonly [name: string]: () => number;
}

/** Seconds that each clock went on by in the window, scaled. */
async function during<C extends Clocks>(
  clocks: C,
  windowSeconds: number,
): Promise<{ readonly [K in keyof C]: number }> {
  const read = (): [string, number][] =>
    Object.entries(clocks).map(([name, clock]) => [name, clock()]);
  const before = read();
  await pause(windowSeconds * 1000);
  const scale = tenMinutes / windowSeconds;
  const went = read().map(([name, after], i) => [name, (after - (before[i]?.[1] ?? 0)) * scale]);
  return Object.fromEntries(went) as { readonly [K in keyof C]: number };
}

export async function measureIdle(
  bundle: string,
  wanted: number,
  windowSeconds: number,
  settleSeconds: number,
): Promise<Idle> {
  await using appliance = await bootAppliance(bundle);
  const { container } = appliance;
  await load(container, wanted);
  const bus = await appliance.pidOf('dbus.service');
  const outside = {
    systemd: () => processorSeconds(container.initPid),
    bus: () => processorSeconds(bus),
  };
  const without = await during(outside, Math.min(windowSeconds, 30));
  const began = performance.now();
  await appliance.startDaemon();
  const startMs = performance.now() - began;
  const units = await countUnits(container);
  await pause(settleSeconds * 1000);
  const pid = await appliance.pidOf('tocsin.service');
  const group = `${container.root}/sys/fs/cgroup/system.slice/tocsin.service/cpu.stat`;
  const inside = {
    daemon: () => processorSeconds(pid),
    service: () => Number(/^usage_usec (\d+)/m.exec(readFileSync(group, 'utf8'))?.[1]) / 1e6,
  };
  const cost = await during({ ...outside, ...inside }, windowSeconds);
  return { units, windowSeconds, cost, without, memory: readMemory(pid), startMs };
}
