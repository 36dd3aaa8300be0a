/** Messages with what became of them: what was told to whom, and when. */
import type { Attempt, Message } from './message.ts';
import type { EpochMs } from './time.ts';

export const deliveryStates = [
  'waiting',
  'delivered',
  'refused', // it will never be taken, or its channel was removed, or a test was not taken at once
  'folded', // its news went out in a later message
] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export interface Delivery {
  /** Grows with each message over all channels; for paging. */
  readonly number: number;
  /** Its alerts without evidence and without the ids of their victims. */
  readonly message: Message;
  readonly state: DeliveryState;
  /** Oldest first; of very many, the latest. */
  readonly attempts: readonly Attempt[];
  readonly nextAttemptAt: EpochMs | null;
}

export interface DeliveryQuery {
  readonly channel?: string;
  readonly state?: readonly DeliveryState[];
  /** Messages in which this alert is named. */
  readonly alertId?: string;
  readonly since?: EpochMs;
  /** Newest first, below this number. */
  readonly before?: number;
  readonly limit: number;
}
