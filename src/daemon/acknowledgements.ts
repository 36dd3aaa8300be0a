/**
 * Acknowledgements until a time: when it has come, they end by themselves. The instant is in the
 * alert, so a restart loses none.
 */
import type { Alert, Change } from '../domain/alert.ts';
import { minutes } from '../domain/time.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Pipeline } from './pipeline.ts';

/** The instant is one of the wall clock, which may be set meanwhile: looked at this often. */
const lookEvery = minutes(1);

export class Acknowledgements {
  readonly #clock: Clock;
  readonly #pipeline: Pick<Pipeline, 'act'>;
  readonly #timers = new Map<string, Timer>();

  constructor(clock: Clock, pipeline: Pick<Pipeline, 'act'>, active: readonly Alert[]) {
    this.#clock = clock;
    this.#pipeline = pipeline;
    for (const alert of active) this.#follow(alert);
  }

  /** Looks which of the changes begin or end an acknowledgement. */
  take(changes: readonly Change[]): void {
    for (const { alert } of changes) this.#follow(alert);
  }

  #follow(alert: Alert): void {
    this.#timers.get(alert.id)?.cancel();
    this.#timers.delete(alert.id);
    const until = alert.phase === 'resolved' ? null : alert.acknowledgedUntil;
    if (until === null) return;
    const left = until - this.#clock.now();
    const timer = this.#clock.after(Math.max(0, Math.min(left, lookEvery)), () => {
      if (this.#clock.now() < until) this.#follow(alert);
      else void this.#end(alert.id);
    });
    this.#timers.set(alert.id, timer);
  }

  async #end(id: string): Promise<void> {
    const comment = 'the time it was acknowledged for is over';
    await this.#pipeline.act(id, { type: 'unacknowledge', comment }, 'tocsin');
  }
}
