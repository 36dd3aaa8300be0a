/** Silences and maintenance windows, as operations and the Alertmanager door see them. */
import type { Maintenance, MatcherText, Schedule, Silence } from '../domain/mute.ts';
import type { EpochMs, Ms } from '../domain/time.ts';

/** What is asked for; who asks is told apart from it. */
export interface SilenceDraft {
  /** Of the silence to change; left out for a new one. */
  readonly id?: string;
  readonly matchers: readonly MatcherText[];
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  readonly comment: string;
  /** A name that the client gave. */
  readonly createdBy?: string;
}

export interface MaintenanceDraft {
  readonly matchers: readonly MatcherText[];
  readonly schedule: Schedule;
  readonly comment: string;
  readonly createdBy?: string;
}

/** A moment at which a window is open, or will be. */
export interface Opening {
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
}

export type MuteAnswer<T> =
  | { readonly type: 'done'; readonly value: T }
  | { readonly type: 'unknown' }
  /** It cannot be: too long, over already, a calendar that systemd refuses. */
  | { readonly type: 'wrong'; readonly field: string; readonly why: string }
  | { readonly type: 'unstored'; readonly why: string };

export interface Mutes {
  /** Longest time that a silence may last (setting `mutes.longest`). */
  readonly longest: () => Ms;
  /** Those that are over, too, as long as they are kept; the newest first. */
  silences(): readonly Silence[];
  /**
   * Resolves when it is durable and in force. A changed one keeps its id only where Alertmanager
   * would keep it (same matchers and start); else the old one ends and the answer has a new id.
   */
  saveSilence(draft: SilenceDraft, by: string): Promise<MuteAnswer<Silence>>;
  /** Ending one that is over is done already. */
  expireSilence(id: string, by: string): Promise<MuteAnswer<Silence>>;
  windows(): readonly Maintenance[];
  /** When the window is open now, or opens next; null: never again, or not yet reckoned. */
  openingOf(id: string): Opening | null;
  addWindow(draft: MaintenanceDraft, by: string): Promise<MuteAnswer<Maintenance>>;
  /** Ends it for good; one that is open closes at once. */
  endWindow(id: string, by: string): Promise<MuteAnswer<Maintenance>>;
}
