/**
 * A burst: many units fail at the same moment. How long after the last failure has a client of the
 * stream the last alert, and which ones does it never get?
 *
 * The floor is the same blow in a container of its own, heard by a bare `busctl monitor`: systemd
 * stamps a failure some time before it finds the time to announce it. A monitor in the same
 * container would take its share of two processors.
 */
import { systemBus } from '../../src/platform/system-bus.ts';
import { bootAppliance } from './appliance.ts';
import { startFloor } from './floor.ts';
import { startListener } from './listener.ts';
import { type Memory, processorSeconds, readMemory } from './processor.ts';
import { isFailure, startVictims } from './victims.ts';

export interface Burst {
  readonly units: number;
  /** From the first to the last failure, as systemd stamped them. */
  readonly failingMs: number;
  /** From the last failure to the first alert of the last unit at the client. */
  readonly visibleMs: number;
  /** Units of which no alert came within `patienceMs`: by id. */
  readonly lost: readonly string[];
  /** Processor seconds from the blow to the last alert. */
  readonly daemonSeconds: number;
  readonly systemdSeconds: number;
  /** When the last alert was visible. */
  readonly memory: Memory;
}

const patienceMs = 60_000;

/** Resolves at the latest when the time is over. */
async function atMost(limitMs: number, fact: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  await Promise.race([fact, promise]);
  clearTimeout(timer);
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
  await atMost(patienceMs, listener.reached(victims.units, isFailure));
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

export interface BareBurst {
  readonly units: number;
  readonly failingMs: number;
  /** From the last failure to the last signal at `busctl monitor`. */
  readonly heardMs: number;
}

export async function measureBareBurst(bundle: string, count: number): Promise<BareBurst> {
  await using appliance = await bootAppliance(bundle);
  const { container } = appliance;
  await container.run('systemctl stop tocsin-local.socket tocsin-api.socket');
  const victims = await startVictims(container, count);
  // systemd announces nothing while nobody has subscribed.
  const outcome = await systemBus(container.busAddress).connect(() => {});
  if (outcome.type === 'refused') throw new Error(outcome.why);
  await outcome.connection.call({
    destination: 'org.freedesktop.systemd1',
    path: '/org/freedesktop/systemd1',
    interface: 'org.freedesktop.systemd1.Manager',
    member: 'Subscribe',
  });
  const floor = await startFloor(container);
  victims.failAll();
  await atMost(patienceMs, floor.reached(count));
  const changed = floor.arrivals.map(({ changedUsec }) => changedUsec);
  const last = Math.max(...changed);
  const heard = Math.max(...floor.arrivals.map(({ arrivedUsec }) => arrivedUsec));
  floor.stop();
  outcome.connection.close();
  return {
    units: changed.length,
    failingMs: (last - Math.min(...changed)) / 1000,
    heardMs: (heard - last) / 1000,
  };
}
