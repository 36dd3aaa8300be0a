/** What delivery writes in one transaction, and what it finds again after a restart. */
import type { Alert } from '../domain/alert.ts';
import type { DeliveryState } from '../domain/delivery.ts';
import type { Attempt, Message } from '../domain/message.ts';
import type { EpochMs } from '../domain/time.ts';

/** The memory of one channel, as JSON of the dispatcher. */
export interface ChannelRow {
  readonly name: string;
  readonly doc: string;
  /** What it was told of is deleted first. */
  readonly forgets: boolean;
}

/** What one channel knows of one alert; `doc` null: nothing any more. */
export interface ToldRow {
  readonly channel: string;
  readonly alertId: string;
  readonly doc: string | null;
}

export interface DeliveryWrites {
  readonly channels: readonly ChannelRow[];
  readonly told: readonly ToldRow[];
  /** New messages. `undo`: what was told before, JSON of the dispatcher by id of the alert. */
  readonly messages: readonly { readonly message: Message; readonly undo: string }[];
  readonly attempts: readonly {
    readonly attempt: Attempt;
    /** When the message is tried again; null: not any more. */
    readonly nextAt: EpochMs | null;
  }[];
  readonly ends: readonly {
    readonly key: string;
    readonly state: Exclude<DeliveryState, 'waiting'>;
    readonly at: EpochMs;
  }[];
}

export interface WaitingMessage {
  readonly message: Message;
  readonly undo: string;
  readonly nextAt: EpochMs | null;
  /** How many attempts have failed, and when the last one was. */
  readonly failures: number;
  readonly lastAttemptAt: EpochMs | null;
}

export interface DeliveryMemory {
  /** Number of the last change that is in this memory; null: none was ever looked at. */
  readonly cursor: number | null;
  readonly channels: readonly Omit<ChannelRow, 'forgets'>[];
  /** With the alert where that is resolved; one that is not stored is left out. */
  readonly told: readonly (ToldRow & { readonly doc: string; readonly alert: Alert | null })[];
  /** Oldest first. */
  readonly waiting: readonly WaitingMessage[];
}
