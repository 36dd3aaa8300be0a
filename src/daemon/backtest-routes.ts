/**
 * Who would have been told in a backtest: the daemon's own dispatcher, with channels that take
 * every message at once. Outages of that time are not played.
 */
import type { Member } from '../config/readers.ts';
import { Dispatcher } from '../delivery/dispatch/dispatcher.ts';
import { profileOf } from '../delivery/profile.ts';
import type { Alert, Change } from '../domain/alert.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Listener } from '../recording/backtest/sides.ts';

export type Channels = Readonly<Record<string, Member>>;

/** Messages of one channel at one moment; it makes no more where this is reached. */
const messagesAtOnceMax = 1000;

export class Routes implements Listener {
  readonly #dispatcher = new Dispatcher({ host: 'backtest', random: () => 0 });
  readonly #channels: Channels;
  readonly #counts: Map<string, number>;
  readonly #since: EpochMs;
  readonly #active = new Map<string, Alert>();
  #begun = false;
  #due: EpochMs = Number.POSITIVE_INFINITY;

  /** What is told before `since` is not counted. */
  constructor(channels: Channels, since: EpochMs) {
    this.#channels = channels;
    this.#since = since;
    const names = Object.keys(channels);
    this.#counts = new Map(names.map((name) => [name, 0]));
  }

  take(changes: readonly Change[], at: EpochMs): void {
    if (!this.#begun) this.#begin(at);
    this.#tendUntil(at);
    for (const change of changes) {
      const { alert } = change;
      if (alert.phase === 'resolved') this.#active.delete(alert.id);
      else this.#active.set(alert.id, alert);
      this.#dispatcher.take(change);
    }
    this.#tend(at);
  }

  counts(until: EpochMs): ReadonlyMap<string, number> {
    this.#tendUntil(until);
    return this.#counts;
  }

  #begin(at: EpochMs): void {
    this.#begun = true;
    // Where a channel is set up does not matter here.
    const profiles = Object.entries(this.#channels).map(([name, member]) =>
      profileOf(name, member, 'core'),
    );
    this.#dispatcher.configure(profiles, [], at);
  }

  #tendUntil(at: EpochMs): void {
    while (this.#due <= at) this.#tend(this.#due);
  }

  #tend(now: EpochMs): void {
    this.#due = this.#dispatcher.tend(now);
    this.#store();
    for (const channel of this.#counts.keys()) this.#deliver(channel, now);
    // Whatever is due at this very moment is done; time goes on.
    if (this.#due <= now) this.#due = now + 1;
  }

  /** There is no store, so all is stored at once. */
  #store(): void {
    if (!this.#dispatcher.writes.isEmpty()) this.#dispatcher.writes.take().durable();
  }

  #deliver(channel: string, now: EpochMs): void {
    for (let count = 0; count < messagesAtOnceMax; count++) {
      const message = this.#dispatcher.give(channel, now, true);
      if (message === undefined) return;
      if (now > this.#since) this.#counts.set(channel, (this.#counts.get(channel) ?? 0) + 1);
      const outcome = { type: 'delivered', detail: '' } as const;
      this.#dispatcher.attempt({ key: message.key, channel, at: now, took: 0, outcome }, now);
      this.#store();
      this.#due = this.#dispatcher.tend(now);
    }
  }
}
