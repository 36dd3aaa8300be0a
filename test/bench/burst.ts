/**
 * A burst: many units fail at the same moment. How long after the last failure has a client of the
 * stream the last alert, and which ones does it never get?
 */
import { bootAppliance } from './appliance.ts';
import { startListener } from './listener.ts';
import { type Memory, processorSeconds, readMemory } from './processor.ts';
import { isFailure, startVictims } from './victims.ts';

export interface Burst {
  readonly units: number;
  /** From the first to the last failure, as systemd stamped them. */
  readonly failingMs: number;
  /** From the last failure to the first alert of the last unit at the client. */
  readonly visibleMs: number;
  /** Units of which no alert came within `patienceMs`. */
  readonly lost: readonly string[];
  /** Processor seconds from the blow to the last alert. */
  readonly daemonSeconds: number;
  readonly systemdSeconds: number;
  /** When the last alert was visible. */
  readonly memory: Memory;
}

const patienceMs = 60_000;

/** Resolves with false when the time is over first. */
async function within(limitMs: number, fact: Promise<void>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, limitMs, false);
  void fact.then(() => resolve(true));
  const inTime = await promise;
  clearTimeout(timer);
  return inTime;
}

export async function measureBurst(bundle: string, count: number): Promise<Burst> {
  await using appliance = await bootAppliance(bundle);
  const { container, socket } = appliance;
  const victims = await startVictims(container, count);
  await appliance.startDaemon();
  const pid = await appliance.pidOf('tocsin.service');
  const listener = await startListener(socket);
  const before = { daemon: processorSeconds(pid), systemd: processorSeconds(container.initPid) };
  victims.failAll();
  await within(patienceMs, listener.reached(victims.units, isFailure));
  const daemonSeconds = processorSeconds(pid) - before.daemon;
  const systemdSeconds = processorSeconds(container.initPid) - before.systemd;
  const memory = readMemory(pid);
  listener.stop();
  const failed = await victims.failedUsec();
  const seen = new Map<string, number>();
  for (const one of listener.heard)
    if (isFailure(one) && !seen.has(one.unit)) seen.set(one.unit, one.arrivedUsec);
  const failures = [...failed.values()];
  const last = Math.max(...failures);
  const lastVisible = Math.max(...victims.units.map((unit) => seen.get(unit) ?? 0));
  return {
    units: count,
    failingMs: (last - Math.min(...failures)) / 1000,
    visibleMs: (lastVisible - last) / 1000,
    lost: victims.units.filter((unit) => !seen.has(unit)),
    daemonSeconds,
    systemdSeconds,
    memory,
  };
}
