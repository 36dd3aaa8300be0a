/** Channels and what was told, as operations see them. */
import type { Attempt, Message, Outcome } from '../domain/message.ts';
import type { EpochMs, Ms } from '../domain/time.ts';

export interface ChannelStatus {
  readonly name: string;
  /** `mail`, `webhook`, … */
  readonly type: string;
  readonly place: 'core' | 'relay';
  /** Whether it takes messages; false: `enabled: false`. */
  readonly enabled: boolean;
  /** `unknown` until the first attempt. */
  readonly health: 'healthy' | 'failing' | 'unknown';
  /** Why it fails: what the last attempt said. */
  readonly reason: string | null;
  readonly failingSince: EpochMs | null;
  readonly lastDeliveredAt: EpochMs | null;
  /** Alerts that have news for it and wait, for whatever reason; and since when the oldest does. */
  readonly waiting: number;
  readonly waitingSince: EpochMs | null;
  /** Messages of the last hour, and how many it may take. */
  readonly sentLastHour: number;
  readonly budget: number | null;
  /** What can be set for it, without secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export const deliveryStates = ['waiting', 'delivered', 'refused', 'folded'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** A message with what became of it. */
export interface Delivery {
  /** Grows with each message over all channels; for paging. */
  readonly number: number;
  readonly message: Message;
  /** `folded`: its news went out in a later message. */
  readonly state: DeliveryState;
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

/** What an alert's routes are: which channels tell of it, and which do not, and why. */
export interface RouteView {
  readonly channel: string;
  readonly tells: boolean;
  readonly why: string;
}

export interface DeliveryDesk {
  channels(): readonly ChannelStatus[];
  /**
   * Sends a test message past grouping and budget, once, and waits for what becomes of it.
   * Undefined: there is no such channel.
   */
  test(
    channel: string,
    by: string,
  ): Promise<{ readonly outcome: Outcome; readonly took: Ms } | undefined>;
  list(query: DeliveryQuery): Promise<readonly Delivery[]>;
  /** Undefined: no such alert. */
  routesOf(alertId: string): Promise<readonly RouteView[] | undefined>;
}
