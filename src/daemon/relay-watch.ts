/**
 * Whether tocsin-relay does its work: when channels need it and it has not asked for a minute,
 * the component `relay` is degraded.
 */
import { type Ms, minutes, rfc3339, seconds } from '../domain/time.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { HealthBoard } from './health.ts';

/** It asks every 25 s at the latest. */
const silentMax: Ms = minutes(1);
const lookEvery: Ms = seconds(10);

export interface RelayWatch {
  /** It has asked. */
  asked(): void;
  stop(): void;
}

export function watchRelay(parts: {
  readonly clock: Clock;
  readonly health: Pick<HealthBoard, 'set'>;
  /** Channels that only the relay can serve. */
  readonly channels: () => readonly string[];
}): RelayWatch {
  const { channels, clock, health } = parts;
  let askedAt: { readonly elapsed: Ms; readonly text: string } | undefined;
  let neededAt = clock.monotonic();
  let timer: Timer;
  let told = false;

  function look(): void {
    timer = clock.after(lookEvery, look);
    const needed = channels();
    if (needed.length === 0) neededAt = clock.monotonic();
    const since = Math.max(neededAt, askedAt?.elapsed ?? 0);
    const silent = needed.length > 0 && clock.monotonic() - since > silentMax;
    // A machine that never needed a relay has no such component.
    if (needed.length === 0 && !told) return;
    told = true;
    const last = askedAt === undefined ? 'has not asked yet' : `last asked at ${askedAt.text}`;
    const reason =
      `tocsin-relay ${last}: nothing goes out over ${needed.join(', ')}. ` +
      'Look at "systemctl status tocsin-relay"; to start it: "systemctl start tocsin-relay".';
    health.set('relay', 'relay', {
      status: silent ? 'degraded' : 'healthy',
      reason: silent ? reason : null,
    });
  }

  timer = clock.after(lookEvery, look);
  return {
    asked() {
      askedAt = { elapsed: clock.monotonic(), text: rfc3339(clock.now()) };
    },
    stop: () => timer.cancel(),
  };
}
