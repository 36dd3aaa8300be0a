/**
 * The contract of a channel: it declares its settings and sends one message. Routing, grouping,
 * budgets, retries, order and the record of attempts are not its business.
 */
import type { Section, ValuesOf } from '../config/readers.ts';
import type { Message, Outcome } from '../domain/message.ts';
import type { Clock } from '../platform/clock.ts';
import type { Command } from '../platform/command.ts';
import type { Http } from '../platform/http.ts';
import type { JournalWriter } from '../platform/journal-write.ts';
import type { Mail } from '../platform/mail.ts';
import type { Secrets } from '../platform/secrets.ts';

/** Doors to the world that a channel may use. */
export interface ChannelPorts {
  readonly clock: Clock;
  readonly command: Command;
  readonly http: Http;
  readonly journal: JournalWriter;
  readonly mail: Mail;
  readonly secrets: Secrets;
}

export interface Sender {
  /**
   * Sends the message once. Never throws for what the world does: that is an outcome. Ends soon
   * after the signal aborts.
   */
  send(message: Message, signal: AbortSignal): Promise<Outcome>;
  /** Gives connections back. */
  close(): Promise<void>;
}

export interface Channel<S extends Section = Section> {
  /** What stands behind `type:` in the settings: `mail`. */
  readonly type: string;
  readonly title: string;
  /** `relay`: needs a network, so it runs in tocsin-relay; `core`: in tocsind. */
  readonly place: 'core' | 'relay';
  /** What can be set for one channel of this type, beside what all channels have. */
  readonly settings: S;
  /** Alerts in one message; the rest is counted. Left out: as many as a person can read. */
  readonly itemsMax?: number;
  open(name: string, settings: ValuesOf<S>, ports: ChannelPorts): Sender;
}

export const defineChannel = <const S extends Section>(channel: Channel<S>): Channel<S> => channel;
