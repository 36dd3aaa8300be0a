/**
 * tocsin watches its own telling: each channel, and what nobody was told of, as resources that
 * ordinary rules (`channel-failing`, `nobody-told`) judge; and cries when the latter fires.
 */
import { channel, delivery } from '../collectors/self/kinds.ts';
import { reachesSomebody } from '../delivery/profile.ts';
import type { Alert } from '../domain/alert.ts';
import { complete, type Reading, reading } from '../domain/reading.ts';
import { seconds } from '../domain/time.ts';
import type { ChannelStatus, DeliveryDesk } from '../operations/house-delivery.ts';
import type { Clock, Timer } from '../platform/clock.ts';
import type { Publication } from './publication.ts';

/** Nothing here is urgent to the second: what is judged lasts minutes. */
const lookEvery = seconds(10);
/** In a storm of changes it does not look at all alerts for each of them. */
const cryWithin = seconds(1);
/** The rule in collectors/self/rules.yaml. */
export const nobodyTold = 'nobody-told';

const readingOf = (one: ChannelStatus) =>
  reading(channel, one.name, {
    type: one.type,
    place: one.place,
    enabled: one.enabled,
    health: one.health,
    reason: one.reason,
    failingSince: one.failingSince,
    deliveredAt: one.lastDeliveredAt,
    waiting: one.waiting,
    waitingSince: one.waitingSince,
  });

/** All there is: a channel that was removed from the settings is gone. */
export function deliveryReading(desk: Pick<DeliveryDesk, 'channels' | 'untold'>): Reading {
  const channels = desk.channels();
  const { alertIds, since } = desk.untold();
  const counted = channels.filter((one) => one.enabled && reachesSomebody(one));
  return complete([
    ...channels.map(readingOf),
    reading(delivery, 'system', {
      channels: counted.length,
      untold: alertIds.length,
      untoldSince: since,
    }),
  ]);
}

export interface DeliveryWatchParts {
  readonly desk: Pick<DeliveryDesk, 'channels' | 'untold'>;
  readonly clock: Clock;
  readonly publication: Pick<Publication, 'active' | 'onRing'>;
  readonly tell: (reading: Reading) => void;
  readonly cry: (alert: Alert) => void;
}

export class DeliveryWatch {
  readonly #parts: DeliveryWatchParts;
  #timer: Timer | undefined;
  #crying: Timer | undefined;
  #unsubscribe: (() => void) | undefined;
  /** The alert that was cried last; one that still fires after a restart is cried once more. */
  #cried: string | undefined;

  constructor(parts: DeliveryWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#unsubscribe = this.#parts.publication.onRing(() => this.#listen());
    this.#look();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#crying?.cancel();
    this.#unsubscribe?.();
  }

  #look(): void {
    const { clock, desk, tell } = this.#parts;
    tell(deliveryReading(desk));
    this.#timer = clock.after(lookEvery, () => this.#look());
  }

  #listen(): void {
    this.#crying ??= this.#parts.clock.after(cryWithin, () => this.#cryOut());
  }

  #cryOut(): void {
    const { publication, cry } = this.#parts;
    this.#crying = undefined;
    const alert = publication
      .active()
      .find(({ rule, phase }) => rule === nobodyTold && phase === 'firing');
    if (alert === undefined || alert.id === this.#cried) return;
    this.#cried = alert.id;
    cry(alert);
  }
}
