/**
 * The outbox as those who send see it, in tocsind and, over relay.sock, in tocsin-relay: at most
 * one message of a channel is on its way, so that order holds.
 */
import type { Attempt, Message } from '../domain/message.ts';
import type { Ms } from '../domain/time.ts';

export interface Outbox {
  /**
   * The next message of each of these channels that is due (not before its backoff is over).
   * Waits up to `patience` for one; [] when there was none. Asking again without having reported
   * gives the same messages again.
   */
  next(channels: readonly string[], patience: Ms, signal: AbortSignal): Promise<readonly Message[]>;
  /** Resolves when the attempt is durable. Reporting it twice changes nothing. */
  report(attempt: Attempt): Promise<void>;
}
