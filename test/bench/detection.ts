/**
 * Detection: from the instant at which systemd says that a unit failed to the alert at a client of
 * the stream, against a bare `busctl monitor` that hears the same signal in the same trial.
 */
import { bootAppliance } from './appliance.ts';
import { startFloor } from './floor.ts';
import { startListener } from './listener.ts';
import { type Spread, spreadOf } from './statistics.ts';
import { isFailure, startVictims } from './victims.ts';

export interface Detection {
  readonly trials: number;
  /** All in milliseconds. */
  readonly tocsin: Spread;
  readonly floor: Spread;
  /** Of each trial, tocsin less floor: what tocsin adds. */
  readonly behind: Spread;
  /** tocsin's p95 less the floor's: the goal's figure. */
  readonly p95Behind: number;
  /** Of the very first failure that this daemon saw. */
  readonly first: number;
}

/** Compiled code and warm caches, as a daemon has that runs for a while; the first is told apart. */
const warmUp = 20;

export async function measureDetection(bundle: string, trials: number): Promise<Detection> {
  await using appliance = await bootAppliance(bundle);
  const { container, socket } = appliance;
  const victims = await startVictims(container, trials + warmUp);
  await appliance.startDaemon();
  const listener = await startListener(socket);
  const floor = await startFloor(container);
  for (const unit of victims.units) {
    const heard = Promise.all([
      listener.reached([unit], isFailure),
      floor.reached(floor.arrivals.length + 1),
    ]);
    victims.fail(unit);
    await heard;
  }
  floor.stop();
  listener.stop();
  const alerts = new Map(
    listener.heard.filter(isFailure).map(({ unit, arrivedUsec }) => [unit, arrivedUsec]),
  );
  const all = floor.arrivals.map(({ unit, changedUsec, arrivedUsec }) => ({
    floor: (arrivedUsec - changedUsec) / 1000,
    tocsin: ((alerts.get(unit) ?? Number.NaN) - changedUsec) / 1000,
  }));
  const counted = all.slice(warmUp);
  const tocsin = spreadOf(counted.map((one) => one.tocsin));
  const bare = spreadOf(counted.map((one) => one.floor));
  return {
    trials: counted.length,
    first: all[0]?.tocsin ?? Number.NaN,
    tocsin,
    floor: bare,
    behind: spreadOf(counted.map((one) => one.tocsin - one.floor)),
    p95Behind: tocsin.p95 - bare.p95,
  };
}
