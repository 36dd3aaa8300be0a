/** Channels and what was told, as operations see them. */
import type { Delivery, DeliveryQuery } from '../domain/delivery.ts';
import type { Note, Outcome } from '../domain/message.ts';
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

/** What an alert's routes are: which channels tell of it, and which do not, and why. */
export interface RouteView {
  readonly channel: string;
  readonly tells: boolean;
  readonly why: string;
}

/** Critical alerts that nobody was told of in time. */
export interface Untold {
  /** They fire, nothing mutes them, nobody has acknowledged them, and no channel has taken them. */
  readonly alertIds: readonly string[];
  /** Since when the one that waits longest should have been told; null when there is none. */
  readonly since: EpochMs | null;
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
  /** What has waited longer than the setting `delivery.nobodyToldAfter`. */
  untold(): Untold;
  /** Says something that is no alert, to every channel that takes `info`; once for one key. */
  tell(note: Note): Promise<void>;
  /** Undefined: no such alert. */
  routesOf(alertId: string): Promise<readonly RouteView[] | undefined>;
}
