/** What one look tells of the one before: did the clock jump, was the machine started anew? */
import type { Event } from '../../domain/reading.ts';
import { type EpochMs, type Ms, seconds } from '../../domain/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Watcher } from '../collector.ts';
import { systemHost } from './kinds.ts';

/** A slewed clock is off by 500 ppm at most: 5 ms in 10 s. */
const stepMin: Ms = seconds(2);

/** Compares wall time with time that cannot jump, from look to look. */
export class ClockSteps {
  readonly #clock: Clock;
  /** Wall time when monotonic time was 0. */
  #offset: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = clock.now() - clock.monotonic();
  }

  look(host: string): Event | undefined {
    const now = this.#clock.now();
    const offset = now - this.#clock.monotonic();
    const delta = offset - this.#offset;
    this.#offset = offset;
    if (Math.abs(delta) < stepMin) return undefined;
    return {
      event: 'clock-stepped',
      kind: systemHost.name,
      id: host,
      at: now,
      foundBy: 'reconciliation',
      attributes: { deltaSeconds: Math.round(delta / 100) / 10 },
      key: `${now} ${delta}`,
    };
  }
}

const bootCursor = 'boot';

/**
 * A boot that nobody ordered. While tocsin runs, the cursor says `BOOT running`; when it is stopped
 * in order, as at every shutdown, it says `BOOT stopped`. So the first start of a boot that finds
 * another boot `running` follows a crash, a reset or a loss of power.
 *
 * Not seen: a machine that dies while tocsin is stopped. Seen wrongly: tocsin killed with SIGKILL
 * less than 2 s before an orderly reboot (systemd starts it again after that time).
 */
export class Boots {
  readonly #watcher: Watcher;
  readonly #bootId: string;

  constructor(watcher: Watcher, bootId: string) {
    this.#watcher = watcher;
    this.#bootId = bootId;
  }

  begin(host: string, bootedAt: EpochMs): Event | undefined {
    const [boot = '', state = ''] = (this.#watcher.cursor(bootCursor) ?? '').split(' ');
    this.#save('running');
    if (this.#bootId === '' || boot === this.#bootId || state !== 'running') return undefined;
    return {
      event: 'unexpected-reboot',
      kind: systemHost.name,
      id: host,
      at: bootedAt,
      foundBy: 'reconciliation',
      attributes: { bootId: this.#bootId, lastSeenAt: this.#watcher.lastSeenAt ?? null },
      key: this.#bootId,
    };
  }

  end(): void {
    this.#save('stopped');
  }

  #save(state: 'running' | 'stopped'): void {
    const value = `${this.#bootId} ${state}`;
    if (this.#bootId !== '' && this.#watcher.cursor(bootCursor) !== value)
      this.#watcher.saveCursor(bootCursor, value);
  }
}
