/**
 * What is told to people and programs: one message to one channel. It is made once, stored in the
 * outbox, and never changes: sending it again sends the same text under the same key.
 */
import type { Alert, Severity } from './alert.ts';
import type { EpochMs, Ms } from './time.ts';

/** Why an alert is in a message. */
export const announceReasons = [
  'raised', // told for the first time
  'severity', // its severity has risen or fallen since it was told
  'resolved', // was told as firing, and is over
  'brief', // fired and ended before anybody was told
  'repeat', // still firing after `repeatInterval`, and nobody has acknowledged it
  'unmuted', // a mute has ended, and it still fires
  'escalated', // nobody has acknowledged it for the channel's `after`
] as const;
export type AnnounceReason = (typeof announceReasons)[number];

/** One alert in a message. */
export interface MessageItem {
  /** `ALERT-ID/SEQ`: the same for the same news, whatever message carries it. */
  readonly key: string;
  readonly reason: AnnounceReason;
  /** As it was when the message was made; evidence included. */
  readonly alert: Alert;
  /** Severity with which the channel took it last; left out: it never did. */
  readonly before?: Severity;
  /** How many alerts it is to blame for, and the titles of the first of them. */
  readonly victims: number;
  readonly victimTitles: readonly string[];
}

export const messageTypes = ['alerts', 'digest', 'report', 'reminder', 'test'] as const;

export interface Message {
  /** ULID. A receiver that has seen it may drop it. */
  readonly key: string;
  readonly channel: string;
  /** From 1 without gaps, for each channel. */
  readonly sequence: number;
  readonly at: EpochMs;
  /**
   * `alerts`: news of one group. `digest`: news of many groups, collected because there was an
   * outage, too much for the budget, or nobody at work; `why` says which. The others are no alerts.
   */
  readonly type: (typeof messageTypes)[number];
  /** Of a digest: why it is one, in words. Null otherwise. */
  readonly why: string | null;
  /** Labels that the items have in common by the channel's `groupBy`; {} for a digest. */
  readonly group: Readonly<Record<string, string>>;
  /** Stable for a group over its messages: what a mail thread hangs on. */
  readonly groupKey: string;
  /** The worst first. */
  readonly items: readonly MessageItem[];
  /** Items that the message has no room for. */
  readonly omitted: number;
  /** Of reports, reminders and tests: what is said. Empty otherwise. */
  readonly title: string;
  readonly lines: readonly string[];
  readonly drill: boolean;
  /** Of the machine that tells it. */
  readonly host: string;
}

/** Before the title of an exercise. */
export const drillMark = '[DRILL] ';

/** Such a title in a line that begins with the mark: it stands there once. */
export const withoutMark = (title: string): string =>
  title.startsWith(drillMark) ? title.slice(drillMark.length) : title;

/** What became of one attempt to send a message. */
export type Outcome =
  /** `detail`: what the other side answered, in a few words. */
  | { readonly type: 'delivered'; readonly detail: string }
  /**
   * To be tried again, after `after` where the other side asks for that. `maybe`: it may have
   * arrived all the same (no answer came), so what is sent again must be the same message.
   */
  | {
      readonly type: 'retry';
      readonly why: string;
      readonly maybe: boolean;
      readonly after?: Ms;
    }
  /** It will never take this message; what follows is not held up. */
  | { readonly type: 'refused'; readonly why: string };

/** What the other side answered, or why nothing came of it. */
export const saidOf = (outcome: Outcome): string =>
  outcome.type === 'delivered' ? outcome.detail : outcome.why;

/** One attempt, as it is kept and shown. */
export interface Attempt {
  readonly key: string;
  readonly channel: string;
  readonly at: EpochMs;
  readonly took: Ms;
  readonly outcome: Outcome;
}

/** Something to say that is no alert; it goes to every channel that takes `info`. */
export interface Note {
  readonly type: 'report' | 'reminder';
  /** Telling the same note twice under one key tells it once. */
  readonly key: string;
  readonly title: string;
  readonly lines: readonly string[];
}
